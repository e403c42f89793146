//! A sync's writes.

mod finish;
pub(super) mod gaps;
mod texts;

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Statement, ToSql, Transaction, named_params, params};

use super::error::{failed, refused};
use super::transactions::Guard;
use super::{extra, statements, terms};
use crate::index::RowVersion;
use crate::locale::{Locale, Locales};
use crate::model::RunRecord;
use crate::plan::{Relocation, Removal, Replaces, TranslationRemoval};
use crate::post::{Digest, Field, FieldSet, PostId, SourcePath, TextId, Value};
use crate::search::TERMS_VERSION;
use crate::store::{
    Action, AdoptedPost, Finish, PostCopy, PostWrite, Result, StoreError, SyncTransaction,
    TermsWrite, TextCopy,
};

/// A row of this version; one that blogctl did not write has no count of touches.
const IS_THERE: &str = "
    SELECT 1 FROM post
    WHERE id = ?1 AND NOT EXISTS (
        SELECT 1 FROM blogctl_source WHERE post_id = ?1 AND touches <> ?2
    )";

const DELETE: &str = "
    DELETE FROM post
    WHERE id = ?1 AND NOT EXISTS (
        SELECT 1 FROM blogctl_source WHERE post_id = ?1 AND touches <> ?2
    )";

/// The transaction of one sync. Every write takes effect at once, so that no body is kept.
#[derive(Debug)]
pub(super) struct SqliteTransaction<'a> {
    // Before the guard, which has the lock: fields are dropped in this order, and the next sync must find the
    // rollback done.
    pub(super) transaction: Transaction<'a>,
    guard: Guard,
    now: Timestamp,
    /// The locales of the blog, if it has some.
    locales: Option<Locales>,
    /// The posts whose texts were written or removed, in a blog with locales.
    touched: RefCell<BTreeSet<i64>>,
}

impl<'a> SqliteTransaction<'a> {
    pub(super) fn new(
        transaction: Transaction<'a>,
        guard: Guard,
        now: Timestamp,
        locales: Option<Locales>,
    ) -> Self {
        Self {
            transaction,
            guard,
            now,
            locales,
            touched: RefCell::default(),
        }
    }

    /// Writes a text: the row of the post if it is the main one, and in a blog with locales that
    /// of the translation.
    fn write_one(&self, write: &PostWrite) -> Result<()> {
        let Some(row) = write.translation else {
            self.write_post(write)?;
            return terms::write(&self.transaction, write.post.id, &write.terms)
                .map_err(failed(&self.transaction, "write a post"));
        };
        if row.is_main {
            self.write_post(write)?;
            self.forget_terms(write.post.id)?;
        }
        self.write_text(row, write)
    }

    /// Takes a post out of the index of blogs without locales, in which it may still be.
    fn forget_terms(&self, id: PostId) -> Result<()> {
        terms::remove(&self.transaction, id)
            .map_err(failed(&self.transaction, "write the search terms"))
    }

    fn write_post(&self, write: &PostWrite) -> Result<()> {
        let fail = || {
            refused(
                &self.transaction,
                "write a post",
                Action::Write,
                write.post.id,
            )
        };
        let (statement, update) = match write.replaces {
            Replaces::Nothing => (&statements::INSERT, None),
            Replaces::Row(version) => (&statements::UPDATE, Some((version, write.managed))),
        };
        let (id, body, now) = (write.post.id, Some(&*write.body), Some(self.now));
        let rows = self
            .write_row(statement, id, body, update, now, |field| {
                write.post.get(field)
            })
            .map_err(fail())?;
        if rows != 1 {
            return Err(StoreError::Stale);
        }
        let is_managed = write.replaces == Replaces::Nothing || write.managed.contains(Field::Tags);
        let tags = if is_managed {
            self.write_tags(id, &write.post.tags)
        } else {
            Ok(())
        };
        tags.and_then(|()| self.record_source(&Source::of(write)))
            .and_then(|_| extra::write(&self.transaction, id, &write.extra_terms))
            .map_err(fail())
    }

