//! Replaces the placeholders of a template: names, lists of fields, digests.

use super::super::table_map::{TableMap, column_type, literal};
use super::super::template::render;
use super::shape::Shape;
use crate::post::{Field, Kind};

/// The columns that the digest of a row begins with: those of version 1, in the order in which
/// `blogctl.row_digest` takes them.
pub const DIGESTED_FIRST: [&str; 8] = [
    "title",
    "description",
    "content",
    "created_at",
    "updated_at",
    "category",
    "image",
    "word_count",
];

/// The number of the first parameter of `create.sql` and `update.sql` that holds a field.
const FIRST_FIELD_PARAMETER: usize = 13;

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

/// Returns the fields that `post` has a column for, in their order.
pub fn column_fields() -> impl Iterator<Item = Field> {
    Field::ALL
        .into_iter()
        .filter(|field| field.kind() != Kind::Names)
}

/// Returns the names of the text columns in the order in which `types` has them; the body's, which
/// only some statements read, is the last.
pub fn text_columns() -> impl Iterator<Item = &'static str> {
    column_fields()
        .filter(|field| matches!(field.kind(), Kind::Text))
        .map(Field::name)
        .chain(["content"])
}

/// The table that a page walks, in placeholders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Walked {
    Tag,
    Extra,
    Category,
}

/// The names, parts and parameters of one statement.
#[derive(Clone, Copy)]
pub struct Renderer<'m> {
    map: &'m TableMap,
    /// The filters.
    shape: Shape,
    /// True if whole bodies are read.
    content: bool,
    /// True if bodies up to a length are read.
    body: bool,
    walked: Option<Walked>,
}

impl<'m> Renderer<'m> {
    /// Creates a renderer of statements without filters and bodies.
    pub fn new(map: &'m TableMap) -> Self {
        Self {
            map,
            shape: Shape::default(),
            content: false,
            body: false,
            walked: None,
        }
    }

