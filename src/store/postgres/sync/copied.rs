//! The rows of another store, on their way into this one.

use tokio_postgres::types::Type;

use super::super::pipeline::bind;
use super::answers::Expect;
use super::chunk::Chunk;
use super::refusal::About;
use super::statements::{
    FORGET, FORGET_TEXTS, KEEP_MADE_FROM, KEEP_MAIN_TEXTS, MARK_EDITED, MARK_TEXTS_EDITED, RECORD,
    record,
};
use super::translations::Found;
use super::{CHUNK_BYTES, Transaction};
use crate::model::RunRecord;
use crate::plan::Replaces;
use crate::post::{Digest, TextId};
use crate::store::postgres::pipeline::Parameter;
use crate::store::{Action, PostCopy, Result, TextCopy};
use crate::tables::BlogTable;

/// The rows and records that a copy has yet to send.
#[derive(Default)]
pub struct Copied {
    inserts: Chunk,
    updates: Chunk,
    /// Rows that blogctl did not write.
    unrecorded: Vec<i32>,
    /// Posts that are marked as edited, once all of them have their records.
    edited: Vec<i32>,
    /// The texts of a blog with locales.
    text_inserts: Chunk,
    text_updates: Chunk,
    /// The main texts among them.
    main_texts: Keys,
    /// Texts that blogctl did not write.
    unrecorded_texts: Keys,
    /// Texts that are marked as edited.
    edited_texts: Keys,
    /// Texts, and the digests of the main texts that they were made from.
    made: Keys,
    made_from: Vec<Option<Vec<u8>>>,
}

/// The identities of texts, a vector a column.
#[derive(Default)]
struct Keys {
    ids: Vec<i32>,
    locales: Vec<String>,
}

impl Keys {
    fn push(&mut self, id: TextId) {
        self.ids.push(id.post.get());
        self.locales
            .extend(id.locale.map(|locale| locale.to_string()));
    }

    fn into_parameters(self) -> Vec<Parameter> {
        vec![
            bind(self.ids, Type::INT4_ARRAY),
            bind(self.locales, Type::TEXT_ARRAY),
        ]
    }
}

impl Copied {
    /// Adds posts and texts that are marked as edited.
    pub fn mark_edited(&mut self, ids: &[TextId]) {
        for id in ids {
            match id.locale {
                Some(_) => self.edited_texts.push(*id),
                None => self.edited.push(id.post.get()),
            }
        }
    }

    /// Adds the digests that texts were made from.
    pub fn keep_made_from(&mut self, texts: &[(TextId, Option<Digest>)]) {
        for (id, made_from) in texts {
            self.made.push(*id);
            self.made_from
                .push(made_from.map(|digest| digest.as_bytes().to_vec()));
        }
    }
}

