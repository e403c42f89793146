//! The statements, with the columns of a post's fields filled in.
//!
//! A file of SQL names the fields as `{fields}` and the like; which they are is said by
//! [`Field::ALL`] alone.

use std::sync::LazyLock;

use crate::post::{Field, Kind};

/// A statement as it is sent.
pub(super) type Statement = LazyLock<String>;

pub(super) static BY_ID: Statement = LazyLock::new(|| listing(include_str!("list/by_id.sql")));
pub(super) static BY_CATEGORY: Statement =
    LazyLock::new(|| listing(include_str!("list/by_category.sql")));
pub(super) static BY_TAG: Statement = LazyLock::new(|| listing(include_str!("list/by_tag.sql")));
pub(super) static BY_EXTRA: Statement =
    LazyLock::new(|| listing(include_str!("list/by_extra.sql")));
pub(super) static SHOW: Statement = LazyLock::new(|| listing(include_str!("list/show.sql")));
pub(super) static SHOW_SLUG: Statement =
    LazyLock::new(|| listing(include_str!("list/show_slug.sql")));
pub(super) static FOUND: Statement = LazyLock::new(|| listing(include_str!("search/found.sql")));
pub(super) static ENTRIES: Statement = LazyLock::new(|| rendered(include_str!("entries.sql")));
pub(super) static RECORD_SOURCE: Statement =
    LazyLock::new(|| rendered(include_str!("record_source.sql")));
pub(super) static INSERT: Statement = LazyLock::new(|| rendered(include_str!("insert.sql")));
pub(super) static UPDATE: Statement = LazyLock::new(|| rendered(include_str!("update.sql")));

/// The number of fields in the digests of rows that version 1 wrote; the order of those is in
/// `row_digest.sql`.
const FIRST_FIELDS: usize = 8;

const TAGS: &str = "(SELECT json_group_array(CASE WHEN typeof(t.name) = 'text' THEN t.name END)
        FROM post_tag AS pt CROSS JOIN tag AS t ON t.id = pt.tag_id
        WHERE pt.post_id = p.id) AS tags";

/// Returns a statement that answers with posts, from what follows its columns.
fn listing(rest: &str) -> String {
    rendered(&[include_str!("list/columns.sql"), rest].concat())
}

fn rendered(template: &str) -> String {
    template
        .replace("{wanted}", include_str!("list/wanted.sql"))
        .replace("{row_digest:s.stated}", &row_digest("s.stated"))
        .replace("{row_digest::stated}", &row_digest(":stated"))
        .replace("{fields}", &list(&Field::ALL, read))
        .replace(
            "{columns}",
            &list(&columns(), |field| field.name().to_owned()),
        )
        .replace(
            "{values}",
            &list(&columns(), |field| written(field, ":now")),
        )
        .replace(
            "{assignments}",
            &list(&columns(), |field| {
                // A time that the file does not state keeps the value that the row has.
                let value = written(field, "created_at, :now");
                if !later_columns().contains(&field) {
                    return format!("{field} = {value}");
                }
                let was_stated = is_stated(field, "stated");
                format!(
                    "{field} = iif({value} IS NOT NULL OR EXISTS (
           SELECT 1 FROM blogctl_source WHERE post_id = :id AND {was_stated}
       ), {value}, {field})"
                )
            }),
        )
}

fn list(fields: &[Field], show: impl Fn(Field) -> String) -> String {
    let shown: Vec<_> = fields.iter().map(|field| show(*field)).collect();
    shown.join(",\n       ")
}

/// Returns the fields that are columns of `post`.
pub(super) fn columns() -> Vec<Field> {
    let is_column = |field: &Field| field.kind() != Kind::Names;
    Field::ALL.into_iter().filter(is_column).collect()
}

/// Returns the columns of `post` that version 1 did not have.
pub(super) fn later_columns() -> Vec<Field> {
    let later = |field: &Field| Field::ALL[FIRST_FIELDS..].contains(field);
    columns().into_iter().filter(later).collect()
}

/// Returns the digest of a row; `stated` names the later columns that its file states.
fn row_digest(stated: &str) -> String {
    let fields = list(&later_columns(), |field| {
        format!("iif({}, {}, NULL)", is_stated(field, stated), read(field))
    });
    let template = include_str!("row_digest.sql").trim_end();
    template.replace("{stated_fields}", &fields)
}

/// Returns the condition that a JSON array of names has this field.
fn is_stated(field: Field, stated: &str) -> String {
    format!("instr({stated}, '\"{field}\"') > 0")
}

fn read(field: Field) -> String {
    match field.kind() {
        Kind::Names => TAGS.to_owned(),
        _ => format!("p.{field}"),
    }
}

/// Returns the value that a sync writes; `created` replaces an absent `created_at`.
fn written(field: Field, created: &str) -> String {
    match field {
        Field::CreatedAt => format!("coalesce(:created_at, {created})"),
        Field::UpdatedAt => {
            "coalesce(:updated_at, iif(:created_at IS NULL, :now, NULL))".to_owned()
        }
        _ => format!(":{field}"),
    }
}
