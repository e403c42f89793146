//! The statements that name the blog's tables, rendered once for a connection.
//!
//! Templates name tables and columns by placeholders; the columns of a post's fields come from
//! [`Field::ALL`]. Values stay parameters.

use super::table_map::{self, column_type, literal};
use super::template::render;
use crate::post::{Field, Kind};
use crate::tables::TableMap;
pub use crate::tables::column_fields;

/// The filters of a page besides the cursor and the span of time, which decide the statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// True if a category is asked for.
    pub category: bool,
    /// True if tags are asked for.
    pub tags: bool,
    /// True if values of extra keys are asked for.
    pub extra: bool,
}

impl Shape {
    const COUNT: usize = 8;

    fn number(self) -> usize {
        usize::from(self.category) + 2 * usize::from(self.tags) + 4 * usize::from(self.extra)
    }

    fn numbered(number: usize) -> Self {
        Self {
            category: number & 1 != 0,
            tags: number & 2 != 0,
            extra: number & 4 != 0,
        }
    }

    fn is_set(self, flag: &str) -> bool {
        match flag {
            "category" => self.category,
            "tags" => self.tags,
            "extra" => self.extra,
            "several" => {
                [self.category, self.tags, self.extra]
                    .into_iter()
                    .filter(|is_asked| *is_asked)
                    .count()
                    > 1
            }
            _ => false,
        }
    }

    /// Returns the number of the parameter that holds a filter's value. Those of filters that are
    /// not asked for are no parameters, because the server cannot tell their columns' types.
    fn parameter(self, name: &str) -> String {
        let filters = [
            ("category", self.category),
            ("tags", self.tags),
            ("keys", self.extra),
            ("values", self.extra),
        ];
        // Behind the cursor, the span and the number of rows.
        let mut number = 4;
        for (filter, is_asked) in filters {
            number += usize::from(is_asked);
            if filter == name && is_asked {
                return format!("${number}");
            }
        }
        "(none)".to_owned()
    }
}

/// The columns that the digest of a row begins with: those of version 1, in the order in which
/// `blogctl.row_digest` takes them.
const DIGESTED_FIRST: [&str; 8] = [
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
const FIRST_FIELD_PARAMETER: usize = 11;

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

/// Returns the names of the text columns in the order in which `types` has them; the body's, which
/// only some statements read, is the last.
pub fn text_columns() -> impl Iterator<Item = &'static str> {
    column_fields()
        .filter(|field| matches!(field.kind(), Kind::Text))
        .map(Field::name)
        .chain(["content"])
}

/// The rendered statements.
pub struct Statements {
    /// Reads everything that a plan needs to know.
    pub index: String,
    /// Reads the rows that were there before blogctl's tables.
    pub foreign: String,
    /// Reads a post by its id.
    pub show: String,
    /// Reads a post by its slug.
    pub show_slug: String,
    /// Reads posts with their bodies.
    pub posts: String,
    /// Reads bodies.
    pub bodies: String,
    /// Reads the tags' counts.
    pub tag_counts: String,
    /// Reads candidates of a search.
    pub search: String,
    lists: [String; Shape::COUNT],
    /// Inserts posts.
    pub create: String,
    /// Updates posts.
    pub update: String,
    /// Takes the sequence of ids past those that are written.
    pub advance: String,
    /// Makes tags, and marks those that posts had.
    pub tags: String,
    /// Links posts to their tags.
    pub links: String,
    /// Unlinks posts from their tags.
    pub unlink: String,
    /// Deletes posts.
    pub remove: String,
    /// Counts tags.
    pub recount_tags: String,
    /// Counts categories.
    pub recount_categories: String,
    /// Deletes tags that no post carries.
    pub prune_tags: String,
    /// Keeps the versions of rows that were rewritten and not changed.
    pub keep_versions: String,
    /// Names columns that are missing or of another type.
    pub refused_columns: String,
    /// Finds columns of a type that cannot be used.
    pub mistyped_columns: String,
    /// Finds sequences that the role may not use.
    pub locked_sequences: String,
}

