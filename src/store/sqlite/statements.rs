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
pub(super) static ROW: Statement = LazyLock::new(|| listing(include_str!("list/row.sql")));
pub(super) static SHOW_SLUG: Statement =
    LazyLock::new(|| listing(include_str!("list/show_slug.sql")));
pub(super) static FOUND: Statement = LazyLock::new(|| listing(include_str!("search/found.sql")));
pub(super) static ENTRIES: Statement = LazyLock::new(|| rendered(include_str!("entries.sql")));
pub(super) static RECORD_SOURCE: Statement =
    LazyLock::new(|| rendered(include_str!("record_source.sql")));
pub(super) static INSERT: Statement = LazyLock::new(|| rendered(include_str!("insert.sql")));
pub(super) static UPDATE: Statement = LazyLock::new(|| rendered(include_str!("update.sql")));
/// As [`UPDATE`], and takes a time away that it is not given.
pub(super) static UPDATE_EXACTLY: Statement = LazyLock::new(|| {
    rendered(&include_str!("update.sql").replace("{assignments}", "{exact_assignments}"))
});

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
        .replace("{has_others}", &has_others())
        .replace("{fields}", &list(&Field::ALL, read))
        .replace(
            "{columns}",
            &list(&columns(), |field| field.name().to_owned()),
        )
        .replace(
            "{values}",
            &list(&columns(), |field| written(field, ":now")),
        )
        .replace("{exact_assignments}", &list(&columns(), exact_assignment))
        .replace(
            "{assignments}",
            &list(&columns(), |field| {
                // A time that the file does not state keeps the value that the row has.
                let value = written(field, "created_at, :now");
                let is_managed = is_stated(field, ":managed");
                let left = match field {
                    // It follows each change of a post whose file states no time.
                    Field::UpdatedAt => "iif(:created_at IS NULL, :now, updated_at)",
                    field => field.name(),
                };
                format!("{field} = iif({is_managed}, {value}, {left})")
            }),
        )
}

/// Returns the assignment of a value, also of an absent one, if the field is managed.
fn exact_assignment(field: Field) -> String {
    let is_managed = is_stated(field, ":managed");
    format!("{field} = iif({is_managed}, :{field}, {field})")
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

/// Returns the statement that reads posts of a store without blogctl's tables, in which the columns
/// of `post` are as `has_column` says.
pub(super) fn untracked(has_column: impl Fn(&str) -> bool, has_tags: bool) -> String {
    let column = |name: &str| match has_column(name) {
        true => format!("p.{name} AS {name}"),
        false => format!("NULL AS {name}"),
    };
    let fields = list(&Field::ALL, |field| match field.kind() {
        Kind::Names if has_tags => TAGS.to_owned(),
        Kind::Names => "'[]' AS tags".to_owned(),
        _ => column(field.name()),
    });
    let content = column("content");
    format!("SELECT p.id, NULL AS path, {fields}, {content} FROM post AS p WHERE p.id = ?1")
}

/// Returns the condition that the row has values that its file did not state and a search finds it
/// by.
fn has_others() -> String {
    let found_by = [
        Field::Description,
        Field::Category,
        Field::Tags,
        Field::Extra,
    ];
    let conditions = found_by.map(|field| {
        let is_there = match field.kind() {
            Kind::Names => "EXISTS (SELECT 1 FROM post_tag WHERE post_id = p.id)".to_owned(),
            _ => format!("p.{field} IS NOT NULL"),
        };
        format!("NOT {} AND {is_there}", is_stated(field, "s.stated"))
    });
    format!("({})", conditions.join(" OR "))
}

/// Returns the columns of `post` that version 1 did not have.
fn later_columns() -> Vec<Field> {
    let later = |field: &Field| Field::ALL[FIRST_FIELDS..].contains(field);
    columns().into_iter().filter(later).collect()
}

/// Returns the digest of a row; `stated` names the fields that its file states.
fn row_digest(stated: &str) -> String {
    let fields = list(&later_columns(), |field| {
        format!("iif({}, {}, NULL)", is_stated(field, stated), read(field))
    });
    let mut digest = include_str!("row_digest.sql")
        .trim_end()
        .replace("{stated_fields}", &fields);
    for field in &Field::ALL[..FIRST_FIELDS] {
        let value = match field.kind() {
            Kind::Names => include_str!("tags_digest.sql").trim_end().to_owned(),
            _ => read(*field),
        };
        let value = format!("iif({}, {value}, NULL)", is_stated(*field, stated));
        digest = digest.replace(&format!("{{{field}}}"), &value);
    }
    digest
}

/// Returns the condition that a JSON array of names has this field.
fn is_stated(field: Field, stated: &str) -> String {
    format!("(instr({stated}, '\"{field}\"') > 0)")
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
