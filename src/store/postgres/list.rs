//! Pages of posts, each by the index that its filter asks for.

use tokio_postgres::types::Type;

use super::pipeline::{Parameter, bind, borrowed};
use super::{PostgresStore, read};
use crate::page::{Filter, Page, Position};
use crate::post::{PostId, StoredPost};
use crate::store::{Result, StoreError};

/// Every statement begins by finding where a span of time lies among the ids, and ends by
/// reading the rows of the page; between stands the walk.
macro_rules! statement {
    ($walk:literal) => {
        concat!(
            include_str!("list/span.sql"),
            include_str!($walk),
            include_str!("list/rows.sql")
        )
    };
}

const PLAIN: &str = statement!("list/plain.sql");
const BY_CATEGORY: &str = statement!("list/category.sql");
const BY_TAGS: &str = statement!("list/tags.sql");

/// The statement of a page, and its parameters.
pub fn statement(filter: &Filter, position: Position) -> (&'static str, Vec<Parameter>) {
    // One more than the greatest id: the newest post is below it.
    let newest = i64::from(PostId::MAX.get()) + 1;
    let cursor = position.cursor.map_or(newest, |id| id.get().into());
    let mut tags = filter.tags.clone();
    tags.sort();
    tags.dedup();
    let mut parameters = vec![
        bind(cursor, Type::INT8),
        bind(filter.since, Type::TIMESTAMPTZ),
        bind(filter.before, Type::TIMESTAMPTZ),
        bind(position.limit.probe(), Type::INT8),
    ];
    let category = bind(filter.category.clone(), Type::TEXT);
    let statement = if !tags.is_empty() {
        parameters.extend([category, bind(tags, Type::TEXT_ARRAY)]);
        BY_TAGS
    } else if filter.category.is_some() {
        parameters.push(category);
        BY_CATEGORY
    } else {
        PLAIN
    };
    (statement, parameters)
}

/// Reads one page, newest id first, in one round trip.
pub async fn list(
    store: &PostgresStore,
    filter: &Filter,
    position: Position,
) -> Result<Page<StoredPost>> {
    const OPERATION: &str = "list the posts";
    let (statement, parameters) = statement(filter, position);
    let rows = read::query(store, OPERATION, statement, &borrowed(&parameters)).await?;
    let posts = rows
        .iter()
        .map(read::stored_post)
        .collect::<Option<Vec<_>>>();
    let posts =
        posts.ok_or_else(|| StoreError::failed(OPERATION)("the table holds an id below 1"))?;
    Ok(Page::from_probe(posts, position.limit, |post| post.id))
}
