//! Finding posts by their terms.
//!
//! FTS5 keeps the ids of each term in order, so that a page is one walk down those ids from
//! the cursor on, in step where several terms must meet. A category and a tag are terms like
//! any other, and so is a locale; a span of time bounds the walk as it does a listing's.

use rusqlite::{Connection, Row, ToSql};

use super::catalog::has_column;
use super::error::failed;
use super::list::{micros, span};
use super::rows::{ABOVE_ALL, text, with_body};
use super::statements::{
    FOUND, FOUND_IN_LOCALE, POSTS_IN_LOCALE, Present, SHOW, SHOW_IN_LOCALE, SHOW_SLUG,
    SHOW_SLUG_IN_LOCALE, TRANSLATED, columns, untracked,
};
use super::terms::{any_of, extra_match, first_text, locale_match};
use crate::locale::Locale;
use crate::page::{Filter, PostKey};
use crate::post::{Field, PostId, StoredPost};
use crate::search::{Requirement, TermMatch, category_term, tag_term};
use crate::store::{Candidate, MAX_BODIES_BYTES, MAX_INLINE_BODY, Result, SearchRequest, Text};

const OPERATION: &str = "read the posts";

/// Finds candidates, newest id first, in the caller's transaction.
pub(super) fn candidates(
    connection: &Connection,
    request: &SearchRequest<'_>,
    locale: Option<Locale>,
) -> Result<Vec<Candidate>> {
    let filter = request.filter;
    let upper = request.cursor.map_or(ABOVE_ALL, |id| id.get().into());
    let candidates = || {
        let Some(span) = span(connection, filter, upper)? else {
            return Ok(Vec::new());
        };
        let (sql, lower, upper): (&str, _, _) = match locale {
            None => (&FOUND, span.lower, span.upper),
            Some(_) => (
                &FOUND_IN_LOCALE,
                first_text(span.lower),
                first_text(span.upper),
            ),
        };
        let mut statement = connection.prepare_cached(sql)?;
        let mut bind = |name: &str, value: &dyn ToSql| match statement.parameter_index(name)? {
            Some(index) => statement.raw_bind_parameter(index, value),
            // Only one of the statements has a locale.
            None => Ok(()),
        };
        bind(":query", &query(request.requirement, filter, locale))?;
        bind(":lower", &lower)?;
        bind(":upper", &upper)?;
        bind(":since", &micros(filter.since))?;
        bind(":before", &micros(filter.before))?;
        bind(":rows", &i64::try_from(request.rows).unwrap_or(i64::MAX))?;
        bind(
            ":longest",
            &i64::try_from(MAX_INLINE_BODY).unwrap_or(i64::MAX),
        )?;
        bind(":locale", &locale.as_ref().map(Locale::as_str))?;
        let candidates = statement.raw_query().mapped(|row| {
            let is_long: bool = row.get("is_long")?;
            let (post, body) = with_body(row, "body")?;
            let body = (!is_long).then(|| body.unwrap_or_default());
            let post = StoredPost { locale, ..post };
            Ok(Candidate { post, body })
        });
        candidates.collect()
    };
    candidates().map_err(failed(connection, "search"))
}

/// Reads whole bodies, newest first, up to [`MAX_BODIES_BYTES`], in the caller's transaction.
pub(super) fn bodies(
    connection: &Connection,
    ids: &[PostId],
    locale: Option<Locale>,
) -> Result<Vec<(PostId, String)>> {
    let sql = match locale {
        None => "SELECT content AS body FROM post WHERE id = :key",
        Some(_) => {
            "SELECT content AS body FROM post_translation
             WHERE post_id = :key AND locale = :locale"
        }
    };
    newest_first(ids, body_bytes, |id| {
        one(connection, sql, &id.get(), locale, |row| {
            Ok((id, text(row, "body").unwrap_or_default()))
        })
        .map_err(failed(connection, OPERATION))
    })
}

/// Reads posts and whole bodies, as [`bodies`] does; also posts that have no text in the locale.
pub(super) fn posts(
    connection: &Connection,
    ids: &[PostId],
    locale: Option<Locale>,
) -> Result<Vec<(StoredPost, String)>> {
    let statement: &str = match locale {
        None => &SHOW,
        Some(_) => &POSTS_IN_LOCALE,
    };
    newest_first(ids, body_bytes, |id| {
        one(connection, statement, &id.get(), locale, |row| {
            post_and_body(row, locale)
        })
        .map_err(failed(connection, OPERATION))
    })
}

/// Reads the texts of posts in each of these locales, newest id first.
pub(super) fn texts(
    connection: &Connection,
    ids: &[PostId],
    locales: &[Locale],
    with_content: bool,
) -> Result<Vec<Text>> {
    let mut texts = Vec::new();
    let mut ids = ids.to_vec();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    for id in ids {
        for locale in locales {
            let locale = Some(*locale);
            let text = one(connection, &SHOW_IN_LOCALE, &id.get(), locale, |row| {
                post_and_body(row, locale)
            });
            let text = text.map_err(failed(connection, OPERATION))?;
            texts.extend(text.map(|(post, body)| (post, with_content.then_some(body))));
        }
    }
    Ok(texts)
}

