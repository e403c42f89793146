//! Writing the texts of a blog with locales: each has a row of its own beside that of its post.

use tokio_postgres::types::Type;

use super::adopted::Adopted;
use super::answers::Expect;
use super::chunk::{Chunk, ExtraValues};
use super::refusal::About;
use super::statements::{
    DROP_LOCALES, KEEP_MAIN_TEXTS, KEEP_TRANSLATION_TERMS_VERSION, RELOCATE_TRANSLATIONS,
    TRANSLATION_EXTRA, TRANSLATION_TERMS,
};
use super::{CHUNK_BYTES, Transaction};
use crate::index::RowVersion;
use crate::locale::{Gap, Locale};
use crate::plan::{Relocation, Replaces, TranslationRemoval, TranslationRow};
use crate::post::Field;
use crate::search::TERMS_VERSION;
use crate::store::postgres::pipeline::{Parameter, bind};
use crate::store::postgres::search;
use crate::store::{Action, AdoptedPost, Finish, PostWrite, Result, TermsWrite};
use crate::tables::BlogTable;

/// Texts on their way into one statement each.
pub struct Texts {
    inserts: Chunk,
    updates: Chunk,
    adopted: Adopted,
}

impl Default for Texts {
    fn default() -> Self {
        let mut texts = Self {
            inserts: Chunk::default(),
            updates: Chunk::default(),
            adopted: Adopted::default(),
        };
        texts.inserts.extra.are_of_texts = true;
        texts.updates.extra.are_of_texts = true;
        texts.adopted.extra.are_of_texts = true;
        texts
    }
}

impl Texts {
    fn bytes(&self) -> usize {
        self.inserts.bytes + self.updates.bytes + self.adopted.bytes
    }
}

/// Texts, and the terms that they are found by.
#[derive(Default)]
pub struct Found {
    ids: Vec<i32>,
    locales: Vec<String>,
    terms: Vec<String>,
}

impl Found {
    /// Takes the texts of a chunk.
    pub(super) fn of(chunk: &mut Chunk) -> Self {
        Self {
            ids: chunk.ids.clone(),
            locales: chunk.locales.clone(),
            terms: std::mem::take(&mut chunk.terms),
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        vec![
            bind(self.ids.clone(), Type::INT4_ARRAY),
            bind(self.locales.clone(), Type::TEXT_ARRAY),
        ]
    }

    fn bytes(&self) -> usize {
        self.terms.iter().map(String::len).sum()
    }
}

impl Transaction<'_> {
    fn texts(&mut self, is_main: bool) -> &mut Texts {
        match is_main {
            true => &mut self.main_texts,
            false => &mut self.other_texts,
        }
    }

    /// Takes a text to write.
    pub(super) fn write_text(&mut self, row: TranslationRow, post: PostWrite) -> Result<()> {
        let texts = self.texts(row.is_main);
        match row.replaces {
            Replaces::Nothing => texts.inserts.push(post, None, &[]),
            Replaces::Row(version) => texts.updates.push(post, Some(version), &[]),
        }
        self.send_many_texts(row.is_main)
    }

    /// Takes a text whose row stays.
    pub(super) fn adopt_text(&mut self, row: TranslationRow, post: AdoptedPost) -> Result<()> {
        // Only a row that is there is as its file says.
        if let Replaces::Row(version) = row.replaces {
            self.texts(row.is_main).adopted.push(post, version);
        }
        self.send_many_texts(row.is_main)
    }

    fn send_many_texts(&mut self, is_main: bool) -> Result<()> {
        if self.texts(is_main).bytes() < CHUNK_BYTES {
            return Ok(());
        }
        // A text refers to the row of its post, and to what its main text said.
        self.send_inserts()?;
        self.send_updates()?;
        self.send_adopted()?;
        if !is_main {
            self.send_texts(true)?;
        }
        self.send_texts(is_main)
    }