    /// Records a text whose rows are as the plan saw them.
    fn adopt_one(&self, post: &AdoptedPost) -> Result<()> {
        let Some(row) = post.translation else {
            self.adopt_post(post)?;
            return terms::write(&self.transaction, post.id, &post.terms)
                .map_err(failed(&self.transaction, "adopt a post"));
        };
        if row.is_main {
            self.adopt_post(post)?;
            self.forget_terms(post.id)?;
        }
        self.adopt_text(row, post)
    }

    /// Records a post whose row is as the plan saw it. Links to tags count as touches of the row.
    fn adopt_post(&self, post: &AdoptedPost) -> Result<()> {
        let fail = || failed(&self.transaction, "adopt a post");
        // Only a row that is there is as its file says.
        let Replaces::Row(RowVersion(version)) = post.replaces else {
            return Err(StoreError::Stale);
        };
        let is_there = self
            .transaction
            .prepare_cached(IS_THERE)
            .and_then(|mut statement| statement.exists(params![post.id.get(), version]))
            .map_err(fail())?;
        if !is_there {
            return Err(StoreError::Stale);
        }
        let source = Source {
            id: post.id,
            path: &post.path,
            file_digest: post.file_digest,
            post_digest: post.post_digest,
            stated: post.stated,
            locale: post.translation.map(|row| row.locale),
        };
        self.record_source(&source)
            .and_then(|_| extra::write(&self.transaction, post.id, &post.extra_terms))
            .map_err(fail())
    }

    fn write_terms_of(&self, write: &TermsWrite) -> Result<()> {
        if let Some(locale) = write.id.locale {
            return self.write_text_terms(locale, write);
        }
        let fail = || failed(&self.transaction, "write the search terms");
        let rows = self
            .transaction
            .prepare_cached("UPDATE blogctl_source SET terms_version = ?2 WHERE post_id = ?1")
            .and_then(|mut statement| {
                statement.execute(params![write.id.post.get(), TERMS_VERSION])
            })
            .map_err(fail())?;
        if rows != 1 {
            return Err(StoreError::Stale);
        }
        terms::write(&self.transaction, write.id.post, &write.terms).map_err(fail())
    }