impl Transaction<'_> {
    pub(super) fn copy_post(&mut self, post: PostCopy) -> Result<()> {
        let fixed = self.store.map().values();
        if post.record.is_none() {
            self.copied.unrecorded.push(post.row.id.get());
        }
        match post.replaces {
            Replaces::Nothing => {
                self.copied.inserts.push_copy(post, None, fixed);
                if self.copied.inserts.bytes >= CHUNK_BYTES {
                    self.send_copied_inserts()?;
                }
            }
            Replaces::Row(version) => {
                self.copied.updates.push_copy(post, Some(version), fixed);
                if self.copied.updates.bytes >= CHUNK_BYTES {
                    self.send_copied_updates()?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn copy_one_text(&mut self, text: TextCopy) -> Result<()> {
        let id = TextId {
            post: text.row.id,
            locale: Some(text.locale),
        };
        if text.record.is_none() {
            self.copied.unrecorded_texts.push(id);
        } else if text.is_main {
            self.copied.main_texts.push(id);
        }
        match text.replaces {
            Replaces::Nothing => self.copied.text_inserts.push_text_copy(text, None),
            Replaces::Row(version) => {
                let updates = &mut self.copied.text_updates;
                updates.push_text_copy(text, Some(version));
            }
        }
        if self.copied.text_inserts.bytes + self.copied.text_updates.bytes >= CHUNK_BYTES {
            // A text refers to the row of its post.
            self.send_copied()?;
            self.send_copied_texts()?;
        }
        Ok(())
    }

    /// Sends the rows of texts that are left.
    pub(super) fn send_copied_texts(&mut self) -> Result<()> {
        let inserts = std::mem::take(&mut self.copied.text_inserts);
        let updates = std::mem::take(&mut self.copied.text_updates);
        let statements = &self.store.statements;
        let create = (&statements.create_translations[..], "insert translations");
        let update = (&statements.copy_translations[..], "update translations");
        for (mut chunk, (statement, operation)) in [(inserts, create), (updates, update)] {
            if chunk.ids.is_empty() {
                continue;
            }
            let found = Found::of(&mut chunk);
            let extra = std::mem::take(&mut chunk.extra);
            self.about = About::posts(Action::Write, &chunk.ids);
            self.about.table = BlogTable::Translation;
            let bytes = chunk.bytes;
            let expect = Expect::Count(operation, chunk.ids.len());
            let parameters = chunk.into_translation_parameters(None);
            self.send(statement, parameters, bytes, expect)?;
            self.send_text_extra(&found, extra)?;
            self.send_found(found, false)?;
        }
        Ok(())
    }

    /// Sends the rows that are left.
    pub(super) fn send_copied(&mut self) -> Result<()> {
        self.send_copied_inserts()?;
        self.send_copied_updates()
    }

    fn send_copied_inserts(&mut self) -> Result<()> {
        let chunk = std::mem::take(&mut self.copied.inserts);
        self.send_new(chunk, None)
    }

    fn send_copied_updates(&mut self) -> Result<()> {
        let chunk = std::mem::take(&mut self.copied.updates);
        let statement = &self.store.statements.copy;
        self.send_chunk(chunk, statement, None, "update posts")
    }

    /// Sends what is left of the records, once all rows are sent: those of rows that have none at
    /// the source, and those of rows that were edited there.
    pub(super) fn send_copied_records(&mut self) -> Result<()> {
        const OPERATION: &str = "keep the records";
        self.about = About::no_post(Action::Write);
        let unrecorded = std::mem::take(&mut self.copied.unrecorded);
        if !unrecorded.is_empty() {
            let ids = vec![bind(unrecorded, Type::INT4_ARRAY)];
            self.send(FORGET, ids, 0, Expect::Success(OPERATION))?;
        }
        let edited = std::mem::take(&mut self.copied.edited);
        if !edited.is_empty() {
            let expect = Expect::Count(OPERATION, edited.len());
            let ids = vec![bind(edited, Type::INT4_ARRAY)];
            self.send(MARK_EDITED, ids, 0, expect)?;
        }
        self.send_copied_text_records()
    }

    fn send_copied_text_records(&mut self) -> Result<()> {
        const OPERATION: &str = "keep the records";
        let main_texts = std::mem::take(&mut self.copied.main_texts);
        if !main_texts.ids.is_empty() {
            let expect = Expect::Success(OPERATION);
            self.send(KEEP_MAIN_TEXTS, main_texts.into_parameters(), 0, expect)?;
        }
        let unrecorded = std::mem::take(&mut self.copied.unrecorded_texts);
        if !unrecorded.ids.is_empty() {
            let expect = Expect::Success(OPERATION);
            self.send(FORGET_TEXTS, unrecorded.into_parameters(), 0, expect)?;
        }
        let made = std::mem::take(&mut self.copied.made);
        if !made.ids.is_empty() {
            let expect = Expect::Count(OPERATION, made.ids.len());
            let made_from = std::mem::take(&mut self.copied.made_from);
            let mut parameters = made.into_parameters();
            parameters.push(bind(made_from, Type::BYTEA_ARRAY));
            self.send(KEEP_MADE_FROM, parameters, 0, expect)?;
        }
        let edited = std::mem::take(&mut self.copied.edited_texts);
        if !edited.ids.is_empty() {
            let expect = Expect::Count(OPERATION, edited.ids.len());
            self.send(MARK_TEXTS_EDITED, edited.into_parameters(), 0, expect)?;
        }
        Ok(())
    }

    /// Sends tags that blogctl did not make at the source.
    pub(super) fn send_foreign_tags(&mut self, names: &[String]) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        let names = vec![bind(names.to_vec(), Type::TEXT_ARRAY)];
        let statement = &self.store.statements.make_tags;
        let made = Expect::Success("write the tags");
        self.send_of_tags(statement, names, BlogTable::Tag, made)
    }

    pub(super) fn send_runs(&mut self, runs: &[RunRecord]) -> Result<()> {
        self.about = About::no_post(Action::Write);
        const RECORDED: Expect = Expect::Success("record the runs");
        runs.iter()
            .try_for_each(|run| self.send(RECORD, record(run), 64, RECORDED))
    }
}
