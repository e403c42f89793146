//! The statements, with the columns of a post's fields filled in.
//!
//! A file of SQL names the fields as `{fields}` and the like; which they are is said by
//! [`Field::ALL`] alone.

use std::sync::LazyLock;

use crate::post::{Field, Kind};
use crate::tables::{BlogTable, TableMap};

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
pub(super) static BY_LOCALE: Statement =
    LazyLock::new(|| text_listing(include_str!("list/by_locale.sql")));
pub(super) static BY_CATEGORY_IN_LOCALE: Statement =
    LazyLock::new(|| text_listing(include_str!("list/by_category.sql")));
pub(super) static BY_TAG_IN_LOCALE: Statement =
    LazyLock::new(|| text_listing(include_str!("list/by_tag.sql")));
pub(super) static BY_EXTRA_IN_LOCALE: Statement =
    LazyLock::new(|| text_listing(include_str!("list/by_extra.sql")));
pub(super) static SHOW_IN_LOCALE: Statement =
    LazyLock::new(|| text_listing(include_str!("list/show.sql")));
pub(super) static ROW_IN_LOCALE: Statement =
    LazyLock::new(|| text_listing("FROM post AS p\n{texts}WHERE p.id = :key"));
pub(super) static SHOW_SLUG_IN_LOCALE: Statement =
    LazyLock::new(|| text_listing(include_str!("list/show_slug_in_locale.sql")));
pub(super) static POSTS_IN_LOCALE: Statement =
    LazyLock::new(|| text_listing(include_str!("list/posts_in_locale.sql")));
pub(super) static FOUND_IN_LOCALE: Statement =
    LazyLock::new(|| text_listing(include_str!("search/found_in_locale.sql")));
pub(super) static FOUND: Statement = LazyLock::new(|| listing(include_str!("search/found.sql")));
pub(super) static ENTRIES: Statement = LazyLock::new(|| rendered(include_str!("entries.sql")));
pub(super) static RECORD_SOURCE: Statement =
    LazyLock::new(|| rendered(include_str!("record_source.sql")));
pub(super) static INSERT: Statement = LazyLock::new(|| rendered(include_str!("insert.sql")));
pub(super) static UPDATE: Statement = LazyLock::new(|| rendered(include_str!("update.sql")));
pub(super) static TEXT_ENTRIES: Statement =
    LazyLock::new(|| rendered(include_str!("translations/entries.sql")));
pub(super) static RECORD_TEXT: Statement =
    LazyLock::new(|| rendered(include_str!("translations/record.sql")));
pub(super) static INSERT_TEXT: Statement =
    LazyLock::new(|| rendered(include_str!("translations/insert.sql")));
pub(super) static UPDATE_TEXT: Statement =
    LazyLock::new(|| rendered(include_str!("translations/update.sql")));

/// The fields that are columns of `post_translation`.
pub(super) static TRANSLATED: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let map = TableMap::default();
    let table = map.table(BlogTable::Translation);
    let is_column = |field: &Field| table.column(field.name()).is_some();
    columns().into_iter().filter(is_column).collect()
});

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
    let template = [include_str!("list/columns.sql"), rest].concat();
    let source = "LEFT JOIN blogctl_source AS s ON s.post_id = p.id\n";
    let template = template
        .replace("{fields}", &list(&Field::ALL, read))
        .replace("{texts}", source)
        .replace("{content}", "p.content");
    rendered(&template)
}

/// Returns a statement that answers with posts and their texts in one locale.
fn text_listing(rest: &str) -> String {
    let template = [include_str!("list/columns.sql"), rest].concat();
    let template = template
        .replace("{fields}", &list(&Field::ALL, read_text))
        .replace("{texts}", include_str!("list/texts.sql"))
        .replace("{content}", "tr.content");
    rendered(&template)
}

fn rendered(template: &str) -> String {
    let name = |field: Field| field.name().to_owned();
    template
        .replace("{wanted}", include_str!("list/wanted.sql"))
        .replace("{row_digest:s.stated}", &row_digest("s.stated"))
        .replace("{row_digest::stated}", &row_digest(":stated"))
        .replace("{text_digest:s.stated}", &text_digest("s.stated"))
        .replace("{text_digest::stated}", &text_digest(":stated"))
        .replace("{has_others}", &has_others())
        .replace("{columns}", &list(&columns(), name))
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
                let left = match field {
                    // It follows each change of a post whose file states no time.
                    Field::UpdatedAt => "iif(:created_at IS NULL, :now, updated_at)",
                    field => field.name(),
                };
                assignment(field, &value, left)
            }),
        )
        .replace("{text_columns}", &list(&TRANSLATED, name))
        .replace("{text_values}", &list(&TRANSLATED, given))
        .replace(
            "{text_assignments}",
            &list(&TRANSLATED, |field| {
                assignment(field, &given(field), field.name())
            }),
        )
}

/// Returns the assignment of a field that :managed may not have: then it keeps what is `left`.
fn assignment(field: Field, value: &str, left: &str) -> String {
    let is_managed = is_stated(field, ":managed");
    format!("{field} = iif({is_managed}, {value}, {left})")
}

/// Returns the parameter of a field.
fn given(field: Field) -> String {
    format!(":{field}")
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

/// The columns that the tables of another program have.
pub(super) struct Present {
    /// Those of `post`.
    pub(super) post: Vec<&'static str>,
    /// Those of `post_translation`; `None` in a blog without locales.
    pub(super) texts: Option<Vec<&'static str>>,
    /// True if there are tables of tags.
    pub(super) has_tags: bool,
}

/// Returns the statement that reads posts of a store without blogctl's tables, also those that have
/// no text in the locale.
pub(super) fn untracked(present: &Present) -> String {
    let has_texts = present.texts.as_ref().is_some_and(|columns| {
        let has = |key| columns.contains(&key);
        has("post_id") && has("locale")
    });
    let column = |name: &'static str, is_translated: bool| match &present.texts {
        Some(columns) if is_translated => match has_texts && columns.contains(&name) {
            true => format!("tr.{name} AS {name}"),
            false => format!("NULL AS {name}"),
        },
        _ => match present.post.contains(&name) {
            true => format!("p.{name} AS {name}"),
            false => format!("NULL AS {name}"),
        },
    };
    let fields = list(&Field::ALL, |field| match field.kind() {
        Kind::Names if present.has_tags => TAGS.to_owned(),
        Kind::Names => "'[]' AS tags".to_owned(),
        _ => column(field.name(), TRANSLATED.contains(&field)),
    });
    let content = column("content", true);
    let texts = match has_texts {
        true => "LEFT JOIN post_translation AS tr ON tr.post_id = p.id AND tr.locale = :locale",
        false => "",
    };
    format!(
        "SELECT p.id, NULL AS path, {fields}, {content} FROM post AS p {texts} WHERE p.id = :key"
    )
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

/// Returns the digest of the row of a translation; `stated` names the fields that its file states.
fn text_digest(stated: &str) -> String {
    let fields = list(&TRANSLATED, |field| {
        format!(
            "iif({}, {}, NULL)",
            is_stated(field, stated),
            read_text(field)
        )
    });
    format!("blogctl_row_digest(tr.post_id, tr.locale, tr.content, {fields})")
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

/// Returns the value of a text in one locale.
fn read_text(field: Field) -> String {
    match TRANSLATED.contains(&field) {
        true => format!("tr.{field}"),
        false => read(field),
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
