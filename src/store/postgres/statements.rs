//! The statements that name the blog's tables, rendered once for a connection.
//!
//! Templates name tables and columns by placeholders; the columns of a post's fields come from
//! [`Field::ALL`](crate::post::Field::ALL). Values stay parameters.

mod renderer;
mod shape;

use self::renderer::Renderer;
pub use self::renderer::text_columns;
pub use self::shape::Shape;
use super::dependents::tag_is_unreferenced;
use super::migrations::schema;
use crate::catalog::Catalog;
use crate::locale::{Locale, Locales};
use crate::post::Field;
use crate::tables::{BlogTable, TableMap};

const VERSION: &str = "SELECT {state.version} AS version FROM blogctl.state";
const STATE: &str = "SELECT {state.version} AS version, generation FROM blogctl.state";
const STILL_CURRENT: &str = "SELECT generation = $1, {state.version} FROM blogctl.state";

/// The rendered statements.
pub struct Statements {
    /// The locale that is read; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// True if each locale has extra keys of its own.
    translates_extra: bool,
    /// Makes the tables.
    pub schema: String,
    /// Reads the version of the tables.
    pub version: String,
    /// Reads the version of the tables and their generation.
    pub state: String,
    /// Reads whether no sync has ended since the index was read, and the version of the tables.
    pub still_current: String,
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
    /// Reads posts without their bodies.
    pub rows: String,
    /// As `posts`, of the rows of posts as they are, whatever their texts say.
    pub posts_alone: String,
    /// As `rows`, of the rows of posts as they are, whatever their texts say.
    pub rows_alone: String,
    /// Reads the names of the tags that blogctl did not make.
    pub other_tags: String,
    /// Reads bodies.
    pub bodies: String,
    /// Reads texts in several locales; empty in a blog without locales.
    pub texts: String,
    /// As `texts`, with the Markdown.
    pub texts_with_content: String,
    /// Reads the categories' counts.
    pub category_counts: String,
    /// Reads the tags' counts.
    pub tag_counts: String,
    /// Reads candidates of a search.
    pub search: String,
    lists: [String; Shape::COUNT],
    /// Inserts posts.
    pub create: String,
    /// Updates posts.
    pub update: String,
    /// Updates posts with the values of other rows, absent ones included.
    pub copy: String,
    /// Makes tags of other programs.
    pub make_tags: String,
    /// Records posts whose rows stay.
    pub adopt: String,
    /// Marks the tags of posts whose links stay.
    pub adopt_tags: String,
    /// Reads posts with their bodies where blogctl's tables are not there.
    pub untracked: String,
    /// Takes the sequence of ids past those that are written.
    pub advance: String,
    /// Reads the last id that the sequence of ids has given.
    pub last_drawn_id: String,
    /// Makes tags, and marks those that posts had.
    pub tags: String,
    /// Links posts to their tags.
    pub links: String,
    /// Writes search terms of posts that are written.
    pub terms: String,
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
    /// Reads the translations, for a plan. As all about translations, empty where there are none.
    pub index_translations: String,
    /// Reads the translations that were there before blogctl's tables.
    pub foreign_translations: String,
    /// Inserts translations.
    pub create_translations: String,
    /// Updates translations.
    pub update_translations: String,
    /// Updates translations with the values of other rows, absent ones included.
    pub copy_translations: String,
    /// Records translations whose rows stay.
    pub adopt_translations: String,
    /// Deletes translations.
    pub remove_translations: String,
    /// Counts the texts of each locale.
    pub recount_locales: String,
    /// Keeps which translations are missing or stale, of the posts that were touched.
    pub gaps: String,
    /// Keeps which translations are missing or stale, of all posts.
    pub all_gaps: String,
    /// Counts categories in each locale.
    pub recount_locale_categories: String,
    /// Counts tags in each locale.
    pub recount_locale_tags: String,
    /// Keeps the versions of translations that were rewritten and not changed.
    pub keep_translation_versions: String,
    /// Names columns that are missing or of another type.
    pub refused_columns: String,
    /// Finds parts of tables that are missing.
    pub missing_parts: String,
    /// Finds sequences that the role may not use.
    pub locked_sequences: String,
}

