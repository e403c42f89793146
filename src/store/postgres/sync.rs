//! One sync's transaction: everything sent at once, everything checked before COMMIT.

mod adopted;
mod answers;
mod chunk;
mod copied;
mod outcome;
mod refusal;
mod sending;
mod statements;
mod translations;

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use tokio_postgres::types::Type;

use self::adopted::Adopted;
use self::answers::{Expect, Sent, Verdict};
use self::chunk::Chunk;
use self::copied::Copied;
use self::outcome::Own;
use self::refusal::About;
use self::statements::*;
use self::translations::{Found, Texts};
use super::lock::{LOCK, LOCK_KEY, SET_LOCK_TIMEOUT, lock_timeout_text};
use super::pipeline::{Answered, Parameter, Pipeline, bind};
use super::{PostgresStore, SCHEMA_STATEMENTS, search, timeout_text};
use crate::index::Generation;
use crate::model::RunRecord;
use crate::plan::{Relocation, Removal, Replaces, TranslationRemoval};
use crate::post::{Digest, Field, PostId, TextId};
use crate::store::{
    Action, AdoptedPost, Begin, Finish, PostCopy, PostWrite, Result, SyncTransaction, TermsWrite,
    TextCopy,
};
use crate::tables::BlogTable;

/// Posts are sent when their texts reach this many bytes.
const CHUNK_BYTES: usize = 1 << 20;

/// The time that a rollback may take before the statement that delays it is cancelled, and the
/// time after that.
const ROLLBACK_GLANCE: Duration = Duration::from_millis(500);
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(2);

