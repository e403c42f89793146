//! Pages of posts, each by the index that its filter asks for.

use tokio_postgres::types::Type;

use super::pipeline::{Parameter, Untyped, bind, borrowed};
use super::statements::{Shape, Statements};
use super::{PostgresStore, decode, read};
use crate::locale::Locale;
use crate::page::{Filter, Page, Position};
use crate::post::{PostId, StoredPost};
use crate::store::Result;

/// Returns the statement of a page, and its parameters.
pub fn statement<'s>(
    statements: &'s Statements,
    filter: &Filter,
    position: Position,
) -> (&'s str, Vec<Parameter>) {
    rows_below(statements, filter, position.cursor, position.limit.probe())
}

fn rows_below<'s>(
    statements: &'s Statements,
    filter: &Filter,
    cursor: Option<PostId>,
    rows: i64,
) -> (&'s str, Vec<Parameter>) {
    // One more than the greatest id: the newest post is below it.
    let newest = i64::from(PostId::MAX.get()) + 1;
    let cursor = cursor.map_or(newest, |id| id.get().into());
    let mut tags = filter.tags.clone();
    tags.sort();
    tags.dedup();
    let pairs = filter.terms(statements.extra_locale());
    // A statement names `category` only where it has to: it may be of a type of the owner's,
    // which is not compared with text.
    let shape = Shape {
        category: filter.category.is_some(),
        tags: !tags.is_empty(),
        extra: !pairs.is_empty(),
        in_main_text: filter.in_main_text && statements.locale.is_some(),
    };
    let mut parameters = vec![
        bind(cursor, Type::INT8),
        bind(filter.since, Type::TIMESTAMPTZ),
        bind(filter.before, Type::TIMESTAMPTZ),
        bind(rows, Type::INT8),
    ];
    let category = filter.category.as_ref();
    if let Some(category) = category {
        parameters.push(bind(Untyped(category.clone()), Type::UNKNOWN));
        parameters.push(bind(category.clone(), Type::TEXT));
    }
    if shape.tags {
        parameters.push(bind(tags, Type::TEXT_ARRAY));
    }
    if shape.extra {
        let (keys, values): (Vec<_>, Vec<_>) =
            pairs.into_iter().map(|pair| (pair.key, pair.value)).unzip();
        parameters.push(bind(keys, Type::TEXT_ARRAY));
        parameters.push(bind(values, Type::TEXT_ARRAY));
    }
    if let Some(locale) = statements.locale
        && !shape.in_main_text
    {
        parameters.push(bind(Untyped(locale.to_string()), Type::UNKNOWN));
        parameters.push(read::of_locale(locale));
    }
    (statements.list(shape), parameters)
}

/// Reads one page, newest id first, in one round trip. Asks again only where links of a tag or values
/// of extra keys turn out to lead to no post.
pub async fn list(
    store: &PostgresStore,
    filter: &Filter,
    position: Position,
) -> Result<Page<StoredPost>> {
    const OPERATION: &str = "list the posts";
    if !filter.tags.is_empty() && !store.map().stores_tags() {
        // No post carries a tag.
        return Ok(Page {
            items: Vec::new(),
            next_cursor: None,
        });
    }
    let mut posts: Vec<StoredPost> = Vec::new();
    let mut cursor = position.cursor;
    loop {
        let missing = position.limit.probe() - i64::try_from(posts.len()).unwrap_or(i64::MAX);
        let (statement, parameters) = rows_below(&store.statements, filter, cursor, missing);
        let rows = read::query(store, OPERATION, statement, &borrowed(&parameters)).await?;
        decode::check_rows(&rows, missing, OPERATION)?;
        for row in &rows {
            let id = decode::found(row, OPERATION)?;
            // Lower each time: the statement sees to that.
            cursor = Some(id);
            if decode::is_present(row) {
                let locale = decode::text(row, "locale");
                posts.push(StoredPost {
                    locale: locale.as_deref().and_then(Locale::new),
                    ..decode::fields(row).post(id)
                });
            }
        }
        let is_last = i64::try_from(rows.len()).unwrap_or(i64::MAX) < missing;
        if is_last || posts.len() > position.limit.get() {
            return Ok(Page::from_probe(posts, position.limit, |post| post.id));
        }
    }
}