impl Statements {
    /// Renders the statements for tables of these names. What writes to columns of types that
    /// are not blogctl's own needs the catalog.
    pub fn new(map: &TableMap, catalog: Option<&Catalog>) -> Self {
        let renderer = Renderer::new(map, catalog, BlogTable::Post);
        let of_translations = Renderer::new(map, catalog, BlogTable::Translation);
        let references = catalog.map(|catalog| &catalog.references[..]);
        let unreferenced = tag_is_unreferenced(references.unwrap_or_default(), map);
        let plain = |template: &str| renderer.render(template);
        let of_locale = |template: &str, locale| renderer.with_locale(locale).render(template);
        let with_content = |walk: &str, locale| {
            let renderer = renderer.with_content().with_locale(locale);
            renderer.render(&[walk, ROWS].concat())
        };
        let alone = renderer
            .with_textless()
            .with_posts_first()
            .with_locale("$3::text");
        let with_textless = |template: &str| {
            let renderer = renderer
                .with_content()
                .with_textless()
                .with_locale("$3::text");
            renderer.render(template)
        };
        let in_locales = |renderer: Renderer<'_>| match map.has_translations() {
            true => renderer
                .with_locale("page.locale")
                .render(&[include_str!("read/texts.sql"), ROWS].concat()),
            false => String::new(),
        };
        let search = renderer.with_body().with_locale("$7::text");
        // Nothing names the table of translations where there is none.
        let of_texts = |renderer: Renderer<'_>, parts: [&str; 2]| match map.has_translations() {
            true => renderer.render(&parts.concat()),
            false => String::new(),
        };
        let translations = |parts: [&str; 2]| of_texts(of_translations, parts);
        Self {
            locale: map.locales().map(Locales::default_locale),
            translates_extra: map.translated().contains(Field::Extra),
            schema: schema(map),
            version: plain(VERSION),
            state: plain(STATE),
            still_current: plain(STILL_CURRENT),
            index: plain(include_str!("index/entries.sql")),
            foreign: plain(include_str!("index/foreign.sql")),
            show: with_content(include_str!("read/by_id.sql"), "$2::text"),
            show_slug: with_content(include_str!("read/by_slug.sql"), "$2::text"),
            posts: with_textless(&[include_str!("read/by_ids.sql"), ROWS].concat()),
            rows: renderer
                .with_textless()
                .with_locale("$3::text")
                .render(&[include_str!("read/by_ids.sql"), ROWS].concat()),
            posts_alone: alone
                .with_content()
                .render(&[include_str!("read/by_ids.sql"), ROWS].concat()),
            rows_alone: alone.render(&[include_str!("read/by_ids.sql"), ROWS].concat()),
            other_tags: plain(include_str!("snapshot/other_tags.sql")),
            bodies: of_locale(include_str!("read/bodies.sql"), "$3::text"),
            texts: in_locales(renderer),
            texts_with_content: in_locales(renderer.with_content()),
            category_counts: of_locale(include_str!("read/categories.sql"), "$1::text"),
            tag_counts: of_locale(include_str!("read/tags.sql"), "$1::text"),
            search: search.render(&[SPAN, include_str!("search/walk.sql"), ROWS].concat()),
            lists: std::array::from_fn(|number| list(renderer, Shape::numbered(number))),
            create: plain(concat!(
                include_str!("sync/create.sql"),
                include_str!("sync/keep.sql")
            )),
            update: plain(concat!(
                include_str!("sync/update.sql"),
                include_str!("sync/keep.sql")
            )),
            copy: renderer.with_absent_values().render(concat!(
                include_str!("sync/update.sql"),
                include_str!("sync/keep.sql")
            )),
            make_tags: plain(include_str!("sync/make_tags.sql")),
            adopt: plain(concat!(
                include_str!("sync/adopt.sql"),
                include_str!("sync/keep.sql")
            )),
            adopt_tags: plain(include_str!("sync/adopt_tags.sql")),
            untracked: with_textless(include_str!("read/untracked.sql")),
            index_translations: translations([include_str!("index/translations.sql"), ""]),
            foreign_translations: translations([
                include_str!("index/foreign_translations.sql"),
                "",
            ]),
            create_translations: translations([
                include_str!("sync/create_translations.sql"),
                include_str!("sync/keep_translations.sql"),
            ]),
            update_translations: translations([
                include_str!("sync/update_translations.sql"),
                include_str!("sync/keep_translations.sql"),
            ]),
            copy_translations: of_texts(
                of_translations.with_absent_values(),
                [
                    include_str!("sync/update_translations.sql"),
                    include_str!("sync/keep_translations.sql"),
                ],
            ),
            adopt_translations: translations([
                include_str!("sync/adopt_translations.sql"),
                include_str!("sync/keep_translations.sql"),
            ]),
            remove_translations: translations([include_str!("sync/remove_translations.sql"), ""]),
            recount_locales: translations([include_str!("sync/recount_locales.sql"), ""]),
            gaps: translations([include_str!("sync/gaps.sql"), ""]),
            all_gaps: match map.has_translations() {
                true => renderer.of_all().render(include_str!("sync/gaps.sql")),
                false => String::new(),
            },
            recount_locale_categories: match map.has_translations() {
                true => plain(include_str!("sync/recount_locale_categories.sql")),
                false => String::new(),
            },
            recount_locale_tags: translations([include_str!("sync/recount_locale_tags.sql"), ""]),
            keep_translation_versions: translations([
                include_str!("sync/keep_translation_versions.sql"),
                "",
            ]),
            advance: plain(include_str!("sync/advance.sql")),
            last_drawn_id: plain(include_str!("last_drawn_id.sql")),
            tags: plain(include_str!("sync/tags.sql")),
            links: plain(include_str!("sync/links.sql")),
            terms: plain(include_str!("sync/terms.sql")),
            unlink: plain(include_str!("sync/unlink.sql")),
            remove: plain(include_str!("sync/remove.sql")),
            recount_tags: plain(include_str!("sync/recount_tags.sql")),
            recount_categories: plain(include_str!("sync/recount_categories.sql")),
            prune_tags: plain(include_str!("sync/prune_tags.sql"))
                .replace("/* unreferenced */", &unreferenced),
            keep_versions: plain(include_str!("sync/keep_versions.sql")),
            refused_columns: plain(include_str!("refused/columns.sql")),
            missing_parts: plain(include_str!("missing/parts.sql")),
            locked_sequences: plain(include_str!("doctor/sequences.sql")),
        }
    }

    /// Sets the locale that is read, if one is given and the blog has locales.
    pub fn reading(self, locale: Option<Locale>) -> Self {
        let locale = self.locale.map(|default| locale.unwrap_or(default));
        Self { locale, ..self }
    }

    /// Returns the locale that is read, where each has extra keys of its own.
    pub fn extra_locale(&self) -> Option<Locale> {
        self.locale.filter(|_| self.translates_extra)
    }

    /// Returns the statement of a page: it finds where a span of time lies among the ids, walks
    /// an index, and reads the rows of the page.
    pub fn list(&self, shape: Shape) -> &str {
        &self.lists[shape.number()]
    }
}

const SPAN: &str = include_str!("list/span.sql");
const ROWS: &str = include_str!("list/rows.sql");

fn list(renderer: Renderer<'_>, shape: Shape) -> String {
    if shape.in_main_text && !renderer.has_locales() {
        return String::new();
    }
    let is_in_locale = renderer.has_locales() && !shape.in_main_text;
    let walk = if shape.is_plain() && !is_in_locale {
        include_str!("list/plain.sql")
    } else {
        include_str!("list/walk.sql")
    };
    let locale = match shape.in_main_text {
        true => "page.locale",
        false => shape.locale_name(),
    };
    let renderer = renderer.with_shape(shape).with_locale(locale);
    renderer.render(&[SPAN, walk, ROWS].concat())
}

#[cfg(test)]
mod tests;
