//! One sync's transaction: everything sent at once, everything checked before COMMIT.

mod adopted;
mod answers;
mod chunk;
mod outcome;
mod refusal;
mod statements;

use std::time::Duration;

use jiff::Timestamp;
use tokio_postgres::types::Type;

use self::adopted::Adopted;
use self::answers::{Expect, Verdict};
use self::chunk::{Chunk, ExtraValues};
use self::outcome::Own;
use self::statements::*;
use super::lock::{LOCK, LOCK_KEY, SET_LOCK_TIMEOUT, lock_timeout_text};
use super::pipeline::{Answered, Parameter, Pipeline, bind};
use super::{PostgresStore, SCHEMA_STATEMENTS, search, timeout_text};
use crate::index::{Generation, RowVersion};
use crate::model::RunRecord;
use crate::plan::{Relocation, Removal, Replaces};
use crate::post::Field;
use crate::search::TERMS_VERSION;
use crate::store::{AdoptedPost, Begin, Finish, PostWrite, Result, SyncTransaction, TermsWrite};

/// Posts are sent when their texts reach this many bytes.
const CHUNK_BYTES: usize = 1 << 20;

/// The time that a rollback may take before the statement that delays it is cancelled, and the
/// time after that.
const ROLLBACK_GLANCE: Duration = Duration::from_millis(500);
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(2);

/// The transaction. Dropping it without a commit rolls back.
pub struct Transaction<'s> {
    store: &'s PostgresStore,
    pipeline: Pipeline<'s, Expect>,
    /// Which transaction it is, once the server has said so.
    own: Option<Own>,
    /// Its record in the history.
    run: Option<RunRecord>,
    now: Timestamp,
    lock_timeout: Duration,
    inserts: Chunk,
    updates: Chunk,
    adopted: Adopted,
    /// Posts whose row stays, their terms, and the bytes of these.
    reindexed: Vec<i32>,
    terms: Vec<String>,
    terms_bytes: usize,
    /// True from the BEGIN that is sent until the transaction is ended.
    open: bool,
}

impl<'s> Transaction<'s> {
    /// Sends what opens the transaction. Nothing is waited for: a lock that is not given, or
    /// a generation that moved, shows in the answers.
    pub fn begin(store: &'s PostgresStore, begin: Begin) -> Result<Self> {
        let bound = store.bound_of_writes().after(begin.lock_timeout);
        let mut transaction = Self {
            store,
            pipeline: Pipeline::new(store, bound),
            own: None,
            run: None,
            now: begin.now,
            lock_timeout: begin.lock_timeout,
            inserts: Chunk::default(),
            updates: Chunk::default(),
            adopted: Adopted::default(),
            reindexed: Vec::new(),
            terms: Vec::new(),
            terms_bytes: 0,
            open: true,
        };
        let pipeline = &mut transaction.pipeline;
        const OPERATION: &str = "begin the transaction";
        pipeline.send_batch("BEGIN", 1, Expect::Success(OPERATION));
        let timeout = bind(lock_timeout_text(begin.lock_timeout), Type::TEXT);
        pipeline.send(
            SET_LOCK_TIMEOUT,
            vec![timeout],
            0,
            Expect::Success(OPERATION),
        );
        let key = bind(LOCK_KEY, Type::INT8);
        pipeline.send(LOCK, vec![key], 0, Expect::Lock);
        let timeout = bind(timeout_text(store.options().write_timeout), Type::TEXT);
        let set = Expect::Success(OPERATION);
        pipeline.send(SET_FOR_WRITING, vec![timeout], 0, set);
        match begin.generation {
            Some(Generation(generation)) => {
                let generation = bind(generation, Type::INT8);
                pipeline.send(STILL_CURRENT, vec![generation], 0, Expect::Current);
            }
            None => {
                pipeline.send(STILL_ABSENT, vec![], 0, Expect::True);
                let made = Expect::Success("make the tables");
                pipeline.send_batch(&store.statements.schema, SCHEMA_STATEMENTS, made);
            }
        }
        Ok(transaction)
    }

    /// Judges one answer.
    fn check(&mut self, answered: Answered<Expect>) -> Result<()> {
        match answers::judge(self.store, answered)? {
            Verdict::Right => Ok(()),
            Verdict::Own(own) => {
                self.own = own;
                Ok(())
            }
            Verdict::NoLock(error) => {
                self.roll_back();
                Err(answers::no_lock(self.store, error, self.lock_timeout))
            }
        }
    }

    fn send(
        &mut self,
        statement: &'s str,
        parameters: Vec<Parameter>,
        bytes: usize,
        expect: Expect,
    ) -> Result<()> {
        self.pipeline.send(statement, parameters, bytes, expect);
        while let Some(answered) = self.pipeline.next_over_window()? {
            self.check(answered)?;
        }
        Ok(())
    }

