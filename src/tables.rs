//! The table map: the names of the tables and columns that hold the posts.
//!
//! Without `[tables]` in `blogctl.toml` the tables are blogctl's own, with its own names. With it
//! they are *adopted*: another program made them, blogctl reads and writes their rows, and never
//! alters them. Nothing here does I/O, and nothing here knows SQL.

mod name;
mod value;

pub use self::name::{Identifier, InvalidName, TableName};
pub use self::value::{FixedValue, InvalidTemplate, Template};
use crate::locale::{Locale, Locales};
use crate::post::{Field, FieldSet, Kind};

/// A table of the blog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlogTable {
    /// The posts.
    Post,
    /// The tags.
    Tag,
    /// The links between posts and tags.
    PostTag,
    /// The texts of posts, one for each locale.
    Translation,
}

impl BlogTable {
    /// Every table, in the order in which they are made.
    pub const ALL: [Self; 4] = [Self::Post, Self::Tag, Self::PostTag, Self::Translation];

    /// Returns the table's name in `blogctl.toml`, which is that of blogctl's own table.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Tag => "tag",
            Self::PostTag => "post_tag",
            Self::Translation => "translation",
        }
    }

    /// Returns the keys of the table's columns, which are the names of blogctl's own.
    pub fn columns(self) -> Vec<&'static str> {
        match self {
            Self::Post => ["id", "content"]
                .into_iter()
                .chain(column_fields().map(Field::name))
                .collect(),
            Self::Tag => vec!["id", "name"],
            Self::PostTag => vec!["post_id", "tag_id"],
            Self::Translation => ["post_id", "locale", "content"]
                .into_iter()
                .chain(column_fields().map(Field::name))
                // Posts are found by it, whatever the locale.
                .filter(|key| *key != Field::Category.name())
                .collect(),
        }
    }

    /// Returns the name of blogctl's own table.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Translation => "post_translation",
            table => table.key(),
        }
    }

    /// Returns true if blogctl's own table has the column of this key.
    fn has_own(self, column: &str) -> bool {
        let is_shared = matches!(column, "image" | "created_at" | "updated_at");
        self != Self::Translation || !is_shared
    }

    /// Returns true if posts cannot be kept without the column of this key, in this table alone.
    pub fn requires(self, column: &str) -> bool {
        match self {
            Self::Post => matches!(column, "id" | "title" | "content"),
            Self::Tag | Self::PostTag => true,
            Self::Translation => matches!(column, "post_id" | "locale"),
        }
    }
}

/// Returns the fields that the table of posts has a column for, in their order. The others are
/// kept in tables of their own.
pub fn column_fields() -> impl Iterator<Item = Field> {
    Field::ALL
        .into_iter()
        .filter(|field| field.kind() != Kind::Names)
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    key: &'static str,
    /// `None` for a column that is left out.
    name: Option<Identifier>,
}

/// A table and its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedTable {
    table: BlogTable,
    name: TableName,
    columns: Vec<Column>,
}

impl MappedTable {
    fn own(table: BlogTable) -> Self {
        let column = |key| Column {
            key,
            name: table.has_own(key).then(|| Identifier::own(key)),
        };
        Self {
            table,
            name: TableName::own(table.own_name()),
            columns: table.columns().into_iter().map(column).collect(),
        }
    }

    /// Returns the part of the blog that the table holds.
    pub fn table(&self) -> BlogTable {
        self.table
    }

    /// Returns the table's name.
    pub fn name(&self) -> &TableName {
        &self.name
    }

    /// Returns the name of the column of this key; `None` if it is left out or there is none.
    pub fn column(&self, key: &str) -> Option<&Identifier> {
        let column = self.columns.iter().find(|column| column.key == key)?;
        column.name.as_ref()
    }

    /// Returns the keys and names of the columns that are not left out.
    pub fn columns(&self) -> impl Iterator<Item = (&'static str, &Identifier)> {
        let columns = self.columns.iter();
        columns.filter_map(|column| Some((column.key, column.name.as_ref()?)))
    }

    /// Returns the keys of the columns that are left out.
    pub fn left_out(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.columns.iter();
        columns.filter_map(|column| column.name.is_none().then_some(column.key))
    }
}