    /// Sends the texts that were taken.
    pub(super) fn send_texts(&mut self, is_main: bool) -> Result<()> {
        let Texts {
            inserts,
            updates,
            adopted,
        } = std::mem::take(self.texts(is_main));
        let statements = &self.store.statements;
        let create = (&statements.create_translations[..], "insert translations");
        let update = (&statements.update_translations[..], "update translations");
        for (mut chunk, (statement, operation)) in [(inserts, create), (updates, update)] {
            if chunk.ids.is_empty() {
                continue;
            }
            let found = Found::of(&mut chunk);
            let extra = std::mem::take(&mut chunk.extra);
            self.about = About::posts(Action::Write, &found.ids);
            self.about.table = BlogTable::Translation;
            let bytes = chunk.bytes;
            let expect = Expect::Count(operation, found.ids.len());
            let parameters = chunk.into_translation_parameters(Some(self.now));
            self.send(statement, parameters, bytes, expect)?;
            self.send_text_extra(&found, extra)?;
            self.send_found(found, is_main)?;
        }
        if adopted.ids.is_empty() {
            return Ok(());
        }
        let mut adopted = adopted;
        let found = Found {
            ids: adopted.ids.clone(),
            locales: adopted.locales.clone(),
            terms: std::mem::take(&mut adopted.terms),
        };
        let extra = std::mem::take(&mut adopted.extra);
        self.about = About::posts(Action::Write, &found.ids);
        let bytes = adopted.bytes;
        let expect = Expect::Count("adopt translations", found.ids.len());
        let parameters = adopted.into_translation_parameters();
        self.send(&statements.adopt_translations, parameters, bytes, expect)?;
        self.send_text_extra(&found, extra)?;
        self.send_found(found, is_main)
    }

    /// Sends the terms of texts that were written, and marks what is to be counted again.
    pub(super) fn send_found(&mut self, found: Found, is_main: bool) -> Result<()> {
        if is_main {
            let kept = Expect::Success("keep the main texts");
            self.send(KEEP_MAIN_TEXTS, found.parameters(), 0, kept)?;
        }
        self.touched.extend(&found.ids);
        let posts = vec![bind(found.ids.clone(), Type::INT4_ARRAY)];
        self.mark_tags(posts)?;
        self.send_text_terms(found)
    }

    /// Marks the tags of posts, so that they are counted again in each locale.
    fn mark_tags(&mut self, posts: Vec<Parameter>) -> Result<()> {
        let statement = &self.store.statements.adopt_tags;
        let marked = Expect::Success("mark the tags");
        self.send_of_tags(statement, posts, BlogTable::Tag, marked)
    }

    fn send_text_terms(&mut self, found: Found) -> Result<()> {
        let bytes = found.bytes();
        let mut parameters = found.parameters();
        parameters.push(bind(found.terms, Type::TEXT_ARRAY));
        let expect = Expect::Success("write the search terms");
        self.send(TRANSLATION_TERMS, parameters, bytes, expect)
    }

    /// Takes the terms of a text whose row stays.
    pub(super) fn write_text_terms(&mut self, locale: Locale, write: &TermsWrite) -> Result<()> {
        let found = &mut self.reindexed_texts;
        found.ids.push(write.id.post.get());
        found.locales.push(locale.to_string());
        let terms = search::vector(write.id, &write.terms, &write.extra_terms);
        self.terms_bytes += terms.len();
        found.terms.push(terms);
        if self.terms_bytes >= CHUNK_BYTES {
            self.send_text_reindexes()?;
        }
        Ok(())
    }

    /// Sends the terms of texts whose rows stay.
    pub(super) fn send_text_reindexes(&mut self) -> Result<()> {
        let found = std::mem::take(&mut self.reindexed_texts);
        if found.ids.is_empty() {
            return Ok(());
        }
        self.terms_bytes = 0;
        self.about = About::posts(Action::Write, &found.ids);
        let mut kept = found.parameters();
        kept.push(bind(TERMS_VERSION, Type::INT4));
        let expect = Expect::Count("keep the version", found.ids.len());
        self.send(KEEP_TRANSLATION_TERMS_VERSION, kept, 0, expect)?;
        self.send_text_terms(found)
    }

    /// Keeps where the files of texts are.
    pub(super) fn relocate_texts(&mut self, relocations: &[Relocation]) -> Result<()> {
        let texts = relocations
            .iter()
            .filter_map(|relocation| Some((relocation, relocation.locale?)));
        let (texts, locales): (Vec<&Relocation>, Vec<String>) = texts
            .map(|(relocation, locale)| (relocation, locale.to_string()))
            .unzip();
        if texts.is_empty() {
            return Ok(());
        }
        let ids: Vec<i32> = texts.iter().map(|text| text.id.get()).collect();
        let paths: Vec<String> = texts.iter().map(|text| text.path.to_string()).collect();
        let digests = texts
            .iter()
            .map(|text| text.file_digest.as_bytes().to_vec());
        let digests: Vec<Vec<u8>> = digests.collect();
        let bytes = paths.iter().map(String::len).sum();
        let parameters = vec![
            bind(ids, Type::INT4_ARRAY),
            bind(locales, Type::TEXT_ARRAY),
            bind(paths, Type::TEXT_ARRAY),
            bind(digests, Type::BYTEA_ARRAY),
        ];
        let expect = Expect::Count("move translations", texts.len());
        self.send(RELOCATE_TRANSLATIONS, parameters, bytes, expect)
    }