    /// Sends a statement about tags, where the blog has tables of them.
    fn send_of_tags(
        &mut self,
        statement: &'s str,
        parameters: Vec<Parameter>,
        expect: Expect,
    ) -> Result<()> {
        if !self.store.map().stores_tags() {
            return Ok(());
        }
        self.send(statement, parameters, 0, expect)
    }

    fn send_inserts(&mut self) -> Result<()> {
        let chunk = std::mem::take(&mut self.inserts);
        let statements = &self.store.statements;
        if let Some(newest) = chunk.ids.iter().max() {
            let newest = vec![bind(i64::from(*newest), Type::INT8)];
            const ADVANCED: Expect = Expect::Success("advance the sequence of ids");
            self.send(&statements.advance, newest, 0, ADVANCED)?;
        }
        self.send_chunk(chunk, &statements.create, "insert posts")
    }

    fn send_updates(&mut self) -> Result<()> {
        let chunk = std::mem::take(&mut self.updates);
        let statement = &self.store.statements.update;
        self.send_chunk(chunk, statement, "update posts")
    }

    /// Sends one chunk of posts: their tags, the rows, the links between.
    fn send_chunk(
        &mut self,
        mut chunk: Chunk,
        statement: &'s str,
        operation: &'static str,
    ) -> Result<()> {
        if chunk.ids.is_empty() {
            return Ok(());
        }
        const OPERATION: &str = "write the tags";
        let (ids, tagged) = (chunk.ids.clone(), std::mem::take(&mut chunk.tagged));
        let (posts, names) = (chunk.tag_posts.clone(), chunk.tag_names.clone());
        let tags = vec![
            bind(names.clone(), Type::TEXT_ARRAY),
            bind(ids.clone(), Type::INT4_ARRAY),
        ];
        let made = Expect::Success(OPERATION);
        self.send_of_tags(&self.store.statements.tags, tags, made)?;
        let terms = std::mem::take(&mut chunk.terms);
        let terms_bytes = terms.iter().map(String::len).sum();
        let extra = std::mem::take(&mut chunk.extra);
        let bytes = chunk.bytes.saturating_sub(terms_bytes + extra.bytes);
        let expect = Expect::Count(operation, ids.len());
        self.send(statement, chunk.into_parameters(self.now), bytes, expect)?;
        self.send_terms(
            &self.store.statements.terms,
            ids.clone(),
            terms,
            terms_bytes,
        )?;
        self.send_extra(ids, extra)?;
        // Links of posts whose tags are not managed are left alone.
        let links = vec![
            bind(tagged, Type::INT4_ARRAY),
            bind(posts, Type::INT4_ARRAY),
            bind(names, Type::TEXT_ARRAY),
        ];
        let linked = Expect::Whole(OPERATION);
        self.send_of_tags(&self.store.statements.links, links, linked)
    }

    /// Sends the records of posts whose rows stay.
    fn send_adopted(&mut self) -> Result<()> {
        let mut adopted = std::mem::take(&mut self.adopted);
        if adopted.ids.is_empty() {
            return Ok(());
        }
        let ids = adopted.ids.clone();
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
            Expect::Success("mark the tags"),
        )?;
        self.send_terms(
            &self.store.statements.terms,
            ids.clone(),
            terms,
            terms_bytes,
        )?;
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
    fn send_reindexes(&mut self) -> Result<()> {
        if self.reindexed.is_empty() {
            return Ok(());
        }
        let ids = std::mem::take(&mut self.reindexed);
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

    /// Ends the transaction without effect. Waits, so that the connection can be used again
    /// and a pooler finds it clean; bounded, because the server does the same by itself when
    /// the connection ends. A statement that still waits, for the lock perhaps, is cancelled:
    /// the server does not look whether anybody waits for it.
    fn roll_back(&mut self) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        self.pipeline.abandon();
        let store = self.store;
        let left = store.options().interrupt.left();
        let rolled_back = async {
            let rollback = store.client().batch_execute("ROLLBACK");
            tokio::pin!(rollback);
            if tokio::time::timeout(ROLLBACK_GLANCE, &mut rollback)
                .await
                .is_err()
            {
                store.connector.cancel(store.session()).await;
                let _ = tokio::time::timeout(ROLLBACK_TIMEOUT, rollback).await;
            }
        };
        store.runtime.block_on(async {
            let _ = tokio::time::timeout(left, rolled_back).await;
        });
    }
}