/// The reason why a table map cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// A key names no column of the table.
    #[error("there is no column `{0}` in a table of this kind")]
    UnknownColumn(String),
    /// Posts cannot be kept without the column.
    #[error("`{0}` cannot be left out")]
    Required(&'static str),
    /// Two keys, or a key and a fixed value, have the same column.
    #[error("the column `{0}` is named twice")]
    Twice(String),
}

/// The tables and columns that hold the posts, the tags and the links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableMap {
    tables: [MappedTable; 4],
    is_adopted: bool,
    stores_tags: bool,
    locales: Option<Locales>,
    /// The locale that commands read; the default one if none is named.
    locale: Option<Locale>,
    values: Vec<FixedValue>,
}

/// Maps to blogctl's own tables.
impl Default for TableMap {
    fn default() -> Self {
        Self {
            tables: BlogTable::ALL.map(MappedTable::own),
            is_adopted: false,
            stores_tags: true,
            locales: None,
            locale: None,
            values: Vec::new(),
        }
    }
}

impl TableMap {
    /// Returns a map to tables that another program made, all with the names of blogctl's own.
    pub fn adopted() -> Self {
        Self {
            is_adopted: true,
            ..Self::default()
        }
    }

    /// Returns true if another program made the tables: they are never altered.
    pub fn is_adopted(&self) -> bool {
        self.is_adopted
    }

    /// Returns true if there are tables for tags.
    pub fn stores_tags(&self) -> bool {
        self.stores_tags
    }

    /// Returns true if there is a table for the texts of each locale.
    pub fn has_translations(&self) -> bool {
        self.locales.is_some()
    }

    /// Returns the locales of the translations, if there is a table for these.
    pub fn locales(&self) -> Option<&Locales> {
        self.locales.as_ref()
    }

    /// Returns the fields that each locale has a value of its own for. The others are shared by
    /// the translations of a post.
    pub fn translated(&self) -> FieldSet {
        let has_column = |field: &Field| self.translation_column(*field).is_some();
        Field::ALL.into_iter().filter(has_column).collect()
    }

    /// Returns the column of the table of translations that holds a field, if there is such a
    /// table.
    pub fn translation_column(&self, field: Field) -> Option<&Identifier> {
        let table = self
            .has_translations()
            .then(|| self.table(BlogTable::Translation));
        table?.column(field.name())
    }

    /// Returns one table.
    pub fn table(&self, table: BlogTable) -> &MappedTable {
        &self.tables[table as usize]
    }

    /// Returns the tables that are used.
    pub fn tables(&self) -> impl Iterator<Item = &MappedTable> {
        let tables = self.tables.iter();
        tables.filter(|mapped| match mapped.table {
            BlogTable::Post => true,
            BlogTable::Tag | BlogTable::PostTag => self.stores_tags,
            BlogTable::Translation => self.has_translations(),
        })
    }

    /// Returns the columns that are filled with fixed values.
    pub fn values(&self) -> &[FixedValue] {
        &self.values
    }

    /// Returns true if a field is stored.
    pub fn stores(&self, field: Field) -> bool {
        match field.kind() {
            Kind::Names => self.stores_tags,
            _ => self.column(field).is_some() || self.translation_column(field).is_some(),
        }
    }

    /// Returns the fields that are stored.
    pub fn stored(&self) -> FieldSet {
        let fields = Field::ALL.into_iter();
        fields.filter(|field| self.stores(*field)).collect()
    }

    /// Returns the column that holds a field; `None` for one that is not stored, or that is kept
    /// in tables of its own.
    pub fn column(&self, field: Field) -> Option<&Identifier> {
        self.table(BlogTable::Post).column(field.name())
    }

    /// Says that tags are not stored.
    pub fn without_tags(&mut self) {
        self.stores_tags = false;
    }

    /// Says that each of these locales has its text in the table of translations.
    pub fn with_translations(&mut self, locales: Locales) {
        self.locales = Some(locales);
    }

    /// Returns the map without the table of translations.
    pub fn without_translations(&self) -> Self {
        Self {
            locales: None,
            ..self.clone()
        }
    }

    /// Sets the locale that commands read.
    pub fn read_in(&mut self, locale: Locale) {
        self.locale = Some(locale);
    }