    fn relocate_one(&self, relocation: &Relocation) -> Result<()> {
        if let Some(locale) = relocation.locale {
            self.relocate_text(locale, relocation)?;
        }
        if !relocation.is_main {
            return Ok(());
        }
        let rows = self
            .transaction
            .prepare_cached(
                "UPDATE blogctl_source SET path = ?2, file_digest = ?3 WHERE post_id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    relocation.id.get(),
                    relocation.path.as_str(),
                    relocation.file_digest.as_bytes(),
                ])
            })
            .map_err(failed(&self.transaction, "move a post"))?;
        if rows != 1 {
            return Err(StoreError::Stale);
        }
        Ok(())
    }

    /// Inserts a row, or updates the managed fields of the one of a version; `now` replaces an
    /// absent time.
    pub(super) fn write_row<'v>(
        &self,
        sql: &str,
        id: PostId,
        body: Option<&str>,
        update: Option<(RowVersion, FieldSet)>,
        now: Option<Timestamp>,
        value: impl Fn(Field) -> Value<'v>,
    ) -> rusqlite::Result<usize> {
        let mut statement = self.transaction.prepare_cached(sql)?;
        let mut bind = |name: &str, value: &dyn ToSql| match statement.parameter_index(name)? {
            Some(index) => statement.raw_bind_parameter(index, value),
            None => Err(rusqlite::Error::InvalidParameterName(name.to_owned())),
        };
        bind(":version", &update.map(|(RowVersion(version), _)| version))?;
        bind(":id", &id.get())?;
        bind(":content", &body)?;
        if let Some((_, managed)) = update {
            bind(":managed", &names(managed))?;
        }
        // An update that takes times away has no place for it.
        if now.is_some() || update.is_none() {
            bind(":now", &now.map(Timestamp::as_microsecond))?;
        }
        for field in statements::columns() {
            let name = format!(":{field}");
            match value(field) {
                Value::Text(text) => bind(&name, &text)?,
                Value::Integer(number) => bind(&name, &number)?,
                Value::Time(at) => bind(&name, &at.map(Timestamp::as_microsecond))?,
                Value::Json(extra) => {
                    let text = (!extra.is_empty()).then(|| extra.to_text());
                    bind(&name, &text)?;
                }
                // Not a column, but rows of tables of their own.
                Value::Names(_) => {}
            }
        }
        statement.raw_execute()
    }

    /// Makes the post's links those of `wanted`, and the tags that are not there.
    pub(super) fn write_tags(&self, id: PostId, wanted: &[String]) -> rusqlite::Result<()> {
        // As bytes, since another program's may be no UTF-8, or no text at all.
        let linked: Vec<(i64, Option<Vec<u8>>)> = self
            .transaction
            .prepare_cached(
                "SELECT l.tag_id, CASE WHEN typeof(t.name) = 'text' THEN CAST(t.name AS BLOB) END
                 FROM post_tag AS l JOIN tag AS t ON t.id = l.tag_id
                 WHERE l.post_id = ?1",
            )?
            .query_map([id.get()], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let is =
            |name: &String, linked: &Option<Vec<u8>>| linked.as_deref() == Some(name.as_bytes());
        for (tag, linked) in &linked {
            if !wanted.iter().any(|name| is(name, linked)) {
                self.transaction
                    .prepare_cached("DELETE FROM post_tag WHERE post_id = ?1 AND tag_id = ?2")?
                    .execute(params![id.get(), tag])?;
            }
        }
        let missing = |name: &&String| !linked.iter().any(|(_, linked)| is(name, linked));
        for name in wanted.iter().filter(missing) {
            let made = self
                .transaction
                .prepare_cached("INSERT INTO tag (name) VALUES (?1) ON CONFLICT DO NOTHING")?
                .execute([name])?;
            if made == 1 {
                self.transaction
                    .prepare_cached(
                        "INSERT INTO blogctl_tag_count (tag_id, created)
                         SELECT id, 1 FROM tag WHERE name = ?1",
                    )?
                    .execute([name])?;
            }
            self.transaction
                .prepare_cached(
                    "INSERT INTO post_tag (post_id, tag_id)
                     SELECT ?1, id FROM tag WHERE name = ?2",
                )?
                .execute(params![id.get(), name])?;
        }
        Ok(())
    }

    pub(super) fn record_source(&self, source: &Source<'_>) -> rusqlite::Result<usize> {
        self.transaction
            .prepare_cached(&statements::RECORD_SOURCE)?
            .execute(named_params! {
                ":id": source.id.get(),
                ":path": source.path.as_str(),
                ":file_digest": source.file_digest.as_bytes(),
                ":post_digest": source.post_digest.as_bytes(),
                ":terms_version": TERMS_VERSION,
                ":stated": names(source.stated),
                ":locale": source.locale.as_ref().map(Locale::as_str),
            })
    }

    fn remove_one(&self, removal: &Removal) -> rusqlite::Result<bool> {
        let id = removal.id.get();
        let as_planned = match removal.version {
            Some(RowVersion(version)) => {
                let mut statement = self.transaction.prepare_cached(DELETE)?;
                statement.execute(params![id, version])? == 1
            }
            None => {
                let mut row = self
                    .transaction
                    .prepare_cached("SELECT 1 FROM post WHERE id = ?1")?;
                !row.exists([id])?
            }
        };
        if as_planned {
            self.transaction
                .prepare_cached("DELETE FROM blogctl_source WHERE post_id = ?1")?
                .execute([id])?;
            extra::remove_all(&self.transaction, removal.id)?;
            terms::remove(&self.transaction, removal.id)?;
            self.forget_texts(removal.id)?;
        }
        Ok(as_planned)
    }
}

/// What is kept of a post's file.
pub(super) struct Source<'a> {
    pub(super) id: PostId,
    pub(super) path: &'a SourcePath,
    pub(super) file_digest: Digest,
    pub(super) post_digest: Digest,
    pub(super) stated: FieldSet,
    /// The locale of the main text, in a blog with locales.
    pub(super) locale: Option<Locale>,
}

impl<'a> Source<'a> {
    fn of(write: &'a PostWrite) -> Self {
        Self {
            id: write.post.id,
            path: &write.path,
            file_digest: write.file_digest,
            post_digest: write.post_digest,
            stated: write.post.stated(),
            locale: write.translation.map(|row| row.locale),
        }
    }
}

