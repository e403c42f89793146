//! Replaces the placeholders of a template: names, lists of fields, digests.

mod kept;
mod values;

use self::kept::kept_columns;
use super::super::migrations::BEFORE_TRANSLATIONS;
use super::super::table_map::{self, column_type, literal, quoted};
use super::super::template::render;
use super::shape::Shape;
use crate::catalog::{Catalog, Column, Table};
use crate::post::{Field, Kind};
use crate::tables::{BlogTable, TableMap, column_fields};

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
    Locale,
}

/// The names, parts and parameters of one statement.
#[derive(Clone, Copy)]
pub struct Renderer<'m> {
    map: &'m TableMap,
    /// The table whose rows are written and digested.
    of: BlogTable,
    /// This table as the database describes it; `None` before it was asked.
    table: Option<&'m Table>,
    /// The filters.
    shape: Shape,
    /// True if whole bodies are read.
    content: bool,
    /// True if bodies up to a length are read.
    body: bool,
    /// True if an update takes a value away that it is not given.
    absent_values: bool,
    walked: Option<Walked>,
    /// The locale to read, in a blog with locales: a parameter or a column.
    locale: &'static str,
    /// True if posts that have no text in the locale are read, too.
    keeps_textless: bool,
    is_of_all: bool,
    /// True if of two columns that of the post is read.
    reads_posts_first: bool,
}

impl<'m> Renderer<'m> {
    /// Creates a renderer of statements without filters and bodies.
    pub fn new(map: &'m TableMap, catalog: Option<&'m Catalog>, of: BlogTable) -> Self {
        let table = catalog.and_then(|catalog| catalog.table(map.table(of).name()));
        Self {
            map,
            of,
            table,
            shape: Shape::default(),
            content: false,
            body: false,
            absent_values: false,
            walked: None,
            locale: "(none)",
            keeps_textless: false,
            is_of_all: false,
            reads_posts_first: false,
        }
    }

    /// Returns whether texts are read in one of several locales.
    pub fn has_locales(self) -> bool {
        self.map.has_translations()
    }

    /// Renders what is about all posts, and not about those that are named.
    pub fn of_all(self) -> Self {
        Self {
            is_of_all: true,
            ..self
        }
    }

    /// Returns whether only posts with a text in the locale that is read are there.
    fn is_in_locale(self) -> bool {
        self.map.has_translations() && !self.shape.in_main_text
    }

    /// Sets the expression of the locale to read.
    pub fn with_locale(self, locale: &'static str) -> Self {
        Self { locale, ..self }
    }

    /// Has posts read that have no text in the locale, too.
    pub fn with_textless(self) -> Self {
        let keeps_textless = true;
        Self {
            keeps_textless,
            ..self
        }
    }

