//! Writing the texts of a blog with locales: each has a row of its own besides that of its post.

use rusqlite::{ToSql, named_params, params};

use super::{SqliteTransaction, bind_fields, names};
use crate::index::RowVersion;
use crate::locale::Locale;
use crate::plan::{Relocation, Replaces, TranslationRemoval, TranslationRow};
use crate::post::{Digest, Field, FieldSet, PostId, SourcePath, TextId, Value};
use crate::search::TERMS_VERSION;
use crate::store::sqlite::error::failed;
use crate::store::sqlite::{extra, statements, terms};
use crate::store::{AdoptedPost, PostWrite, Result, StoreError, TermsWrite, TextCopy};

const IS_THERE: &str = include_str!("../translations/is_there.sql");
const DELETE: &str = include_str!("../translations/delete.sql");
const MARK_UNCOUNTED: &str = include_str!("../translations/mark_uncounted.sql");
const RECOUNT_LOCALES: &str = include_str!("../translations/recount_locales.sql");
const RECOUNT_CATEGORIES: &str = include_str!("../translations/recount_categories.sql");
const RECOUNT_TAGS: &str = include_str!("../translations/recount_tags.sql");

const FORGET: &str = "DELETE FROM blogctl_translation WHERE post_id = ?1 AND locale = ?2";
const KEEP_MADE_FROM: &str =
    "UPDATE blogctl_translation SET made_from = ?3 WHERE post_id = ?1 AND locale = ?2";

/// Neither the count of touches nor the digest is that of any row that was written.
const MARK_EDITED: &str = "
    UPDATE blogctl_translation SET row_digest = x'', written_touches = touches - 1
    WHERE post_id = ?1 AND locale = ?2";

/// The deletions are of what nobody has any more.
const DROP_EMPTY: &str = "
    DELETE FROM blogctl_locale_category_count WHERE posts = 0;
    DELETE FROM blogctl_locale_tag_count WHERE posts = 0;
    DELETE FROM blogctl_locale_count WHERE posts = 0 AND NOT has_gaps;";

/// The record of a text's file.
struct Text<'a> {
    id: PostId,
    locale: Locale,
    path: &'a SourcePath,
    file_digest: Digest,
    post_digest: Digest,
    text_digest: Option<Digest>,
    stated: FieldSet,
}

