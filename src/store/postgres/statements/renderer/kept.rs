//! The columns of blogctl's records.

use crate::store::postgres::table_map::literal;

/// Columns of blogctl's own tables, and the types that statements need.
const KEPT_COLUMNS: &[(&str, &str, &str)] = &[
    ("state", "version", "integer"),
    ("state", "generation", "bigint"),
    ("source", "post_id", "integer"),
    ("source", "path", "text"),
    ("source", "file_digest", "bytea"),
    ("source", "post_digest", "bytea"),
    ("source", "row_xmin", "xid"),
    ("source", "row_digest", "bytea"),
    ("source", "tags", "text[]"),
    ("source", "terms_version", "integer"),
    ("source", "stated", "text[]"),
    ("source", "locale", "text"),
    ("translation", "post_id", "integer"),
    ("translation", "locale", "text"),
    ("translation", "path", "text"),
    ("translation", "file_digest", "bytea"),
    ("translation", "post_digest", "bytea"),
    ("translation", "text_digest", "bytea"),
    ("translation", "made_from", "bytea"),
    ("translation", "row_xmin", "xid"),
    ("translation", "row_digest", "bytea"),
    ("translation", "terms_version", "integer"),
    ("translation", "stated", "text[]"),
    ("translation_search", "post_id", "integer"),
    ("translation_search", "locale", "text"),
    ("translation_search", "terms", "tsvector"),
    ("locale_count", "locale", "text"),
    ("locale_count", "posts", "bigint"),
    ("locale_category_count", "locale", "text"),
    ("locale_category_count", "category", "text"),
    ("locale_category_count", "posts", "bigint"),
    ("locale_tag_count", "locale", "text"),
    ("locale_tag_count", "tag_id", "integer"),
    ("locale_tag_count", "posts", "bigint"),
    ("search", "post_id", "integer"),
    ("search", "terms", "tsvector"),
    ("extra_value", "key", "text"),
    ("extra_value", "value", "text"),
    ("extra_value", "post_id", "integer"),
    ("category_count", "category", "text"),
    ("category_count", "posts", "bigint"),
    ("tag_count", "tag_id", "integer"),
    ("tag_count", "posts", "bigint"),
    ("run", "id", "integer"),
    ("run", "started_at", "timestamp with time zone"),
    ("run", "finished_at", "timestamp with time zone"),
    ("run", "created", "integer"),
    ("run", "updated", "integer"),
    ("run", "moved", "integer"),
    ("run", "removed", "integer"),
    ("run", "unchanged", "integer"),
    ("run", "directory", "text"),
    ("run", "actor", "text"),
];

/// Returns the columns as rows of `VALUES`. The tags of adopted tables may have ids of any size.
pub fn kept_columns(is_adopted: bool) -> String {
    let rows = KEPT_COLUMNS.iter();
    let rows = rows.filter(|(_, column, _)| !is_adopted || *column != "tag_id");
    let rows = rows.map(|(table, column, needed)| {
        format!(
            "('blogctl', {}, {}, {})",
            literal(table),
            literal(column),
            literal(needed)
        )
    });
    rows.collect::<Vec<_>>().join(", ")
}