    /// Returns the locale that commands read: the one that was set, or the default; `None` in a blog
    /// without locales.
    pub fn locale(&self) -> Option<Locale> {
        let locales = self.locales.as_ref()?;
        Some(self.locale.unwrap_or_else(|| locales.default_locale()))
    }

    /// Sets the name of a table.
    pub fn set_table(&mut self, table: BlogTable, name: TableName) {
        self.tables[table as usize].name = name;
    }

    /// Sets the name of a column, or leaves it out.
    ///
    /// # Errors
    /// [`MapError`] if the table has no such column, needs it, or has the name already.
    pub fn set_column(
        &mut self,
        table: BlogTable,
        key: &str,
        name: Option<Identifier>,
    ) -> Result<(), MapError> {
        let has_translations = self.has_translations();
        let columns = &mut self.tables[table as usize].columns;
        let Some(position) = columns.iter().position(|column| column.key == key) else {
            return Err(MapError::UnknownColumn(key.to_owned()));
        };
        // A text may be in either table; `check` sees to that.
        let may_be_in_other = has_translations && matches!(key, "title" | "content");
        if name.is_none() && table.requires(key) && !may_be_in_other {
            return Err(MapError::Required(columns[position].key));
        }
        columns[position].name = name;
        Ok(())
    }

    /// Adds a column of the table of posts that is filled with a fixed value.
    pub fn add_value(&mut self, value: FixedValue) {
        self.values.push(value);
    }

    /// Checks the map as a whole, once all names are set.
    ///
    /// # Errors
    /// [`MapError::Twice`] if one column has two purposes; [`MapError::Required`] if neither the
    /// posts nor the translations have a title or a text.
    pub fn check(&self) -> Result<(), MapError> {
        for key in ["title", "content"] {
            if !self.tables().any(|table| table.column(key).is_some()) {
                return Err(MapError::Required(key));
            }
        }
        for table in &self.tables {
            let mut names: Vec<&Identifier> = table.columns().map(|(_, name)| name).collect();
            if table.table == BlogTable::Post {
                names.extend(self.values.iter().map(FixedValue::column));
            }
            names.sort();
            if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(MapError::Twice(pair[0].to_string()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_found_at_its_place() {
        let map = TableMap::default();
        for table in BlogTable::ALL {
            assert_eq!(map.table(table).table(), table);
        }
    }

    #[test]
    fn own_tables_store_every_field() {
        let map = TableMap::default();
        assert!(Field::ALL.into_iter().all(|field| map.stores(field)));
        assert!(!map.is_adopted() && map.check().is_ok());
    }

    #[test]
    fn columns_are_named_and_left_out() {
        let mut map = TableMap::adopted();
        let body = Identifier::new("body").unwrap();
        map.set_column(BlogTable::Post, "content", Some(body))
            .unwrap();
        map.set_column(BlogTable::Post, "slug", None).unwrap();
        let post = map.table(BlogTable::Post);
        assert_eq!(post.column("content").unwrap().as_str(), "body");
        assert!(!map.stores(Field::Slug) && map.stores(Field::Title));
        assert_eq!(map.stored().fields().count(), Field::ALL.len() - 1);
        assert_eq!(post.left_out().collect::<Vec<_>>(), ["slug"]);
        map.without_tags();
        assert!(!map.stores(Field::Tags));
        assert_eq!(map.tables().count(), 1);
    }

    #[test]
    fn columns_that_posts_need_stay() {
        let mut map = TableMap::adopted();
        for key in ["id", "title", "content"] {
            let refused = map.set_column(BlogTable::Post, key, None);
            assert_eq!(refused, Err(MapError::Required(key)));
        }
        let unknown = map.set_column(BlogTable::Tag, "title", None);
        assert_eq!(unknown, Err(MapError::UnknownColumn("title".to_owned())));
    }

    #[test]
    fn a_column_has_one_purpose() {
        let mut map = TableMap::adopted();
        let title = Identifier::new("title").unwrap();
        map.set_column(BlogTable::Post, "slug", Some(title.clone()))
            .unwrap();
        assert_eq!(map.check(), Err(MapError::Twice("title".to_owned())));
        let mut map = TableMap::adopted();
        map.add_value(FixedValue::new(title, Template::parse("x").unwrap()));
        assert_eq!(map.check(), Err(MapError::Twice("title".to_owned())));
    }
}