    /// Has the columns of posts read, and those of texts only where posts have none.
    pub fn with_posts_first(self) -> Self {
        let reads_posts_first = true;
        Self {
            reads_posts_first,
            ..self
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

    /// Has updates take values away that they are not given.
    pub fn with_absent_values(self) -> Self {
        let absent_values = true;
        Self {
            absent_values,
            ..self
        }
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
            "is_adopted" => self.map.is_adopted(),
            "stores_category" => self.map.column(Field::Category).is_some(),
            "stores_created_at" => self.map.column(Field::CreatedAt).is_some(),
            "fills_category" => self.map.is_adopted() && self.map.column(Field::Category).is_some(),
            "stores_slug" => self.map.stores(Field::Slug),
            "stores_tags" => self.map.stores_tags(),
            "has_translations" => self.map.has_translations(),
            "translates_slug" => self.map.translation_column(Field::Slug).is_some(),
            "by_locale" => self.walked == Some(Walked::Locale),
            "has_labels" => self
                .described(Field::Category)
                .is_some_and(|c| c.category == "E"),
            "in_locale" => self.is_in_locale(),
            "every" => self.is_of_all,
            "several" if self.is_in_locale() => !self.shape.is_plain(),
            "look_up_category" => self.shape.category && self.walked != Some(Walked::Category),
            _ => self.shape.is_set(flag),
        }
    }

    fn lookup(self, name: &str) -> Option<String> {
        if let Some(parameter) = name.strip_prefix('$') {
            // The only parameter of the rows of a search.
            return Some(match parameter {
                "longest" => "$6".to_owned(),
                _ => self.shape.parameter(parameter),
            });
        }
        Some(match name {
            "within.tag" => self.within(Walked::Tag),
            "within.extra" => self.within(Walked::Extra),
            "within.category" => self.within(Walked::Category),
            "within.locale" => self.within(Walked::Locale),
            "locale" => self.locale.to_owned(),
            "locale.cast" => match self
                .table
                .and_then(|table| table.column(self.map.table(self.of).column("locale")?.as_str()))
            {
                Some(column) => format!("::{}", column.type_sql),
                None => String::new(),
            },
            "search" => match self.map.has_translations() {
                true => "blogctl.translation_search".to_owned(),
                false => "blogctl.search".to_owned(),
            },
            "text.from" => self.text_from()?,
            "page" => self.page()?,
            "text.content" => self
                .text_column("content")
                .unwrap_or("NULL::text".to_owned()),
            // Tables that were made before the blog had locales are of the version before them.
            "state.version" if self.map.has_translations() => {
                format!(
                    "CASE WHEN to_regclass('blogctl.translation') IS NULL \
                     THEN least(version, {BEFORE_TRANSLATIONS}) ELSE version END"
                )
            }
            "state.version" => "version".to_owned(),
            "row" => match self.walked? {
                Walked::Tag => format!("l.{}", self.resolve("post_tag.post_id")?),
                Walked::Extra => "v.post_id".to_owned(),
                Walked::Category => format!("p.{}", self.resolve("post.id")?),
                Walked::Locale => format!("tr.{}", self.resolve("translation.post_id")?),
            },
            "fields.selected" => self.selected(),
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
                let values = self.values().iter().enumerate();
                let first = FIRST_FIELD_PARAMETER + column_fields().count();
                let values = values.map(|(number, _)| format!("${}::text[]", first + number));
                arrays.chain(values).collect::<Vec<_>>().join(", ")
            }
            "input.names" => {
                let fields = column_fields().map(|field| field.name().to_owned());
                let values = (0..self.values().len()).map(|number| format!("value_{number}"));
                fields.chain(values).collect::<Vec<_>>().join(", ")
            }
            "input.columns" => {
                let content = self.digested_column("content");
                let content = content.map(|column| format!(", {column}"));
                let fields = self.written().map(|(_, column)| format!(", {column}"));
                let values = self.values().iter();
                let values = values.map(|value| format!(", {}", quoted(value.column())));
                content.into_iter().chain(fields).chain(values).collect()
            }
            "input.inserted" => {
                let content = self.digested_column("content");
                let content = content.map(|_| "i.content".to_owned());
                let fields = self.written().map(|(field, _)| self.inserted(field));
                let values = (0..self.values().len()).map(|number| self.fixed(number));
                content
                    .into_iter()
                    .chain(fields)
                    .chain(values)
                    .map(|value| format!(", {value}"))
                    .collect()
            }
            "input.set" => self.set(),
            "digest.columns" => {
                let columns = digested_columns().filter_map(|name| {
                    let column = self.digested_column(name)?;
                    Some(format!("p.{column} AS {name}"))
                });
                columns.collect::<Vec<_>>().join(", ")
            }
            "digest.written" => self.digest("i.stated", |name, _| format!("w.{name}")),
            "digest.kept" => self.digest(self.recorded(), |_, column| format!("p.{column}")),
            "others" => self.others(),
            "needed_columns" => table_map::needed_columns(self.map),
            "kept_columns" => kept_columns(self.map.is_adopted()),
            "category.counted" => match self.described(Field::Category) {
                // A category that is no label any more has no posts.
                Some(column) if column.category == "E" => format!(
                    "CASE WHEN a.category = ANY (enum_range(NULL::{0})::text[]) \
                     THEN a.category::{0} END",
                    column.type_sql
                ),
                _ => "a.category".to_owned(),
            },
            name => return self.resolve(name),
        })
    }

