//! Sending what has gathered: a chunk of posts with their tags, terms and extra keys.

use jiff::Timestamp;
use tokio_postgres::types::Type;

use super::answers::Expect;
use super::chunk::{Chunk, ExtraValues};
use super::refusal::About;
use super::statements::*;
use super::{Transaction, bind};
use crate::index::RowVersion;
use crate::plan::Removal;
use crate::search::TERMS_VERSION;
use crate::store::{Action, Result};
use crate::tables::BlogTable;

impl<'s> Transaction<'s> {
    pub(super) fn send_inserts(&mut self) -> Result<()> {
        let chunk = std::mem::take(&mut self.inserts);
        self.send_new(chunk, Some(self.now))
    }

    /// Sends new posts; `now` replaces an absent time.
    pub(super) fn send_new(&mut self, chunk: Chunk, now: Option<Timestamp>) -> Result<()> {
        self.about = About::posts(Action::Write, &chunk.ids);
        let statements = &self.store.statements;
        if let Some(newest) = chunk.ids.iter().max() {
            let newest = vec![bind(i64::from(*newest), Type::INT8)];
            const ADVANCED: Expect = Expect::Success("advance the sequence of ids");
            self.send(&statements.advance, newest, 0, ADVANCED)?;
        }
        self.send_chunk(chunk, &statements.create, now, "insert posts")
    }

    pub(super) fn send_updates(&mut self) -> Result<()> {
        let chunk = std::mem::take(&mut self.updates);
        let statement = &self.store.statements.update;
        self.send_chunk(chunk, statement, Some(self.now), "update posts")
    }

    /// Sends one chunk of posts: their tags, the rows, the links between.
    pub(super) fn send_chunk(
        &mut self,
        mut chunk: Chunk,
        statement: &'s str,
        now: Option<Timestamp>,
        operation: &'static str,
    ) -> Result<()> {
        if chunk.ids.is_empty() {
            return Ok(());
        }
        const OPERATION: &str = "write the tags";
        self.about = About::posts(Action::Write, &chunk.ids);
        let (ids, tagged) = (chunk.ids.clone(), std::mem::take(&mut chunk.tagged));
        let (posts, names) = (chunk.tag_posts.clone(), chunk.tag_names.clone());
        let tags = vec![
            bind(names.clone(), Type::TEXT_ARRAY),
            bind(ids.clone(), Type::INT4_ARRAY),
        ];
        let statements = &self.store.statements;
        let made = Expect::Success(OPERATION);
        self.send_of_tags(&statements.tags, tags, BlogTable::Tag, made)?;
        let terms = std::mem::take(&mut chunk.terms);
        let terms_bytes = terms.iter().map(String::len).sum();
        let extra = std::mem::take(&mut chunk.extra);
        let bytes = chunk.bytes.saturating_sub(terms_bytes + extra.bytes);
        let expect = Expect::Count(operation, ids.len());
        self.send(statement, chunk.into_parameters(now), bytes, expect)?;
        if !self.store.map().has_translations() {
            self.send_terms(&statements.terms, ids.clone(), terms, terms_bytes)?;
        }
        self.send_extra(ids, extra)?;
        // Links of posts whose tags are not managed are left alone.
        let links = vec![
            bind(tagged, Type::INT4_ARRAY),
            bind(posts, Type::INT4_ARRAY),
            bind(names, Type::TEXT_ARRAY),
        ];
        let linked = Expect::Whole(OPERATION);
        self.send_of_tags(&statements.links, links, BlogTable::PostTag, linked)
    }

    /// Sends the records of posts whose rows stay.
    pub(super) fn send_adopted(&mut self) -> Result<()> {
        let mut adopted = std::mem::take(&mut self.adopted);
        if adopted.ids.is_empty() {
            return Ok(());
        }
        let ids = adopted.ids.clone();
        self.about = About::posts(Action::Write, &ids);
        let terms = std::mem::take(&mut adopted.terms);
        let terms_bytes = terms.iter().map(String::len).sum();
        let extra = std::mem::take(&mut adopted.extra);
        let bytes = adopted.bytes.saturating_sub(terms_bytes + extra.bytes);
        let statements = &self.store.statements;
        let expect = Expect::Count("adopt posts", ids.len());
        self.send(&statements.adopt, adopted.into_parameters(), bytes, expect)?;
        let tags = vec![bind(ids.clone(), Type::INT4_ARRAY)];
        self.send_of_tags(
            &statements.adopt_tags,
            tags,
            BlogTable::Tag,
            Expect::Success("mark the tags"),
        )?;
        if !self.store.map().has_translations() {
            self.send_terms(&statements.terms, ids.clone(), terms, terms_bytes)?;
        }
        self.send_extra(ids, extra)
    }

    fn send_extra(&mut self, ids: Vec<i32>, extra: ExtraValues) -> Result<()> {
        let bytes = extra.bytes;
        let extra = vec![
            bind(ids, Type::INT4_ARRAY),
            bind(extra.posts, Type::INT4_ARRAY),
            bind(extra.keys, Type::TEXT_ARRAY),
            bind(extra.values, Type::TEXT_ARRAY),
        ];
        let expect = Expect::Success("write the extra keys");
        self.send(EXTRA, extra, bytes, expect)
    }

    fn send_terms(
        &mut self,
        statement: &'s str,
        ids: Vec<i32>,
        terms: Vec<String>,
        bytes: usize,
    ) -> Result<()> {
        let parameters = vec![bind(ids, Type::INT4_ARRAY), bind(terms, Type::TEXT_ARRAY)];
        let expect = Expect::Success("write the search terms");
        self.send(statement, parameters, bytes, expect)
    }

    /// Sends the terms of posts whose rows stay.
    pub(super) fn send_reindexes(&mut self) -> Result<()> {
        if self.reindexed.is_empty() {
            return Ok(());
        }
        let ids = std::mem::take(&mut self.reindexed);
        self.about = About::posts(Action::Write, &ids);
        let terms = std::mem::take(&mut self.terms);
        let bytes = std::mem::take(&mut self.terms_bytes);
        let kept = vec![
            bind(ids.clone(), Type::INT4_ARRAY),
            bind(TERMS_VERSION, Type::INT4),
        ];
        self.send(
            KEEP_TERMS_VERSION,
            kept,
            0,
            Expect::Count("keep the version", ids.len()),
        )?;
        self.send_terms(REINDEX, ids, terms, bytes)
    }

    pub(super) fn send_removals(&mut self, removals: &[Removal]) -> Result<()> {
        if removals.is_empty() {
            return Ok(());
        }
        let ids: Vec<i32> = removals.iter().map(|r| r.id.get()).collect();
        self.about = About::posts(Action::Remove, &ids);
        let versions: Vec<Option<i64>> = removals
            .iter()
            .map(|r| r.version.map(|RowVersion(v)| v))
            .collect();
        let statements = &self.store.statements;
        let links = vec![bind(ids.clone(), Type::INT4_ARRAY)];
        let unlinked = Expect::Whole("remove tags");
        self.send_of_tags(&statements.unlink, links, BlogTable::PostTag, unlinked)?;
        let rows = vec![
            bind(ids, Type::INT4_ARRAY),
            bind(versions, Type::INT8_ARRAY),
        ];
        let expect = Expect::Count("remove posts", removals.len());
        self.send(&statements.remove, rows, 0, expect)
    }
}