    /// Sets the filters.
    pub fn with_shape(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    /// Has whole bodies read.
    pub fn with_content(self) -> Self {
        let content = true;
        Self { content, ..self }
    }

    /// Has bodies up to a length read.
    pub fn with_body(self) -> Self {
        let body = true;
        Self { body, ..self }
    }

    /// Renders a template.
    pub fn render(self, template: &str) -> String {
        render(template, &|flag| self.is_set(flag), &|name| {
            self.lookup(name)
        })
    }

    fn is_set(self, flag: &str) -> bool {
        match flag {
            "content" => self.content,
            "body" => self.body,
            "by_tag" => self.walked == Some(Walked::Tag),
            "by_extra" => self.walked == Some(Walked::Extra),
            "look_up_category" => self.shape.category && self.walked != Some(Walked::Category),
            _ => self.shape.is_set(flag),
        }
    }

    fn lookup(self, name: &str) -> Option<String> {
        if let Some(parameter) = name.strip_prefix('$') {
            // The only parameter of the rows of a search.
            let longest = (parameter == "longest").then(|| "$6".to_owned());
            return Some(longest.unwrap_or_else(|| self.shape.parameter(parameter)));
        }
        Some(match name {
            "within.tag" => self.within(Walked::Tag),
            "within.extra" => self.within(Walked::Extra),
            "within.category" => self.within(Walked::Category),
            "row" => match self.walked? {
                Walked::Tag => format!("l.{}", self.map.resolve("post_tag.post_id")?),
                Walked::Extra => "v.post_id".to_owned(),
                Walked::Category => format!("p.{}", self.map.resolve("post.id")?),
            },
            "fields.selected" => self.selected("p."),
            "fields.types" => self.types("p."),
            "absent.columns" => self.absent_columns(),
            // Without a table: a column that is not there is found outside.
            "absent.selected" => self.selected(""),
            "absent.types" => self.with_content().types(""),
            "input.arrays" => {
                let fields = column_fields().enumerate();
                let arrays = fields.filter_map(|(number, field)| {
                    let number = FIRST_FIELD_PARAMETER + number;
                    // JSON is sent as its text.
                    let kind = match field.kind() {
                        Kind::Json => "text",
                        kind => column_type(kind)?,
                    };
                    Some(format!("${number}::{kind}[]"))
                });
                arrays.collect::<Vec<_>>().join(", ")
            }
            "input.names" => self.each(", ", |field, _| field.name().to_owned()),
            "input.columns" => self.each(", ", |_, column| column.to_owned()),
            "input.inserted" => self.each(", ", |field, _| inserted(field)),
            "input.updated" => self.each(", ", |field, column| {
                format!("{column} = {}", updated(field, column))
            }),
            "digest.columns" => {
                let columns = digested().filter_map(|name| {
                    let column = self.map.resolve(&format!("post.{name}"))?;
                    Some(format!("p.{column} AS {name}"))
                });
                columns.collect::<Vec<_>>().join(", ")
            }
            "digest.written" => digest("i.stated", |name| Some(format!("w.{name}"))),
            "digest.kept" => digest("s.stated", |name| {
                let column = self.map.resolve(&format!("post.{name}"))?;
                Some(format!("p.{column}"))
            }),
            "others" => self.others(),
            "needed_columns" => self.map.needed_columns(),
            "kept_columns" => kept_columns(),
            name => return self.map.resolve(name),
        })
    }

    fn within(self, walked: Walked) -> String {
        let walked = Self {
            walked: Some(walked),
            ..self
        };
        walked.render(include_str!("../list/within.sql"))
    }

    /// Renders something for each field that has a column.
    fn each(self, separator: &str, one: impl Fn(Field, &str) -> String) -> String {
        let fields = column_fields();
        let parts = fields.filter_map(|field| Some(one(field, &self.map.column(field)?)));
        parts.collect::<Vec<_>>().join(separator)
    }

    /// Renders the columns of fields that are read; `of` is what leads to their table.
    fn selected(self, of: &str) -> String {
        self.each(", ", |field, column| {
            let name = field.name();
            match field.kind() {
                Kind::Text | Kind::Json => format!("{of}{column}::text AS {name}"),
                _ => format!("{of}{column} AS {name}"),
            }
        })
    }

    /// Renders NULL under the name of each column that posts are read from.
    fn absent_columns(self) -> String {
        let content = self.map.resolve("post.content");
        let content = content.map(|column| format!("NULL::text AS {column}"));
        let fields = self.each(", ", |field, column| {
            let kind = column_type(field.kind()).unwrap_or("text");
            format!("NULL::{kind} AS {column}")
        });
        let parts = [fields].into_iter().chain(content);
        parts.collect::<Vec<_>>().join(", ")
    }

    /// Renders the condition that a row has values that its file did not state and a search finds
    /// it by.
    fn others(self) -> String {
        let found_by = [
            Field::Description,
            Field::Category,
            Field::Tags,
            Field::Extra,
        ];
        let conditions = found_by.into_iter().filter_map(|field| {
            let value = match field.kind() {
                Kind::Names => "t.names".to_owned(),
                _ => format!("p.{}", self.map.column(field)?),
            };
            let name = literal(field.name());
            Some(format!(
                "{value} IS NOT NULL AND NOT {name} = ANY (s.stated)"
            ))
        });
        format!("({})", conditions.collect::<Vec<_>>().join(" OR "))
    }

    /// Renders the types of the text columns, NULL where all of them are of text; `of` is what leads
    /// to their table.
    fn types(self, of: &str) -> String {
        let columns = text_columns().filter(|name| self.content || self.body || *name != "content");
        let types = columns.filter_map(|name| {
            let column = self.map.resolve(&format!("post.{name}"))?;
            Some(format!("pg_typeof({of}{column})"))
        });
        let types: Vec<String> = types.collect();
        let is_text = |of: &String| format!("{of} IN ('text'::regtype, 'varchar'::regtype)");
        let are_text: Vec<String> = types.iter().map(is_text).collect();
        format!(
            "CASE WHEN {} THEN NULL ELSE ARRAY[{}]::oid[] END",
            are_text.join(" AND "),
            types.join(", ")
        )
    }
}

/// Renders the digest of a row, of those columns whose field is in the array `stated`.
fn digest(stated: &str, column: impl Fn(&str) -> Option<String>) -> String {
    let is_stated = |name: &str| format!("{} = ANY ({stated})", literal(name));
    let first = DIGESTED_FIRST.iter().filter_map(|name| {
        let column = column(name)?;
        Some(match *name {
            "title" | "content" | "word_count" => column,
            name => format!("CASE WHEN {} THEN {column} END", is_stated(name)),
        })
    });
    let added = added_fields().filter_map(|field| {
        let column = column(field.name())?;
        let is_stated = is_stated(field.name());
        let name = literal(field.name());
        // A function that takes this type alone: a column of another is refused, with words.
        let value = match field.kind() {
            Kind::Text => format!("textcat({column}, '')"),
            Kind::Json => format!("{column} #> '{{}}'"),
            _ => column,
        };
        Some(format!(
            "CASE WHEN {is_stated} THEN ROW({name}, {value})::text ELSE '' END"
        ))
    });
    format!(
        "blogctl.row_digest({}, {})",
        first.collect::<Vec<_>>().join(", "),
        added.collect::<Vec<_>>().join(" || ")
    )
}

/// Returns the names of the columns that count in the digest of a row.
fn digested() -> impl Iterator<Item = &'static str> {
    DIGESTED_FIRST
        .into_iter()
        .chain(added_fields().map(Field::name))
}

/// Returns the fields whose columns came after version 1.
fn added_fields() -> impl Iterator<Item = Field> {
    column_fields().filter(|field| !DIGESTED_FIRST.contains(&field.name()))
}

/// Returns the value of a field in a new row.
fn inserted(field: Field) -> String {
    match field {
        // $8 replaces an absent time.
        Field::CreatedAt => "coalesce(i.created_at, $8)".to_owned(),
        Field::UpdatedAt => {
            "CASE WHEN i.updated_at IS NULL AND i.created_at IS NULL THEN $8 ELSE i.updated_at END"
                .to_owned()
        }
        field if field.kind() == Kind::Json => format!("i.{}::jsonb", field.name()),
        field => format!("i.{}", field.name()),
    }
}

/// Returns the value of a field in a row that is updated.
fn updated(field: Field, column: &str) -> String {
    let value = match field {
        // The first sync's time stays where the file states none.
        Field::CreatedAt => format!("coalesce(i.created_at, p.{column}, $8)"),
        field => inserted(field),
    };
    let left = match field {
        // It follows each change of a post whose file states no time.
        Field::UpdatedAt => format!("CASE WHEN i.created_at IS NULL THEN $8 ELSE p.{column} END"),
        _ => format!("p.{column}"),
    };
    // What the file does not state, and did not, is not blogctl's.
    let name = literal(field.name());
    format!("CASE WHEN {name} = ANY (i.managed) THEN {value} ELSE {left} END")
}

fn kept_columns() -> String {
    let rows = KEPT_COLUMNS.iter().map(|(table, column, needed)| {
        format!(
            "('blogctl', {}, {}, {})",
            literal(table),
            literal(column),
            literal(needed)
        )
    });
    rows.collect::<Vec<_>>().join(", ")
}