    /// Returns the column with the fields that a file stated, of the line that is kept of a row.
    fn recorded(self) -> &'static str {
        match self.of {
            BlogTable::Translation => "k.stated",
            _ => "s.stated",
        }
    }

    fn within(self, walked: Walked) -> String {
        let walked = Self {
            walked: Some(walked),
            ..self
        };
        walked.render(include_str!("../list/within.sql"))
    }

    fn resolve(self, placeholder: &str) -> Option<String> {
        table_map::resolve(self.map, placeholder)
    }

    /// Returns the column of the table that holds a field.
    fn column(self, field: Field) -> Option<String> {
        self.digested_column(field.name())
    }

    /// Returns the column to read a text's field from: that of its translation, or else that of
    /// the post.
    fn text_column(self, key: &str) -> Option<String> {
        if self.reads_posts_first
            && let Some(column) = self.map.table(BlogTable::Post).column(key)
        {
            return Some(format!("p.{}", quoted(column)));
        }
        let translation = self.map.table(BlogTable::Translation);
        let translated = self.map.has_translations().then(|| translation.column(key));
        if let Some(column) = translated.flatten() {
            return Some(format!("tr.{}", quoted(column)));
        }
        let post = self.map.table(BlogTable::Post);
        post.column(key)
            .map(|column| format!("p.{}", quoted(column)))
    }

    /// Returns the page that rows are read for, with the locale of each where that is not asked for.
    fn page(self) -> Option<String> {
        if !self.shape.in_main_text {
            return Some("page".to_owned());
        }
        let locales = self.map.locales()?.all();
        let names: Vec<String> = locales.iter().map(|l| literal(l.as_str())).collect();
        let names = format!("ARRAY[{}]", names.join(", "));
        // The main text is that of the first locale that has one. A subquery with OFFSET is not
        // taken apart, so that each locale is looked up once.
        Some(format!(
            "(
    SELECT page.id, (
        SELECT x.locale
        FROM (
            SELECT t.{locale}::text AS locale FROM {translation} t WHERE t.{post_id} = page.id
        ) x
        WHERE x.locale = ANY ({names})
        ORDER BY array_position({names}, x.locale)
        LIMIT 1
    ) AS locale
    FROM page
    OFFSET 0
) page",
            translation = self.resolve("translation")?,
            locale = self.resolve("translation.locale")?,
            post_id = self.resolve("translation.post_id")?,
        ))
    }

    /// Returns the tables that a text is read from.
    fn text_from(self) -> Option<String> {
        let post = self.resolve("post")?;
        if !self.map.has_translations() {
            return Some(format!("{post} p"));
        }
        let join = if self.keeps_textless {
            "LEFT JOIN"
        } else {
            "JOIN"
        };
        // LIMIT keeps the text of each post one look, where a planner without statistics would
        // read all texts of the locale.
        Some(format!(
            "{post} p {join} LATERAL (SELECT * FROM {} tr WHERE tr.{} = p.{} AND tr.{}::text = {} \
             LIMIT 1) tr ON true",
            self.resolve("translation")?,
            self.resolve("translation.post_id")?,
            self.resolve("post.id")?,
            self.resolve("translation.locale")?,
            self.locale
        ))
    }

    /// Returns the column that holds a field as the database describes it.
    fn described(self, field: Field) -> Option<&'m Column> {
        let column = self.map.table(self.of).column(field.name())?;
        self.table?.column(column.as_str())
    }

    /// Renders the columns of fields that are read.
    fn selected(self) -> String {
        let fields = column_fields().map(|field| {
            let name = field.name();
            match (self.text_column(name), field.kind()) {
                (None, Kind::Integer) => format!("NULL::integer AS {name}"),
                (None, Kind::Time) => format!("NULL::timestamptz AS {name}"),
                (None, _) => format!("NULL::text AS {name}"),
                (Some(column), Kind::Text | Kind::Json) => format!("{column}::text AS {name}"),
                (Some(column), _) => format!("{column} AS {name}"),
            }
        });
        fields.collect::<Vec<_>>().join(", ")
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
        let found_by = found_by.into_iter();
        let conditions = found_by
            .filter(|field| field.kind() != Kind::Names || self.map.stores_tags())
            .filter_map(|field| {
                let value = match field.kind() {
                    Kind::Names => "t.names".to_owned(),
                    _ => format!("p.{}", self.column(field)?),
                };
                let name = literal(field.name());
                Some(format!(
                    "{value} IS NOT NULL AND NOT {name} = ANY (s.stated)"
                ))
            });
        let conditions: Vec<String> = conditions.chain(["false".to_owned()]).collect();
        format!("({})", conditions.join(" OR "))
    }

    /// Renders the types of the text columns, NULL where all of them are of text.
    fn types(self) -> String {
        let columns = text_columns().filter(|name| self.content || self.body || *name != "content");
        let types = columns.map(|name| match self.text_column(name) {
            Some(column) => format!("pg_typeof({column})"),
            // A column that is left out is NULL, as text.
            None => "'text'::regtype".to_owned(),
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

    /// Renders the digest of a row, of those columns whose field is in the array `stated`;
    /// `column` renders a column from its key and its name. It is the same whatever of the types
    /// that fit a column has.
    fn digest(self, stated: &str, column: impl Fn(&str, &str) -> String) -> String {
        let is_stated = |name: &str| format!("{} = ANY ({stated})", literal(name));
        let value = |name: &str| {
            let field = Field::ALL.into_iter().find(|field| field.name() == name);
            let mapped = self.digested_column(name);
            let column = mapped.map(|mapped| column(name, &mapped));
            digested(field.map_or(Kind::Text, Field::kind), column.as_deref())
        };
        let first = DIGESTED_FIRST.iter().map(|name| match *name {
            "title" | "content" | "word_count" => value(name),
            name => format!("CASE WHEN {} THEN {} END", is_stated(name), value(name)),
        });
        let added = added_fields().map(Field::name);
        let added = added.filter(|name| self.digested_column(name).is_some());
        let added = added.map(|name| {
            format!(
                "CASE WHEN {} THEN ROW({}, {})::text ELSE '' END",
                is_stated(name),
                literal(name),
                value(name)
            )
        });
        let added: Vec<String> = added.chain(["''".to_owned()]).collect();
        format!(
            "blogctl.row_digest({}, {})",
            first.collect::<Vec<_>>().join(", "),
            added.join(" || ")
        )
    }

    /// Returns the column of a key of the table.
    fn digested_column(self, key: &str) -> Option<String> {
        self.map.table(self.of).column(key).map(quoted)
    }
}

/// Returns a column as the digest takes it.
fn digested(kind: Kind, column: Option<&str>) -> String {
    match (kind, column) {
        (Kind::Time, None) => "NULL::timestamptz".to_owned(),
        (Kind::Time, Some(column)) => format!("{column}::timestamptz"),
        (Kind::Integer, None) => "NULL::integer".to_owned(),
        (Kind::Integer, Some(column)) => format!(
            "CASE WHEN {column} BETWEEN -2147483648 AND 2147483647 THEN {column}::integer END"
        ),
        (Kind::Json, Some(column)) => format!("{column} #> '{{}}'"),
        (Kind::Text | Kind::Json | Kind::Names, None) => "NULL::text".to_owned(),
        (Kind::Text | Kind::Names, Some(column)) => format!("{column}::text"),
    }
}

/// Returns the fields whose columns came after version 1.
fn added_fields() -> impl Iterator<Item = Field> {
    column_fields().filter(|field| !DIGESTED_FIRST.contains(&field.name()))
}

/// Returns the names of the columns that count in the digest of a row.
fn digested_columns() -> impl Iterator<Item = &'static str> {
    DIGESTED_FIRST
        .into_iter()
        .chain(added_fields().map(Field::name))
}