/// Binds the values of fields that are columns, each to the parameter of its name.
fn bind_fields<'v>(
    statement: &mut Statement<'_>,
    fields: &[Field],
    value: impl Fn(Field) -> Value<'v>,
) -> rusqlite::Result<()> {
    let mut bind = |name: &str, value: &dyn ToSql| match statement.parameter_index(name)? {
        Some(index) => statement.raw_bind_parameter(index, value),
        None => Err(rusqlite::Error::InvalidParameterName(name.to_owned())),
    };
    for field in fields {
        let name = format!(":{field}");
        match value(*field) {
            Value::Text(text) => bind(&name, &text)?,
            Value::Integer(number) => bind(&name, &number)?,
            Value::Time(at) => bind(&name, &at.map(Timestamp::as_microsecond))?,
            Value::Json(extra) => {
                let text = (!extra.is_empty()).then(|| extra.to_text());
                bind(&name, &text)?;
            }
            // Not a column, but rows of tables of their own.
            Value::Names(_) => {}
        }
    }
    Ok(())
}

/// Returns the names of fields as a JSON array.
fn names(fields: FieldSet) -> String {
    let names: Vec<_> = fields.fields().map(Field::name).collect();
    serde_json::json!(names).to_string()
}

impl SyncTransaction for SqliteTransaction<'_> {
    fn write(&mut self, write: PostWrite) -> Result<()> {
        self.guard.bounded(|| self.write_one(&write))
    }

    fn copy(&mut self, post: PostCopy) -> Result<()> {
        self.guard.bounded(|| self.copy_post(&post))
    }

    fn make_tags(&mut self, names: &[String]) -> Result<()> {
        names
            .iter()
            .try_for_each(|name| self.guard.bounded(|| self.make_tag(name)))
    }

    fn copy_text(&mut self, text: TextCopy) -> Result<()> {
        self.guard.bounded(|| self.copy_one_text(&text))
    }

    fn keep_made_from(&mut self, texts: &[(TextId, Option<Digest>)]) -> Result<()> {
        texts.iter().try_for_each(|(id, made_from)| {
            self.guard
                .bounded(|| self.keep_one_made_from(*id, *made_from))
        })
    }

    fn mark_edited(&mut self, ids: &[TextId]) -> Result<()> {
        ids.iter()
            .try_for_each(|id| self.guard.bounded(|| self.mark_one_edited(*id)))
    }

    fn record_runs(&mut self, runs: &[RunRecord]) -> Result<()> {
        let fail = || failed(&self.transaction, "record the runs");
        runs.iter()
            .try_for_each(|run| self.guard.bounded(|| self.record_run(run).map_err(fail())))
    }

    fn adopt(&mut self, post: AdoptedPost) -> Result<()> {
        self.guard.bounded(|| self.adopt_one(&post))
    }

    fn write_terms(&mut self, write: TermsWrite) -> Result<()> {
        self.guard.bounded(|| self.write_terms_of(&write))
    }

    fn relocate(&mut self, relocations: &[Relocation]) -> Result<()> {
        relocations
            .iter()
            .try_for_each(|relocation| self.guard.bounded(|| self.relocate_one(relocation)))
    }

    fn remove(&mut self, removals: &[Removal]) -> Result<()> {
        for removal in removals {
            let as_planned = self.guard.bounded(|| {
                let (action, id) = (Action::Remove, removal.id);
                self.remove_one(removal).map_err(refused(
                    &self.transaction,
                    "remove a post",
                    action,
                    id,
                ))
            })?;
            if !as_planned {
                return Err(StoreError::Stale);
            }
        }
        Ok(())
    }

    fn remove_translations(&mut self, removals: &[TranslationRemoval]) -> Result<()> {
        for removal in removals {
            let as_planned = self.guard.bounded(|| {
                self.remove_text(removal)
                    .map_err(failed(&self.transaction, "remove a translation"))
            })?;
            if !as_planned {
                return Err(StoreError::Stale);
            }
        }
        Ok(())
    }

    fn finish(&mut self, finish: &Finish) -> Result<()> {
        self.guard.bounded(|| {
            self.count(finish)
                .map_err(failed(&self.transaction, "bring the counts up to date"))?;
            self.end_run(finish)
                .map_err(failed(&self.transaction, "record the run"))
        })
    }

    fn commit(self: Box<Self>) -> Result<()> {
        let Self {
            transaction, guard, ..
        } = *self;
        guard.commit(transaction, "commit")
    }
}