impl Statements {
    /// Renders the statements for tables of these names.
    pub fn new(map: &TableMap) -> Self {
        let plain = |template: &str| Renderer::new(map).render(template);
        let with_content = |walk: &str| {
            let renderer = Renderer {
                content: true,
                ..Renderer::new(map)
            };
            renderer.render(&[walk, ROWS].concat())
        };
        let search = Renderer {
            body: true,
            ..Renderer::new(map)
        };
        Self {
            index: plain(include_str!("index/entries.sql")),
            foreign: plain(include_str!("index/foreign.sql")),
            show: with_content(include_str!("read/by_id.sql")),
            show_slug: with_content(include_str!("read/by_slug.sql")),
            posts: with_content(include_str!("read/by_ids.sql")),
            bodies: plain(include_str!("read/bodies.sql")),
            tag_counts: plain(include_str!("read/tags.sql")),
            search: search.render(&[SPAN, include_str!("search/walk.sql"), ROWS].concat()),
            lists: std::array::from_fn(|number| list(map, Shape::numbered(number))),
            create: plain(concat!(
                include_str!("sync/create.sql"),
                include_str!("sync/keep.sql")
            )),
            update: plain(concat!(
                include_str!("sync/update.sql"),
                include_str!("sync/keep.sql")
            )),
            advance: plain(include_str!("sync/advance.sql")),
            tags: plain(include_str!("sync/tags.sql")),
            links: plain(include_str!("sync/links.sql")),
            unlink: plain(include_str!("sync/unlink.sql")),
            remove: plain(include_str!("sync/remove.sql")),
            recount_tags: plain(include_str!("sync/recount_tags.sql")),
            recount_categories: plain(include_str!("sync/recount_categories.sql")),
            prune_tags: plain(include_str!("sync/prune_tags.sql")),
            keep_versions: plain(include_str!("sync/keep_versions.sql")),
            refused_columns: plain(include_str!("refused/columns.sql")),
            mistyped_columns: plain(include_str!("doctor/columns.sql")),
            locked_sequences: plain(include_str!("doctor/sequences.sql")),
        }
    }

    /// Returns the statement of a page: it finds where a span of time lies among the ids, walks
    /// an index, and reads the rows of the page.
    pub fn list(&self, shape: Shape) -> &str {
        &self.lists[shape.number()]
    }
}

const SPAN: &str = include_str!("list/span.sql");
const ROWS: &str = include_str!("list/rows.sql");

fn list(map: &TableMap, shape: Shape) -> String {
    let walk = if shape == Shape::default() {
        include_str!("list/plain.sql")
    } else {
        include_str!("list/walk.sql")
    };
    let renderer = Renderer {
        shape,
        ..Renderer::new(map)
    };
    renderer.render(&[SPAN, walk, ROWS].concat())
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
struct Renderer<'m> {
    map: &'m TableMap,
    shape: Shape,
    /// Whether whole bodies are read, and bodies up to a length.
    content: bool,
    body: bool,
    walked: Option<Walked>,
}

impl<'m> Renderer<'m> {
    fn new(map: &'m TableMap) -> Self {
        Self {
            map,
            shape: Shape::default(),
            content: false,
            body: false,
            walked: None,
        }
    }