    /// Deletes rows of translations.
    pub(super) fn remove_texts(&mut self, removals: &[TranslationRemoval]) -> Result<()> {
        if removals.is_empty() {
            return Ok(());
        }
        let ids: Vec<i32> = removals.iter().map(|removal| removal.id.get()).collect();
        let locales = removals.iter().map(|removal| removal.locale.to_string());
        let locales: Vec<String> = locales.collect();
        let versions = removals.iter().map(|r| r.version.map(|RowVersion(v)| v));
        let versions: Vec<Option<i64>> = versions.collect();
        self.about = About::posts(Action::Remove, &ids);
        self.touched.extend(&ids);
        let posts = vec![bind(ids.clone(), Type::INT4_ARRAY)];
        self.mark_tags(posts)?;
        let parameters = vec![
            bind(ids, Type::INT4_ARRAY),
            bind(locales, Type::TEXT_ARRAY),
            bind(versions, Type::INT8_ARRAY),
        ];
        let expect = Expect::Count("remove translations", removals.len());
        let statement = &self.store.statements.remove_translations;
        self.send(statement, parameters, 0, expect)
    }

    /// Sends the values of the extra keys of texts, where each locale has its own.
    pub(super) fn send_text_extra(&mut self, found: &Found, extra: ExtraValues) -> Result<()> {
        if !self.store.map().translated().contains(Field::Extra) {
            return Ok(());
        }
        let bytes = extra.bytes;
        let mut parameters = found.parameters();
        parameters.extend([
            bind(extra.posts, Type::INT4_ARRAY),
            bind(extra.keys, Type::TEXT_ARRAY),
            bind(extra.values, Type::TEXT_ARRAY),
        ]);
        let expect = Expect::Success("write the extra keys");
        self.send(TRANSLATION_EXTRA, parameters, bytes, expect)
    }

    /// Keeps which translations are missing or stale. Runs before the locales are counted.
    fn keep_gaps(&mut self, names: &[String]) -> Result<()> {
        let touched: Vec<i32> = std::mem::take(&mut self.touched).into_iter().collect();
        let names = || bind(names.to_vec(), Type::TEXT_ARRAY);
        let keys = [Gap::missing_key(), Gap::stale_key()];
        let [missing, stale] = keys.clone().map(|key| bind(key, Type::TEXT));
        let kept = Expect::Success("keep missing and stale translations");
        let parameters = vec![bind(touched, Type::INT4_ARRAY), names(), missing, stale];
        let statement = match self.store.has_new_locale {
            true => &self.store.statements.all_gaps,
            false => &self.store.statements.gaps,
        };
        self.send(statement, parameters, 0, kept)?;
        let keys = bind(keys.to_vec(), Type::TEXT_ARRAY);
        let dropped = Expect::Success("forget locales");
        self.send(DROP_LOCALES, vec![names(), keys], 0, dropped)
    }

    /// Counts the posts of each locale, and of each category and tag that was touched in each.
    pub(super) fn recount_locales(&mut self, finish: &Finish) -> Result<()> {
        let map = self.store.map();
        let Some(locales) = map.locales() else {
            return Ok(());
        };
        let names: Vec<String> = locales.all().iter().map(ToString::to_string).collect();
        self.keep_gaps(&names)?;
        let names = || bind(names.clone(), Type::TEXT_ARRAY);
        const COUNT: &str = "count posts";
        let statements = &self.store.statements;
        let of_locales = &statements.recount_locales;
        self.send(of_locales, vec![names()], 0, Expect::Success(COUNT))?;
        let (of_tags, counted) = (BlogTable::Tag, Expect::Success(COUNT));
        self.send_of_tags(
            &statements.recount_locale_tags,
            vec![names()],
            of_tags,
            counted,
        )?;
        if map.column(Field::Category).is_none() {
            return Ok(());
        }
        let categories = bind(finish.categories.clone(), Type::TEXT_ARRAY);
        let statement = &statements.recount_locale_categories;
        self.send(
            statement,
            vec![categories, names()],
            0,
            Expect::Success(COUNT),
        )
    }

    /// Keeps the versions of rows that were rewritten and not changed.
    pub(super) fn keep_text_versions(&mut self) -> Result<()> {
        if !self.store.map().has_translations() {
            return Ok(());
        }
        let expect = Expect::Success("keep the row versions");
        let statement = &self.store.statements.keep_translation_versions;
        self.send(statement, vec![], 0, expect)
    }
}