impl SqliteTransaction<'_> {
    /// Writes the row of a translation; that of the post is written already.
    pub(super) fn write_text(&self, row: TranslationRow, write: &PostWrite) -> Result<()> {
        let fail = || failed(&self.transaction, "write a translation");
        let rows = self
            .write_text_row(
                (write.post.id, row.locale),
                row.replaces,
                Some(&write.body),
                write.managed,
                |field| write.post.get(field),
            )
            .map_err(fail())?;
        if rows != 1 {
            return Err(StoreError::Stale);
        }
        let text = Text {
            id: write.post.id,
            locale: row.locale,
            path: &write.path,
            file_digest: write.file_digest,
            post_digest: write.post_digest,
            text_digest: write.text_digest,
            stated: write.post.stated(),
        };
        self.record_text(&text)
            .and_then(|()| {
                let (terms, pairs) = (&write.terms, &write.extra_terms);
                extra::write_text(&self.transaction, text.id, text.locale, pairs)?;
                terms::write_text(&self.transaction, text.id, text.locale, terms, pairs)
            })
            .map_err(fail())
    }

    /// Inserts the row of a text, or updates the managed fields of the one of a version.
    fn write_text_row<'v>(
        &self,
        (id, locale): (PostId, Locale),
        replaces: Replaces,
        body: Option<&str>,
        managed: FieldSet,
        value: impl Fn(Field) -> Value<'v>,
    ) -> rusqlite::Result<usize> {
        let (sql, version) = match replaces {
            Replaces::Nothing => (&statements::INSERT_TEXT, None),
            Replaces::Row(RowVersion(version)) => (&statements::UPDATE_TEXT, Some(version)),
        };
        let mut statement = self.transaction.prepare_cached(sql)?;
        for (name, value) in named_params! {
            ":version": version,
            ":id": id.get(),
            ":locale": locale.as_str(),
            ":content": body,
            ":managed": names(managed),
        } {
            // An insert writes all fields.
            if let Some(index) = statement.parameter_index(name)? {
                statement.raw_bind_parameter(index, value)?;
            }
        }
        bind_fields(&mut statement, &statements::TRANSLATED, value)?;
        statement.raw_execute()
    }

    /// Writes the row of a translation as that of another store, and keeps what that keeps.
    pub(in super::super) fn copy_one_text(&self, copy: &TextCopy) -> Result<()> {
        let fail = || failed(&self.transaction, "write a translation");
        let (id, locale) = (copy.row.id, copy.locale);
        let rows = self
            .write_text_row(
                (id, locale),
                copy.replaces,
                copy.body.as_deref(),
                copy.fields,
                |field| copy.row.get(field),
            )
            .map_err(fail())?;
        if rows != 1 {
            return Err(StoreError::Stale);
        }
        self.touched.borrow_mut().insert(id.get().into());
        let Some(record) = &copy.record else {
            return self
                .transaction
                .prepare_cached(FORGET)
                .and_then(|mut statement| statement.execute(params![id.get(), locale.as_str()]))
                .and_then(|_| extra::remove_text(&self.transaction, id, locale))
                .and_then(|()| terms::remove_text(&self.transaction, id, locale))
                .map_err(fail());
        };
        let text = Text {
            id,
            locale,
            path: &record.path,
            file_digest: record.file_digest,
            post_digest: record.post_digest,
            text_digest: Some(copy.text_digest),
            stated: record.stated,
        };
        self.record_text(&text)
            .and_then(|()| {
                let (terms, pairs) = (&copy.terms, &copy.extra_terms);
                extra::write_text(&self.transaction, id, locale, pairs)?;
                terms::write_text(&self.transaction, id, locale, terms, pairs)
            })
            .map_err(fail())
    }

    /// Keeps the digest of the main text that a text was made from.
    pub(super) fn keep_one_made_from(&self, id: TextId, made_from: Option<Digest>) -> Result<()> {
        let made_from = made_from.as_ref().map(Digest::as_bytes);
        self.change_record(id, KEEP_MADE_FROM, &[&made_from])
    }

    /// Marks the row of a text as edited.
    pub(in super::super) fn mark_text_edited(&self, id: TextId) -> Result<()> {
        self.change_record(id, MARK_EDITED, &[])
    }

    /// Changes the record of a text, which must be there, by a statement whose further parameters
    /// follow the post and the locale.
    fn change_record(&self, id: TextId, sql: &str, values: &[&dyn ToSql]) -> Result<()> {
        let locale = id.locale.as_ref().map(Locale::as_str);
        let key = id.post.get();
        let parameters: Vec<&dyn ToSql> = [&key as &dyn ToSql, &locale]
            .into_iter()
            .chain(values.iter().copied())
            .collect();
        let rows = self
            .transaction
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(&parameters[..]))
            .map_err(failed(&self.transaction, "keep the records"))?;
        if rows != 1 {
            return Err(StoreError::Stale);
        }
        Ok(())
    }

    /// Records a translation whose row is as the plan saw it.
    pub(super) fn adopt_text(&self, row: TranslationRow, post: &AdoptedPost) -> Result<()> {
        let fail = || failed(&self.transaction, "adopt a translation");
        // Only a row that is there is as its file says.
        let Replaces::Row(RowVersion(version)) = row.replaces else {
            return Err(StoreError::Stale);
        };
        let is_there = self
            .transaction
            .prepare_cached(IS_THERE)
            .and_then(|mut statement| {
                statement.exists(params![post.id.get(), row.locale.as_str(), version])
            })
            .map_err(fail())?;
        if !is_there {
            return Err(StoreError::Stale);
        }
        let text = Text {
            id: post.id,
            locale: row.locale,
            path: &post.path,
            file_digest: post.file_digest,
            post_digest: post.post_digest,
            text_digest: post.text_digest,
            stated: post.stated,
        };
        self.record_text(&text)
            .and_then(|()| {
                let (terms, pairs) = (&post.terms, &post.extra_terms);
                extra::write_text(&self.transaction, text.id, text.locale, pairs)?;
                terms::write_text(&self.transaction, text.id, text.locale, terms, pairs)
            })
            .map_err(fail())
    }

    fn record_text(&self, text: &Text<'_>) -> rusqlite::Result<()> {
        self.touched.borrow_mut().insert(text.id.get().into());
        self.transaction
            .prepare_cached(&statements::RECORD_TEXT)?
            .execute(named_params! {
                ":id": text.id.get(),
                ":locale": text.locale.as_str(),
                ":path": text.path.as_str(),
                ":file_digest": text.file_digest.as_bytes(),
                ":post_digest": text.post_digest.as_bytes(),
                ":text_digest": text.text_digest.as_ref().map(Digest::as_bytes),
                ":terms_version": TERMS_VERSION,
                ":stated": names(text.stated),
            })
            .map(|_| ())
    }

    /// Writes the search terms of a text whose row stays.
    pub(super) fn write_text_terms(&self, locale: Locale, write: &TermsWrite) -> Result<()> {
        let fail = || failed(&self.transaction, "write the search terms");
        let id = write.id.post;
        let rows = self
            .transaction
            .prepare_cached(
                "UPDATE blogctl_translation SET terms_version = ?3
                 WHERE post_id = ?1 AND locale = ?2",
            )
            .and_then(|mut statement| {
                statement.execute(params![id.get(), locale.as_str(), TERMS_VERSION])
            })
            .map_err(fail())?;
        if rows != 1 {
            return Err(StoreError::Stale);
        }
        let (terms, pairs) = (&write.terms, &write.extra_terms);
        terms::write_text(&self.transaction, id, locale, terms, pairs).map_err(fail())
    }

    /// Keeps where the file of a text is.
    pub(super) fn relocate_text(&self, locale: Locale, relocation: &Relocation) -> Result<()> {
        let rows = self
            .transaction
            .prepare_cached(
                "UPDATE blogctl_translation SET path = ?3, file_digest = ?4
                 WHERE post_id = ?1 AND locale = ?2",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    relocation.id.get(),
                    locale.as_str(),
                    relocation.path.as_str(),
                    relocation.file_digest.as_bytes(),
                ])
            })
            .map_err(failed(&self.transaction, "move a translation"))?;
        if rows != 1 {
            return Err(StoreError::Stale);
        }
        Ok(())
    }

    /// Deletes the row of a translation, and what is kept of it; returns whether the row was as
    /// planned.
    pub(super) fn remove_text(&self, removal: &TranslationRemoval) -> rusqlite::Result<bool> {
        let (id, locale) = (removal.id.get(), removal.locale.as_str());
        let as_planned = match removal.version {
            Some(RowVersion(version)) => {
                let mut statement = self.transaction.prepare_cached(DELETE)?;
                statement.execute(params![id, locale, version])? == 1
            }
            None => {
                let mut row = self.transaction.prepare_cached(
                    "SELECT 1 FROM post_translation WHERE post_id = ?1 AND locale = ?2",
                )?;
                !row.exists(params![id, locale])?
            }
        };
        if as_planned {
            self.touched.borrow_mut().insert(removal.id.get().into());
            extra::remove_text(&self.transaction, removal.id, removal.locale)?;
            self.transaction
                .prepare_cached(
                    "DELETE FROM blogctl_translation WHERE post_id = ?1 AND locale = ?2",
                )?
                .execute(params![id, locale])?;
            terms::remove_text(&self.transaction, removal.id, removal.locale)?;
        }
        Ok(as_planned)
    }

    /// Forgets the texts of a post that is gone: those from before the blog gave up its locales.
    pub(super) fn forget_texts(&self, id: PostId) -> rusqlite::Result<()> {
        let locales: Vec<String> = self
            .transaction
            .prepare_cached("SELECT locale FROM blogctl_translation WHERE post_id = ?1")?
            .query_map([id.get()], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for locale in locales.iter().filter_map(|name| Locale::new(name)) {
            terms::remove_text(&self.transaction, id, locale)?;
        }
        self.transaction
            .prepare_cached("DELETE FROM blogctl_translation WHERE post_id = ?1")?
            .execute([id.get()])
            .map(|_| ())
    }

    /// Marks what is to be counted again because of translations that came or went, and counts what
    /// is marked, in each locale. The counts of the whole blog, which come next, take the marks
    /// away.
    pub(super) fn count_texts(&self) -> rusqlite::Result<()> {
        if let Some(locales) = &self.locales {
            self.keep_gaps(locales)?;
        }
        let run = |sql| self.transaction.execute_batch(sql);
        run(MARK_UNCOUNTED)?;
        run(RECOUNT_LOCALES)?;
        run(RECOUNT_CATEGORIES)?;
        run(RECOUNT_TAGS)?;
        run(DROP_EMPTY)
    }
}
