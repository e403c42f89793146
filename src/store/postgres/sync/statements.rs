//! The statements of a sync that name blogctl's own tables alone.

use tokio_postgres::types::Type;

use super::super::pipeline::{Parameter, bind};
use crate::model::RunRecord;

/// Writes search terms of posts whose rows stay.
pub const REINDEX: &str = include_str!("reindex.sql");
/// Writes the values of extra keys.
pub const EXTRA: &str = include_str!("extra.sql");

/// Writes search terms of texts in a blog with locales.
pub const TRANSLATION_TERMS: &str = include_str!("translation_terms.sql");

/// Writes the values of the extra keys of texts, where each locale has its own.
pub const TRANSLATION_EXTRA: &str = include_str!("translation_extra.sql");

/// Forgets the counts of locales that the blog does not have any more.
pub const DROP_LOCALES: &str = "\
    WITH gone AS (
        DELETE FROM blogctl.locale_count c
        WHERE c.locale <> ALL ($1::text[])
        RETURNING c.locale
    )
    DELETE FROM blogctl.extra_value v
    USING gone g
    WHERE v.key = ANY ($2::text[]) AND v.value = g.locale";

/// Keeps which text of each post is the main one.
pub const KEEP_MAIN_TEXTS: &str = "\
    UPDATE blogctl.source s
    SET locale = i.locale
    FROM unnest($1::int[], $2::text[]) AS i (id, locale)
    WHERE s.post_id = i.id AND s.locale IS DISTINCT FROM i.locale";

/// Keeps the way in which the terms of texts were made.
pub const KEEP_TRANSLATION_TERMS_VERSION: &str = "\
    WITH kept AS (
        UPDATE blogctl.translation k
        SET terms_version = $3
        FROM unnest($1::int[], $2::text[]) AS i (id, locale)
        WHERE k.post_id = i.id AND k.locale = i.locale
        RETURNING 1
    )
    SELECT count(*) FROM kept";

/// Keeps where the file of a text is, and what it holds.
pub const RELOCATE_TRANSLATIONS: &str = "\
    WITH kept AS (
        UPDATE blogctl.translation k
        SET path = i.path, file_digest = i.file_digest
        FROM unnest($1::int[], $2::text[], $3::text[], $4::bytea[])
            AS i (id, locale, path, file_digest)
        WHERE k.post_id = i.id AND k.locale = i.locale
        RETURNING 1
    )
    SELECT count(*) FROM kept";

/// Reads whether the tables are still absent, as when the index was read.
pub const STILL_ABSENT: &str = "SELECT to_regclass('blogctl.state') IS NULL";

/// Keeps the way in which a post's terms were made.
pub const KEEP_TERMS_VERSION: &str = "\
    WITH kept AS (
        UPDATE blogctl.source SET terms_version = $2 WHERE post_id = ANY ($1::int[]) RETURNING 1
    )
    SELECT count(*) FROM kept";

/// Deletes what is kept of posts whose rows stay.
pub const FORGET: &str = "\
    WITH unfound AS (
        DELETE FROM blogctl.search WHERE post_id = ANY ($1::int[])
    ), unkeyed AS (
        DELETE FROM blogctl.extra_value WHERE post_id = ANY ($1::int[])
    )
    DELETE FROM blogctl.source WHERE post_id = ANY ($1::int[])";

/// Deletes what is kept of texts whose rows stay.
pub const FORGET_TEXTS: &str = "\
    WITH i AS (
        SELECT * FROM unnest($1::int[], $2::text[]) AS i (id, locale)
    ), unfound AS (
        DELETE FROM blogctl.translation_search s USING i
        WHERE s.post_id = i.id AND s.locale = i.locale
    ), unkeyed AS (
        DELETE FROM blogctl.extra_value v USING i
        WHERE v.post_id = i.id AND strpos(v.key, chr(31)) > 1
            AND split_part(v.key, chr(31), 1) = i.locale
    )
    DELETE FROM blogctl.translation k USING i WHERE k.post_id = i.id AND k.locale = i.locale";

