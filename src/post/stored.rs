//! Rows as a store answers them.

use std::fmt;

use jiff::Timestamp;

use crate::locale::Locale;

use super::{Extra, Field, FieldSet, Post, PostId, SourcePath, TextId, Value};

/// A row as a store answers it, whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPost {
    /// The row's key.
    pub id: PostId,
    /// The locale of the text; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// The title; a row that blogctl did not write may have none.
    pub title: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The category.
    pub category: Option<String>,
    /// Sorted by bytes.
    pub tags: Vec<String>,
    /// The image's path or URL.
    pub image: Option<String>,
    /// The time of writing.
    pub created_at: Option<Timestamp>,
    /// The time of the last change.
    pub updated_at: Option<Timestamp>,
    /// Words of the body.
    pub word_count: Option<i32>,
    /// The last part of the post's address on the site.
    pub slug: Option<String>,
    /// The keys that have no field; empty for a row that has none.
    pub extra: Extra,
    /// The file behind the row; `None` for a row that blogctl did not write.
    pub path: Option<SourcePath>,
    /// Columns that hold something else than their field can; each of these fields is
    /// `None`, or for the tags without the names that cannot be shown.
    pub unreadable: Vec<Unreadable>,
    /// The post's texts in the locales, where they were asked for.
    pub translations: Vec<Translation>,
}

/// A text of a post among all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translation {
    /// The text.
    pub text: StoredPost,
    /// The fields that each locale has for itself.
    pub fields: FieldSet,
    /// The Markdown, where it was asked for.
    pub content: Option<String>,
}

impl StoredPost {
    /// Makes a row of which nothing but the key is known.
    pub fn new(id: PostId) -> Self {
        Self {
            id,
            locale: None,
            title: None,
            description: None,
            category: None,
            tags: Vec::new(),
            image: None,
            created_at: None,
            updated_at: None,
            word_count: None,
            slug: None,
            extra: Extra::default(),
            path: None,
            unreadable: Vec::new(),
            translations: Vec::new(),
        }
    }

    /// Returns which text of which post this is.
    pub fn text_id(&self) -> TextId {
        TextId {
            post: self.id,
            locale: self.locale,
        }
    }

    /// Returns the row as a file's post; `None` without a title or a word count.
    pub fn to_post(&self) -> Option<Post> {
        Some(Post {
            description: self.description.clone(),
            category: self.category.clone(),
            tags: self.tags.clone(),
            image: self.image.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            word_count: self.word_count?,
            slug: self.slug.clone(),
            extra: self.extra.clone(),
            locale: self.locale,
            ..Post::new(self.id, self.title.clone()?)
        })
    }

    /// Leaves of the fields only those that are given.
    pub fn limited_to(mut self, fields: FieldSet) -> Self {
        for field in Field::ALL.into_iter().filter(|f| !fields.contains(*f)) {
            match field {
                Field::WordCount => self.word_count = None,
                Field::Tags => self.tags.clear(),
                Field::Extra => self.extra = Extra::default(),
                Field::CreatedAt | Field::UpdatedAt => self.set_time(field, None),
                Field::Title
                | Field::Description
                | Field::Category
                | Field::Image
                | Field::Slug => self.set_text(field, None),
            }
        }
        self
    }

    /// Sets a field of text; does nothing to another one.
    pub fn set_text(&mut self, field: Field, text: Option<String>) {
        match field {
            Field::Title => self.title = text,
            Field::Description => self.description = text,
            Field::Category => self.category = text,
            Field::Image => self.image = text,
            Field::Slug => self.slug = text,
            Field::Tags | Field::CreatedAt | Field::UpdatedAt | Field::WordCount | Field::Extra => {
            }
        }
    }

    /// Sets a field that holds a time; does nothing to another one.
    pub fn set_time(&mut self, field: Field, time: Option<Timestamp>) {
        match field {
            Field::CreatedAt => self.created_at = time,
            Field::UpdatedAt => self.updated_at = time,
            _ => {}
        }
    }

    /// Returns the value of a field.
    pub fn get(&self, field: Field) -> Value<'_> {
        match field {
            Field::Title => Value::Text(self.title.as_deref()),
            Field::Description => Value::Text(self.description.as_deref()),
            Field::Category => Value::Text(self.category.as_deref()),
            Field::Tags => Value::Names(&self.tags),
            Field::Image => Value::Text(self.image.as_deref()),
            Field::CreatedAt => Value::Time(self.created_at),
            Field::UpdatedAt => Value::Time(self.updated_at),
            Field::WordCount => Value::Integer(self.word_count),
            Field::Slug => Value::Text(self.slug.as_deref()),
            Field::Extra => Value::Json(&self.extra),
        }
    }
}

/// A column of a row whose value cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The column's name as the output has it: `created_at`, `tags`.
    pub column: &'static str,
    /// The problem, as the end of a sentence that begins with the column: `is infinity`.
    pub reason: String,
}

impl Unreadable {
    /// Returns whether the column of this name is among those that cannot be shown.
    pub fn has(all: &[Self], column: &str) -> bool {
        all.iter().any(|unreadable| unreadable.column == column)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, which cannot be shown", self.column, self.reason)
    }
}
