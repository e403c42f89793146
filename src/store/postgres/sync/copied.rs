//! The rows of another store, on their way into this one.

use tokio_postgres::types::Type;

use super::super::pipeline::bind;
use super::answers::Expect;
use super::chunk::Chunk;
use super::refusal::About;
use super::statements::{FORGET, MARK_EDITED, RECORD, record};
use super::{CHUNK_BYTES, Transaction};
use crate::model::RunRecord;
use crate::plan::Replaces;
use crate::post::PostId;
use crate::store::{Action, PostCopy, Result};
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
}

impl Copied {
    /// Adds posts that are marked as edited.
    pub fn mark_edited(&mut self, ids: &[PostId]) {
        self.edited.extend(ids.iter().map(|id| id.get()));
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