    fn render(self, template: &str) -> String {
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
                Walked::Tag => format!("l.{}", table_map::resolve(self.map, "post_tag.post_id")?),
                Walked::Extra => "v.post_id".to_owned(),
                Walked::Category => format!("p.{}", table_map::resolve(self.map, "post.id")?),
            },
            "fields.selected" => self.each(", ", |field, column| {
                let name = field.name();
                match field.kind() {
                    Kind::Text | Kind::Json => format!("p.{column}::text AS {name}"),
                    _ => format!("p.{column} AS {name}"),
                }
            }),
            "fields.types" => self.types(),
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
            "input.stated" => {
                let fields = added_fields().map(|field| {
                    let name = field.name();
                    format!("CASE WHEN i.{name} IS NOT NULL THEN {} END", literal(name))
                });
                let fields = fields.collect::<Vec<_>>().join(", ");
                format!("array_remove(ARRAY[{fields}]::text[], NULL)")
            }
            // What was not stated is NULL in a new row.
            "digest.inserted" => self.digest(|_, column| format!("p.{column} IS NOT NULL")),
            "digest.updated" => self.digest(|field, _| format!("i.{} IS NOT NULL", field.name())),
            "digest.kept" => {
                self.digest(|field, _| format!("{} = ANY (s.stated)", literal(field.name())))
            }
            "needed_columns" => table_map::needed_columns(self.map),
            "kept_columns" => kept_columns(),
            name => return table_map::resolve(self.map, name),
        })
    }

    fn within(self, walked: Walked) -> String {
        let walked = Self {
            walked: Some(walked),
            ..self
        };
        walked.render(include_str!("list/within.sql"))
    }

    /// Renders something for each field that has a column.
    fn each(self, separator: &str, one: impl Fn(Field, &str) -> String) -> String {
        let fields = column_fields();
        let parts =
            fields.filter_map(|field| Some(one(field, &table_map::column(self.map, field)?)));
        parts.collect::<Vec<_>>().join(separator)
    }

    /// Renders the types of the text columns, NULL where all of them are of text.
    fn types(self) -> String {
        let columns = text_columns().filter(|name| self.content || self.body || *name != "content");
        let types = columns.filter_map(|name| {
            let column = table_map::resolve(self.map, &format!("post.{name}"))?;
            Some(format!("pg_typeof(p.{column})"))
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

    /// Renders the digest of the row `p`. Columns that came after version 1 count where their
    /// field is stated.
    fn digest(self, is_stated: impl Fn(Field, &str) -> String) -> String {
        let column = |name: &str| table_map::resolve(self.map, &format!("post.{name}"));
        let first = DIGESTED_FIRST
            .iter()
            .filter_map(|name| Some(format!("p.{}", column(name)?)));
        let added = added_fields().filter_map(|field| {
            let column = table_map::column(self.map, field)?;
            let stated = is_stated(field, &column);
            let name = literal(field.name());
            // A function that takes this type alone: a column of another is refused, with words.
            let value = match field.kind() {
                Kind::Text => format!("textcat(p.{column}, '')"),
                Kind::Json => format!("p.{column} #> '{{}}'"),
                _ => format!("p.{column}"),
            };
            Some(format!(
                "CASE WHEN {stated} THEN ROW({name}, {value})::text ELSE '' END"
            ))
        });
        format!(
            "blogctl.row_digest({}, {})",
            first.collect::<Vec<_>>().join(", "),
            added.collect::<Vec<_>>().join(" || ")
        )
    }
}

/// Returns the fields whose columns came after version 1.
fn added_fields() -> impl Iterator<Item = Field> {
    column_fields().filter(|field| !DIGESTED_FIRST.contains(&field.name()))
}

/// Returns the value of a field in a new row.
fn inserted(field: Field) -> String {
    match field {
        // $8 stands in for an absent time.
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
    let value = inserted(field);
    match field {
        // The first sync's time stays where the file states none.
        Field::CreatedAt => format!("coalesce(i.created_at, p.{column}, $8)"),
        field if !DIGESTED_FIRST.contains(&field.name()) => {
            let name = field.name();
            // What the file does not state, and did not, is not blogctl's.
            format!(
                "CASE WHEN i.{name} IS NOT NULL OR {} = ANY (s.stated) THEN {value} \
                 ELSE p.{column} END",
                literal(name)
            )
        }
        _ => value,
    }
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

#[cfg(test)]
mod tests;
