//! Finding posts by their terms.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::pipeline::{Parameter, bind, borrowed};
use super::statements::Statements;
use super::{PostgresStore, decode, read};
use crate::locale::Locale;
use crate::page::Filter;
use crate::post::{ExtraTerm, PostId, TextId};
use crate::search::{Requirement, TermMatch, category_term, tag_term};
use crate::store::{Candidate, MAX_INLINE_BODY, Result, SearchRequest};

const OPERATION: &str = "search";

/// Sizes of the blocks of ids that are terms, smallest first: `walk.sql` knows them, too.
const BLOCKS: [i32; 5] = [512, 4_096, 32_768, 262_144, 2_097_152];

/// Finds candidates, newest id first. Asks again only where posts that were found turn out to
/// have been deleted by someone.
pub async fn search(store: &PostgresStore, request: &SearchRequest<'_>) -> Result<Vec<Candidate>> {
    let locale = store.statements.locale;
    let query = query(request.requirement, request.filter, locale);
    let mut candidates = Vec::new();
    let mut cursor = request.cursor;
    loop {
        let missing = request.rows - candidates.len();
        let rows = find(store, &query, request.filter, cursor, missing).await?;
        let most = i64::try_from(missing).unwrap_or(i64::MAX);
        decode::check_rows(&rows, most, OPERATION)?;
        for row in &rows {
            let id = decode::found(row, OPERATION)?;
            // Lower each time: the statement sees to that.
            cursor = Some(id);
            if !decode::is_present(row) {
                continue;
            }
            let is_long = decode::value(row, "is_long") == Ok(true);
            let (mut post, body) = decode::fields(row).post_and_body(id, "body");
            post.locale = locale;
            candidates.push(Candidate {
                post,
                body: (!is_long).then(|| body.unwrap_or_default()),
            });
        }
        if rows.len() < missing || candidates.len() >= request.rows {
            return Ok(candidates);
        }
    }
}

async fn find(
    store: &PostgresStore,
    query: &str,
    filter: &Filter,
    cursor: Option<PostId>,
    rows: usize,
) -> Result<Vec<Row>> {
    let parameters = parameters(query, filter, cursor, rows, store.statements.locale);
    let statement = &store.statements.search;
    read::query_terms(store, OPERATION, statement, &borrowed(&parameters)).await
}

/// Returns the parameters of a search for one requirement.
pub fn parameters_of(statements: &Statements, request: &SearchRequest<'_>) -> Vec<Parameter> {
    let locale = statements.locale;
    let query = query(request.requirement, request.filter, locale);
    parameters(&query, request.filter, request.cursor, request.rows, locale)
}

fn parameters(
    query: &str,
    filter: &Filter,
    cursor: Option<PostId>,
    rows: usize,
    locale: Option<Locale>,
) -> Vec<Parameter> {
    let newest = i64::from(PostId::MAX.get()) + 1;
    let cursor: i64 = cursor.map_or(newest, |id| id.get().into());
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    let longest = i32::try_from(MAX_INLINE_BODY).unwrap_or(i32::MAX);
    let mut parameters = vec![
        bind(cursor, Type::INT8),
        bind(filter.since, Type::TIMESTAMPTZ),
        bind(filter.before, Type::TIMESTAMPTZ),
        bind(rows, Type::INT8),
        bind(query.to_owned(), Type::TEXT),
        bind(longest, Type::INT4),
    ];
    parameters.extend(locale.map(read::of_locale));
    parameters
}

/// The text of a `tsquery`.
fn query(requirement: &Requirement, filter: &Filter, locale: Option<Locale>) -> String {
    let exact = |term: String| vec![TermMatch::Exact(term)];
    let category = filter.category.as_deref().map(category_term).map(exact);
    let tags = filter.tags.iter().map(|tag| exact(tag_term(tag)));
    let pairs = filter.extra.iter().map(|pair| exact(extra_term(pair)));
    let locale = locale.map(locale_term).map(exact);
    let wanted = category.into_iter().chain(tags).chain(pairs);
    let wanted: Vec<_> = wanted.chain(locale).collect();
    let all = requirement.all.iter().chain(&wanted).map(|any| any_of(any));
    let none = requirement
        .none
        .iter()
        .map(|any| format!("!{}", any_of(any)));
    all.chain(none).collect::<Vec<_>>().join(" & ")
}

fn any_of(terms: &[TermMatch]) -> String {
    let terms = terms.iter().map(|term| match term {
        TermMatch::Exact(term) => quoted(term),
        TermMatch::Prefix(term) => format!("{}:*", quoted(term)),
    });
    format!("({})", terms.collect::<Vec<_>>().join(" | "))
}

/// The text of a `tsvector`: a post's terms, those of its extra keys, and the blocks
/// that its id lies in.
pub fn vector(id: TextId, terms: &[String], pairs: &[ExtraTerm]) -> String {
    let mut text = String::with_capacity(terms.iter().map(|term| term.len() + 3).sum());
    for term in terms {
        text.push_str(&quoted(term));
        text.push(' ');
    }
    for pair in pairs {
        text.push_str(&quoted(&extra_term(pair)));
        text.push(' ');
    }
    if let Some(locale) = id.locale {
        text.push_str(&quoted(&locale_term(locale)));
        text.push(' ');
    }
    for (level, ids) in BLOCKS.iter().enumerate() {
        text.push_str(&quoted(&format!(":{level}:{}", id.post.get() / ids)));
        text.push(' ');
    }
    text
}

/// Returns the term of a locale, which each text in it has.
pub fn locale_term(locale: Locale) -> String {
    format!(":l:{locale}")
}

/// Returns the term of an extra key and its value, as `reindex.sql` makes it, too. It has at most
/// 2,045 bytes, which fit into a lexeme: a character takes up to 4 bytes.
fn extra_term(ExtraTerm { key, value }: &ExtraTerm) -> String {
    format!("x{:x}:{key}{value}", key.len())
}

/// A lexeme in quotes, as the input of both types takes it.
fn quoted(term: &str) -> String {
    format!("'{}'", term.replace('\\', "\\\\").replace('\'', "''"))
}
