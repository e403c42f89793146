//! Pages of posts, each by the index that its filter asks for.

use tokio_postgres::types::{ToSql, Type};

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

/// Reads one page, newest id first, in one round trip.
pub async fn list(
    store: &PostgresStore,
    filter: &Filter,
    position: Position,
) -> Result<Page<StoredPost>> {
    const OPERATION: &str = "list the posts";
    // One more than the greatest id: the newest post is below it.
    let newest = i64::from(PostId::MAX.get()) + 1;
    let cursor = position.cursor.map_or(newest, |id| id.get().into());
    let limit = position.limit.probe();
    let mut tags = filter.tags.clone();
    tags.sort();
    tags.dedup();
    let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![
        (&cursor, Type::INT8),
        (&filter.since, Type::TIMESTAMPTZ),
        (&filter.before, Type::TIMESTAMPTZ),
        (&limit, Type::INT8),
    ];
    let category = (&filter.category as &(dyn ToSql + Sync), Type::TEXT);
    let statement = if !tags.is_empty() {
        parameters.extend([category, (&tags, Type::TEXT_ARRAY)]);
        BY_TAGS
    } else if filter.category.is_some() {
        parameters.push(category);
        BY_CATEGORY
    } else {
        PLAIN
    };
    let rows = read::query(store, OPERATION, statement, &parameters).await?;
    let posts = rows
        .iter()
        .map(read::stored_post)
        .collect::<Option<Vec<_>>>();
    let posts =
        posts.ok_or_else(|| StoreError::failed(OPERATION)("the table holds an id below 1"))?;
    Ok(Page::from_probe(posts, position.limit, |post| post.id))
}
