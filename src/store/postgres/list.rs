//! Pages of posts, each by the index that its filter asks for.

use tokio_postgres::types::Type;

use super::pipeline::{Parameter, bind, borrowed};
use super::{PostgresStore, decode, read};
use crate::page::{Filter, Page, Position};
use crate::post::{PostId, StoredPost};
use crate::store::Result;

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
const BY_TAGS_IN_CATEGORY: &str = statement!("list/tags_in_category.sql");

/// The statement of a page, and its parameters.
pub fn statement(filter: &Filter, position: Position) -> (&'static str, Vec<Parameter>) {
    rows_below(filter, position.cursor, position.limit.probe())
}

fn rows_below(
    filter: &Filter,
    cursor: Option<PostId>,
    rows: i64,
) -> (&'static str, Vec<Parameter>) {
    // One more than the greatest id: the newest post is below it.
    let newest = i64::from(PostId::MAX.get()) + 1;
    let cursor = cursor.map_or(newest, |id| id.get().into());
    let mut tags = filter.tags.clone();
    tags.sort();
    tags.dedup();
    let mut parameters = vec![
        bind(cursor, Type::INT8),
        bind(filter.since, Type::TIMESTAMPTZ),
        bind(filter.before, Type::TIMESTAMPTZ),
        bind(rows, Type::INT8),
    ];
    // A statement names `category` only where it has to: it may be of a type of the owner's,
    // which is not compared with text.
    let category = filter.category.as_ref();
    parameters.extend(category.map(|category| bind(category.clone(), Type::TEXT)));
    let statement = match (category, tags.is_empty()) {
        (None, true) => PLAIN,
        (Some(_), true) => BY_CATEGORY,
        (None, false) => BY_TAGS,
        (Some(_), false) => BY_TAGS_IN_CATEGORY,
    };
    if !tags.is_empty() {
        parameters.push(bind(tags, Type::TEXT_ARRAY));
    }
    (statement, parameters)
}

/// Reads one page, newest id first, in one round trip. Asks again only where links of a tag
/// turn out to lead to no post.
pub async fn list(
    store: &PostgresStore,
    filter: &Filter,
    position: Position,
) -> Result<Page<StoredPost>> {
    const OPERATION: &str = "list the posts";
    let mut posts: Vec<StoredPost> = Vec::new();
    let mut cursor = position.cursor;
    loop {
        let missing = position.limit.probe() - i64::try_from(posts.len()).unwrap_or(i64::MAX);
        let (statement, parameters) = rows_below(filter, cursor, missing);
        let rows = read::query(store, OPERATION, statement, &borrowed(&parameters)).await?;
        decode::check_rows(&rows, missing, OPERATION)?;
        for row in &rows {
            let id = decode::found(row, OPERATION)?;
            // Lower each time: the statement sees to that.
            cursor = Some(id);
            if decode::is_present(row) {
                posts.push(decode::fields(row).post(id));
            }
        }
        let is_last = i64::try_from(rows.len()).unwrap_or(i64::MAX) < missing;
        if is_last || posts.len() > position.limit.get() {
            return Ok(Page::from_probe(posts, position.limit, |post| post.id));
        }
    }
}