/// Reads posts of a store without blogctl's tables, as [`posts`] does.
pub(super) fn untracked_posts(
    connection: &Connection,
    ids: &[PostId],
    locale: Option<Locale>,
) -> Result<Vec<(StoredPost, String)>> {
    let present = || -> rusqlite::Result<_> {
        let has = |table, column| has_column(connection, table, column);
        let of = |table, columns: Vec<&'static str>| -> rusqlite::Result<Vec<_>> {
            let mut there = Vec::new();
            for column in columns {
                if has(table, column)? {
                    there.push(column);
                }
            }
            Ok(there)
        };
        let post = columns().into_iter().map(Field::name).chain(["content"]);
        let texts = TRANSLATED.iter().copied().map(Field::name);
        let texts = texts.chain(["content", "post_id", "locale"]);
        Ok(Present {
            post: of("post", post.collect())?,
            texts: match locale {
                Some(_) => Some(of("post_translation", texts.collect())?),
                None => None,
            },
            has_tags: has("post_tag", "post_id")?
                && has("post_tag", "tag_id")?
                && has("tag", "id")?
                && has("tag", "name")?,
        })
    };
    let statement = untracked(&present().map_err(failed(connection, OPERATION))?);
    newest_first(ids, body_bytes, |id| {
        one(connection, &statement, &id.get(), locale, |row| {
            post_and_body(row, locale)
        })
        .map_err(failed(connection, OPERATION))
    })
}

/// Reads one post and its Markdown.
pub(super) fn shown(
    connection: &Connection,
    key: PostKey<'_>,
    locale: Option<Locale>,
) -> rusqlite::Result<Option<(StoredPost, String)>> {
    let read = |row: &Row<'_>| post_and_body(row, locale);
    match key {
        PostKey::Id(id) => {
            let sql: &str = match locale {
                None => &SHOW,
                Some(_) => &SHOW_IN_LOCALE,
            };
            one(connection, sql, &id.get(), locale, read)
        }
        PostKey::Slug(slug) => {
            let sql: &str = match locale {
                None => &SHOW_SLUG,
                Some(_) => &SHOW_SLUG_IN_LOCALE,
            };
            one(connection, sql, &slug, locale, read)
        }
    }
}

fn post_and_body(row: &Row<'_>, locale: Option<Locale>) -> rusqlite::Result<(StoredPost, String)> {
    let (post, body) = with_body(row, "content")?;
    Ok((StoredPost { locale, ..post }, body.unwrap_or_default()))
}

/// Reads the row that a statement finds by a key, and by a locale if it asks for one.
fn one<T>(
    connection: &Connection,
    statement: &str,
    key: &dyn ToSql,
    locale: Option<Locale>,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    let mut statement = connection.prepare_cached(statement)?;
    let locale = locale.as_ref().map(Locale::as_str);
    for (name, value) in [(":key", key), (":locale", &locale as &dyn ToSql)] {
        if let Some(index) = statement.parameter_index(name)? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    let mut rows = statement.raw_query();
    rows.next()?.map(read).transpose()
}

fn body_bytes<T>((_, body): &(T, String)) -> usize {
    body.len()
}

/// Reads posts, newest first; ends with the one whose bytes bring all of them to
/// [`MAX_BODIES_BYTES`] or more.
pub(super) fn newest_first<T>(
    ids: &[PostId],
    bytes_of: impl Fn(&T) -> usize,
    mut read: impl FnMut(PostId) -> Result<Option<T>>,
) -> Result<Vec<T>> {
    let mut ids = ids.to_vec();
    ids.sort_unstable_by(|one, other| other.cmp(one));
    let mut bytes = 0;
    let mut found = Vec::new();
    for id in ids {
        if bytes >= MAX_BODIES_BYTES {
            break;
        }
        if let Some(one) = read(id)? {
            bytes += bytes_of(&one);
            found.push(one);
        }
    }
    Ok(found)
}

/// The expression that FTS5 is asked.
fn query(requirement: &Requirement, filter: &Filter, locale: Option<Locale>) -> String {
    let exact = |term: String| vec![TermMatch::Exact(term)];
    let category = filter.category.as_deref().map(category_term).map(exact);
    let tags = filter.tags.iter().map(|tag| exact(tag_term(tag)));
    let pairs = filter.extra.iter().map(|pair| vec![extra_match(pair)]);
    let locale = locale.map(|locale| vec![locale_match(locale)]);
    let wanted = category.into_iter().chain(tags).chain(pairs);
    let wanted: Vec<_> = wanted.chain(locale).collect();
    let all = requirement.all.iter().chain(&wanted).map(|any| any_of(any));
    let mut text = all.collect::<Vec<_>>().join(" AND ");
    // One NOT for all: FTS5 nests each in the one before, and refuses to go deep.
    let none: Vec<_> = requirement.none.iter().map(|any| any_of(any)).collect();
    // A requirement has a condition to meet; without one, nothing is found.
    if !none.is_empty() && !text.is_empty() {
        text = format!("({text}) NOT ({})", none.join(" OR "));
    }
    text
}