/// Keeps the digests of the main texts that texts were made from.
pub const KEEP_MADE_FROM: &str = "\
    WITH kept AS (
        UPDATE blogctl.translation k
        SET made_from = i.made_from
        FROM unnest($1::int[], $2::text[], $3::bytea[]) AS i (id, locale, made_from)
        WHERE k.post_id = i.id AND k.locale = i.locale
        RETURNING 1
    )
    SELECT count(*) FROM kept";

/// Keeps that rows of texts are not as they were written, as [`MARK_EDITED`] does.
pub const MARK_TEXTS_EDITED: &str = "\
    WITH marked AS (
        UPDATE blogctl.translation k
        SET row_xmin = '0', row_digest = ''
        FROM unnest($1::int[], $2::text[]) AS i (id, locale)
        WHERE k.post_id = i.id AND k.locale = i.locale
        RETURNING 1
    )
    SELECT count(*) FROM marked";

/// Keeps that rows are not as they were written: no row has these versions and digests.
pub const MARK_EDITED: &str = "\
    WITH marked AS (
        UPDATE blogctl.source SET row_xmin = '0', row_digest = ''
        WHERE post_id = ANY ($1::int[])
        RETURNING 1
    )
    SELECT count(*) FROM marked";

/// Keeps where a post's file is, and what it holds.
pub const RELOCATE: &str = "\
    WITH kept AS (
        UPDATE blogctl.source s
        SET path = i.path, file_digest = i.file_digest
        FROM unnest($1::int[], $2::text[], $3::bytea[]) AS i (id, path, file_digest)
        WHERE s.post_id = i.id
        RETURNING 1
    )
    SELECT count(*) FROM kept";

/// Bounds each statement from here on, and the silence between two: a client that went away
/// without a word must not keep the lock for hours. Lets the index of terms take a sync's keys
/// in bulk: 10,000 posts of 340 terms take 3 s so, and 15 s one key after the other.
pub const SET_FOR_WRITING: &str = "\
    SELECT set_config('statement_timeout', $1, true), set_config('TimeZone', 'UTC', true),
        set_config('idle_in_transaction_session_timeout', '60s', true),
        set_config('gin_pending_list_limit', '32MB', true),
        set_config('work_mem', '32MB', true),
        set_config('maintenance_work_mem', '64MB', true)";

/// Merges the keys that still wait, so that no search has to look through them. Only the
/// index's owner may; for others autovacuum does it, later.
pub const MERGE_TERMS: &str = "\
    SELECT gin_clean_pending_list(c.oid::regclass)
    FROM pg_class c
    WHERE c.oid IN (
            to_regclass('blogctl.search_terms_idx'),
            to_regclass('blogctl.translation_search_terms_idx')
        )
        AND pg_has_role(c.relowner, 'USAGE')";

/// Keeps the run.
pub const RECORD: &str = "\
    INSERT INTO blogctl.run
        (started_at, finished_at, created, updated, moved, removed, unchanged, directory, actor)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Tells other syncs that their index is old.
pub const NEXT_GENERATION: &str = "\
    UPDATE blogctl.state SET generation = generation + 1
    RETURNING txid_current() AS transaction, pg_backend_pid() AS process, generation";

/// Returns the parameters of [`RECORD`].
pub fn record(run: &RunRecord) -> Vec<Parameter> {
    let number = |count: u32| bind(i32::try_from(count).unwrap_or(i32::MAX), Type::INT4);
    vec![
        bind(run.started_at, Type::TIMESTAMPTZ),
        bind(run.finished_at, Type::TIMESTAMPTZ),
        number(run.counts.created),
        number(run.counts.updated),
        number(run.counts.moved),
        number(run.counts.removed),
        number(run.counts.unchanged),
        bind(run.directory.clone(), Type::TEXT),
        bind(run.actor.clone(), Type::TEXT),
    ]
}