impl SyncTransaction for Transaction<'_> {
    fn write(&mut self, post: PostWrite) -> Result<()> {
        match post.replaces {
            Replaces::Nothing => {
                self.inserts.push(post, None, self.store.map());
                if self.inserts.bytes >= CHUNK_BYTES {
                    self.send_inserts()?;
                }
            }
            Replaces::Row(version) => {
                self.updates.push(post, Some(version), self.store.map());
                if self.updates.bytes >= CHUNK_BYTES {
                    self.send_updates()?;
                }
            }
        }
        Ok(())
    }

    fn adopt(&mut self, post: AdoptedPost) -> Result<()> {
        self.adopted.push(post);
        if self.adopted.bytes >= CHUNK_BYTES {
            self.send_adopted()?;
        }
        Ok(())
    }

    fn write_terms(&mut self, write: TermsWrite) -> Result<()> {
        let terms = search::vector(write.id, &write.terms, &[]);
        self.terms_bytes += terms.len();
        self.reindexed.push(write.id.get());
        self.terms.push(terms);
        if self.terms_bytes >= CHUNK_BYTES {
            self.send_reindexes()?;
        }
        Ok(())
    }

    fn relocate(&mut self, relocations: &[Relocation]) -> Result<()> {
        // Small lines: a whole blog's fit in one statement.
        if relocations.is_empty() {
            return Ok(());
        }
        let ids: Vec<i32> = relocations.iter().map(|r| r.id.get()).collect();
        let paths: Vec<String> = relocations.iter().map(|r| r.path.to_string()).collect();
        let digests: Vec<Vec<u8>> = relocations
            .iter()
            .map(|r| r.file_digest.as_bytes().to_vec())
            .collect();
        let bytes = paths.iter().map(String::len).sum();
        let parameters = vec![
            bind(ids, Type::INT4_ARRAY),
            bind(paths, Type::TEXT_ARRAY),
            bind(digests, Type::BYTEA_ARRAY),
        ];
        self.send(
            RELOCATE,
            parameters,
            bytes,
            Expect::Count("move posts", relocations.len()),
        )
    }

    fn remove(&mut self, removals: &[Removal]) -> Result<()> {
        if removals.is_empty() {
            return Ok(());
        }
        let ids: Vec<i32> = removals.iter().map(|r| r.id.get()).collect();
        let versions: Vec<Option<i64>> = removals
            .iter()
            .map(|r| r.version.map(|RowVersion(v)| v))
            .collect();
        let links = vec![bind(ids.clone(), Type::INT4_ARRAY)];
        let unlinked = Expect::Whole("remove tags");
        self.send_of_tags(&self.store.statements.unlink, links, unlinked)?;
        let rows = vec![
            bind(ids, Type::INT4_ARRAY),
            bind(versions, Type::INT8_ARRAY),
        ];
        let expect = Expect::Count("remove posts", removals.len());
        self.send(&self.store.statements.remove, rows, 0, expect)
    }

    fn finish(&mut self, finish: &Finish) -> Result<()> {
        self.send_inserts()?;
        self.send_updates()?;
        self.send_adopted()?;
        self.send_reindexes()?;
        let merged = Expect::Success("write the search terms");
        self.send(MERGE_TERMS, vec![], 0, merged)?;
        let statements = &self.store.statements;
        const COUNT: &str = "count posts";
        self.send_of_tags(&statements.recount_tags, vec![], Expect::Success(COUNT))?;
        let categories = vec![bind(finish.categories.clone(), Type::TEXT_ARRAY)];
        let counted = Expect::Success(COUNT);
        if self.store.map().stores(Field::Category) {
            self.send(&statements.recount_categories, categories, 0, counted)?;
        }
        if finish.prune_tags {
            let pruned = Expect::Success("remove unused tags");
            self.send_of_tags(&statements.prune_tags, vec![], pruned)?;
        }
        if self.store.stale_versions {
            self.send(
                &statements.keep_versions,
                vec![],
                0,
                Expect::Success("keep the row versions"),
            )?;
        }
        const RECORDED: Expect = Expect::Success("record the run");
        self.run.clone_from(&finish.run);
        if let Some(run) = &finish.run {
            self.send(RECORD, record(run), 0, RECORDED)?;
        }
        self.send(NEXT_GENERATION, vec![], 0, Expect::Own)?;
        while let Some(answered) = self.pipeline.next()? {
            self.check(answered)?;
        }
        Ok(())
    }

    fn commit(mut self: Box<Self>) -> Result<()> {
        // Beyond this point an interrupt comes too late: what is asked for is done, or not.
        let _deferral = self.store.options().interrupt.defer();
        self.open = false;
        outcome::commit(self.store, self.own, self.run.as_ref())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        self.roll_back();
    }
}
