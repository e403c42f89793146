//! The last step of a sync: the counts, and the record of the run.

use rusqlite::params;

use super::SqliteTransaction;
use crate::model::RunRecord;
use crate::store::Finish;

/// The triggers marked what was changed; the deletions are of what nobody has any more.
const RECOUNT_CATEGORIES: &str = "
    UPDATE blogctl_category_count
    SET posts = (SELECT count(*) FROM post
                 WHERE post.category = blogctl_category_count.category),
        stale = 0
    WHERE stale;
    DELETE FROM blogctl_category_count WHERE posts = 0;";

const RECOUNT_TAGS: &str = "
    UPDATE blogctl_tag_count
    SET posts = (SELECT count(*) FROM post_tag
                 WHERE post_tag.tag_id = blogctl_tag_count.tag_id),
        stale = 0
    WHERE stale;";

const PRUNE_TAGS: &str = "
    DELETE FROM tag
    WHERE id IN (SELECT tag_id FROM blogctl_tag_count WHERE created AND posts = 0);";

impl SqliteTransaction<'_> {
    /// Brings the counts up to date.
    pub(super) fn count(&self, finish: &Finish) -> rusqlite::Result<()> {
        for category in &finish.categories {
            self.transaction
                .prepare_cached(
                    "INSERT INTO blogctl_category_count (category, stale) VALUES (?1, 1)
                     ON CONFLICT (category) DO UPDATE SET stale = 1",
                )?
                .execute([category])?;
        }
        self.count_texts()?;
        self.transaction.execute_batch(RECOUNT_CATEGORIES)?;
        self.transaction.execute_batch(RECOUNT_TAGS)?;
        if finish.prune_tags {
            self.transaction.execute_batch(PRUNE_TAGS)?;
        }
        Ok(())
    }

    /// Records the run, and tells other syncs that their index is old.
    pub(super) fn end_run(&self, finish: &Finish) -> rusqlite::Result<()> {
        if let Some(run) = &finish.run {
            self.record_run(run)?;
        }
        self.transaction
            .execute("UPDATE blogctl_state SET generation = generation + 1", [])?;
        Ok(())
    }

    /// Records a run.
    pub(super) fn record_run(&self, run: &RunRecord) -> rusqlite::Result<()> {
        self.transaction
            .prepare_cached(
                "INSERT INTO blogctl_run (started_at, finished_at, created, updated, moved,
                                          removed, unchanged, directory, actor)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                run.started_at.as_microsecond(),
                run.finished_at.as_microsecond(),
                run.counts.created,
                run.counts.updated,
                run.counts.moved,
                run.counts.removed,
                run.counts.unchanged,
                run.directory,
                run.actor,
            ])
            .map(drop)
    }
}
