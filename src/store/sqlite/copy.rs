//! The writes of a copy.

use rusqlite::params;

use super::error::failed;
use super::write::{Source, SqliteTransaction};
use super::{extra, statements, terms};
use crate::plan::Replaces;
use crate::post::{Field, TextId};
use crate::store::{PostCopy, Result, StoreError};

/// Neither the count of touches nor the digest is that of any row that was written.
const MARK_EDITED: &str = "
    UPDATE blogctl_source SET row_digest = x'', written_touches = touches - 1 WHERE post_id = ?1";

impl SqliteTransaction<'_> {
    pub(super) fn copy_post(&self, copy: &PostCopy) -> Result<()> {
        let fail = || failed(&self.transaction, "write a post");
        let id = copy.row.id;
        let update = match copy.replaces {
            Replaces::Nothing => None,
            Replaces::Row(version) => Some((version, copy.fields)),
        };
        let statement = match update {
            None => &statements::INSERT,
            Some(_) => &statements::UPDATE_EXACTLY,
        };
        let body = copy.body.as_deref();
        let rows = self
            .write_row(statement, id, body, update, None, |field| {
                copy.row.get(field)
            })
            .map_err(fail())?;
        if rows != 1 {
            return Err(StoreError::Stale);
        }
        let tags = match update {
            Some((_, fields)) if !fields.contains(Field::Tags) => Ok(()),
            _ => self.write_tags(id, &copy.row.tags),
        };
        let recorded = tags.and_then(|()| match &copy.record {
            Some(record) => {
                let source = Source {
                    id,
                    path: &record.path,
                    file_digest: record.file_digest,
                    post_digest: record.post_digest,
                    stated: record.stated,
                    locale: copy.locale,
                };
                self.record_source(&source)?;
                extra::write(&self.transaction, id, &copy.extra_terms)?;
                // In a blog with locales its texts are found.
                match copy.locale {
                    Some(_) => terms::remove(&self.transaction, id),
                    None => terms::write(&self.transaction, id, &copy.terms),
                }
            }
            None => {
                self.transaction
                    .prepare_cached("DELETE FROM blogctl_source WHERE post_id = ?1")?
                    .execute([id.get()])?;
                extra::remove_all(&self.transaction, id)?;
                terms::remove(&self.transaction, id)
            }
        });
        recorded.map_err(fail())
    }

    pub(super) fn make_tag(&self, name: &str) -> Result<()> {
        self.transaction
            .prepare_cached("INSERT INTO tag (name) VALUES (?1) ON CONFLICT DO NOTHING")
            .and_then(|mut statement| statement.execute([name]))
            .map(drop)
            .map_err(failed(&self.transaction, "write the tags"))
    }

    pub(super) fn mark_one_edited(&self, id: TextId) -> Result<()> {
        if id.locale.is_some() {
            return self.mark_text_edited(id);
        }
        let rows = self
            .transaction
            .prepare_cached(MARK_EDITED)
            .and_then(|mut statement| statement.execute(params![id.post.get()]))
            .map_err(failed(&self.transaction, "keep the records"))?;
        if rows != 1 {
            return Err(StoreError::Stale);
        }
        Ok(())
    }
}