/// The transaction. Dropping it without a commit rolls back.
pub struct Transaction<'s> {
    store: &'s PostgresStore,
    pipeline: Pipeline<'s, Sent>,
    /// Which transaction it is, once the server has said so.
    own: Option<Own>,
    /// Its record in the history.
    run: Option<RunRecord>,
    now: Timestamp,
    lock_timeout: Duration,
    inserts: Chunk,
    updates: Chunk,
    copied: Copied,
    adopted: Adopted,
    /// The texts of a blog with locales: the main ones of their posts, and the others.
    main_texts: Texts,
    other_texts: Texts,
    /// The posts whose texts were written or removed, in a blog with locales.
    touched: BTreeSet<i32>,
    /// The subject of the statements that are being sent.
    about: About,
    /// The posts that are written each by a statement of its own.
    apart: HashSet<i32>,
    /// Posts whose row stays, their terms, and the bytes of these.
    reindexed: Vec<i32>,
    terms: Vec<String>,
    terms_bytes: usize,
    /// Texts of a blog with locales whose rows stay, and their terms.
    reindexed_texts: Found,
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
            copied: Copied::default(),
            adopted: Adopted::default(),
            main_texts: Texts::default(),
            touched: BTreeSet::new(),
            other_texts: Texts::default(),
            about: About::no_post(Action::Write),
            apart: HashSet::new(),
            reindexed: Vec::new(),
            terms: Vec::new(),
            terms_bytes: 0,
            reindexed_texts: Found::default(),
            open: true,
        };
        let expect = |expect| Sent {
            expect,
            about: None,
        };
        let pipeline = &mut transaction.pipeline;
        const OPERATION: &str = "begin the transaction";
        pipeline.send_batch("BEGIN", 1, expect(Expect::Success(OPERATION)));
        let timeout = bind(lock_timeout_text(begin.lock_timeout), Type::TEXT);
        pipeline.send(
            SET_LOCK_TIMEOUT,
            vec![timeout],
            0,
            expect(Expect::Success(OPERATION)),
        );
        let key = bind(LOCK_KEY, Type::INT8);
        pipeline.send(LOCK, vec![key], 0, expect(Expect::Lock));
        let timeout = bind(timeout_text(store.options().write_timeout), Type::TEXT);
        let set = expect(Expect::Success(OPERATION));
        pipeline.send(SET_FOR_WRITING, vec![timeout], 0, set);
        match begin.generation {
            Some(Generation(generation)) => {
                let generation = bind(generation, Type::INT8);
                pipeline.send(
                    &store.statements.still_current,
                    vec![generation],
                    0,
                    expect(Expect::Current),
                );
            }
            None => {
                pipeline.send(STILL_ABSENT, vec![], 0, expect(Expect::True));
                let made = expect(Expect::Success("make the tables"));
                pipeline.send_batch(&store.statements.schema, SCHEMA_STATEMENTS, made);
            }
        }
        Ok(transaction)
    }

    /// Judges one answer.
    fn check(&mut self, answered: Answered<Sent>) -> Result<()> {
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
            Verdict::Refused(said, about) => {
                self.roll_back();
                Err(refusal::explained(self.store, &said, &about))
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
        let about = Some(self.about.clone());
        let sent = Sent { expect, about };
        self.pipeline.send(statement, parameters, bytes, sent);
        while let Some(answered) = self.pipeline.next_over_window()? {
            self.check(answered)?;
        }
        Ok(())
    }

    /// Sends a statement that writes to a table of tags, where the blog has these.
    fn send_of_tags(
        &mut self,
        statement: &'s str,
        parameters: Vec<Parameter>,
        table: BlogTable,
        expect: Expect,
    ) -> Result<()> {
        if !self.store.map().stores_tags() {
            return Ok(());
        }
        let table = std::mem::replace(&mut self.about.table, table);
        self.send(statement, parameters, 0, expect)?;
        self.about.table = table;
        Ok(())
    }

    /// Takes the row of a post to write.
    fn write_row(&mut self, post: PostWrite) -> Result<()> {
        let fixed = self.store.map().values();
        let is_apart = self.apart.contains(&post.post.id.get());
        match post.replaces {
            Replaces::Nothing => {
                if is_apart {
                    self.send_inserts()?;
                }
                self.inserts.push(post, None, fixed);
                if is_apart || self.inserts.bytes >= CHUNK_BYTES {
                    self.send_inserts()?;
                }
            }
            Replaces::Row(version) => {
                if is_apart {
                    self.send_updates()?;
                }
                self.updates.push(post, Some(version), fixed);
                if is_apart || self.updates.bytes >= CHUNK_BYTES {
                    self.send_updates()?;
                }
            }
        }
        Ok(())
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
    fn set_apart(&mut self, posts: &[PostId]) {
        self.apart = posts.iter().map(|id| id.get()).collect();
    }

    fn write(&mut self, post: PostWrite) -> Result<()> {
        let Some(row) = post.translation else {
            return self.write_row(post);
        };
        // The row of the post first: its texts refer to it.
        if row.is_main {
            self.write_row(post.clone())?;
        }
        self.write_text(row, post)
    }

    fn copy(&mut self, post: PostCopy) -> Result<()> {
        self.copy_post(post)
    }

    fn make_tags(&mut self, names: &[String]) -> Result<()> {
        self.send_foreign_tags(names)
    }

    fn copy_text(&mut self, text: TextCopy) -> Result<()> {
        self.copy_one_text(text)
    }

    fn keep_made_from(&mut self, texts: &[(TextId, Option<Digest>)]) -> Result<()> {
        self.copied.keep_made_from(texts);
        Ok(())
    }

    fn mark_edited(&mut self, ids: &[TextId]) -> Result<()> {
        self.copied.mark_edited(ids);
        Ok(())
    }

    fn record_runs(&mut self, runs: &[RunRecord]) -> Result<()> {
        self.send_runs(runs)
    }

    fn adopt(&mut self, post: AdoptedPost) -> Result<()> {
        let row = post.translation;
        // Only a row that is there is as its file says.
        if let Replaces::Row(version) = post.replaces
            && row.is_none_or(|row| row.is_main)
        {
            self.adopted.push(post.clone(), version);
        }
        if self.adopted.bytes >= CHUNK_BYTES {
            self.send_adopted()?;
        }
        match row {
            Some(row) => self.adopt_text(row, post),
            None => Ok(()),
        }
    }

    fn write_terms(&mut self, write: TermsWrite) -> Result<()> {
        if let Some(locale) = write.id.locale {
            return self.write_text_terms(locale, &write);
        }
        let terms = search::vector(write.id, &write.terms, &[]);
        self.terms_bytes += terms.len();
        self.reindexed.push(write.id.post.get());
        self.terms.push(terms);
        if self.terms_bytes >= CHUNK_BYTES {
            self.send_reindexes()?;
        }
        Ok(())
    }

    fn relocate(&mut self, relocations: &[Relocation]) -> Result<()> {
        self.about = About::no_post(Action::Write);
        // Small lines: a whole blog's fit in one statement.
        self.relocate_texts(relocations)?;
        let of_posts = relocations.iter().filter(|relocation| relocation.is_main);
        let relocations: Vec<&Relocation> = of_posts.collect();
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
        let (apart, together): (Vec<Removal>, Vec<Removal>) = removals
            .iter()
            .partition(|removal| self.apart.contains(&removal.id.get()));
        self.send_removals(&together)?;
        apart.chunks(1).try_for_each(|one| self.send_removals(one))
    }

    fn remove_translations(&mut self, removals: &[TranslationRemoval]) -> Result<()> {
        self.remove_texts(removals)
    }

    fn finish(&mut self, finish: &Finish) -> Result<()> {
        self.send_inserts()?;
        self.send_updates()?;
        self.send_copied()?;
        self.send_adopted()?;
        self.send_texts(true)?;
        self.send_texts(false)?;
        self.send_copied_texts()?;
        self.send_copied_records()?;
        self.send_reindexes()?;
        self.send_text_reindexes()?;
        self.about = About::no_post(Action::Write);
        let merged = Expect::Success("write the search terms");
        self.send(MERGE_TERMS, vec![], 0, merged)?;
        self.recount_locales(finish)?;
        let statements = &self.store.statements;
        const COUNT: &str = "count posts";
        let of_tags = BlogTable::Tag;
        let counted = Expect::Success(COUNT);
        self.send_of_tags(&statements.recount_tags, vec![], of_tags, counted)?;
        let categories = vec![bind(finish.categories.clone(), Type::TEXT_ARRAY)];
        let counted = Expect::Success(COUNT);
        if self.store.map().column(Field::Category).is_some() {
            self.send(&statements.recount_categories, categories, 0, counted)?;
        }
        if finish.prune_tags {
            self.about.action = Action::Remove;
            let pruned = Expect::Success("remove unused tags");
            self.send_of_tags(&statements.prune_tags, vec![], of_tags, pruned)?;
            self.about.action = Action::Write;
        }
        if self.store.stale_versions {
            self.send(
                &statements.keep_versions,
                vec![],
                0,
                Expect::Success("keep the row versions"),
            )?;
            self.keep_text_versions()?;
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
