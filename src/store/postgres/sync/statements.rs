//! What a sync sends: the shorter statements, and the names of the longer ones.

/// Inserts posts.
pub const CREATE: &str = concat!(include_str!("create.sql"), include_str!("keep.sql"));
/// Updates posts.
pub const UPDATE: &str = concat!(include_str!("update.sql"), include_str!("keep.sql"));
/// Makes tags, and marks those that posts had.
pub const TAGS: &str = include_str!("tags.sql");
/// Links posts to their tags.
pub const LINKS: &str = include_str!("links.sql");
/// Writes search terms.
pub const TERMS: &str = include_str!("terms.sql");
/// Unlinks posts from their tags.
pub const UNLINK: &str = include_str!("unlink.sql");
/// Deletes posts.
pub const REMOVE: &str = include_str!("remove.sql");

/// Whether nobody has made the tables since the index was read.
pub const STILL_ABSENT: &str = "SELECT to_regclass('blogctl.state') IS NULL";
/// Whether no sync has ended since, and whose tables these are.
pub const STILL_CURRENT: &str = "SELECT generation = $1, version FROM blogctl.state";

/// Keeps the way in which a post's terms were made.
pub const KEEP_TERMS_VERSION: &str = "\
    WITH kept AS (
        UPDATE blogctl.source SET terms_version = $2 WHERE post_id = ANY ($1::int[]) RETURNING 1
    )
    SELECT count(*) FROM kept";

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
    SELECT set_config('statement_timeout', $1, true),
        set_config('idle_in_transaction_session_timeout', '60s', true),
        set_config('gin_pending_list_limit', '32MB', true),
        set_config('work_mem', '32MB', true),
        set_config('maintenance_work_mem', '64MB', true)";

/// Merges the keys that still wait, so that no search has to look through them. Only the
/// index's owner may; for others autovacuum does it, later.
pub const MERGE_TERMS: &str = "\
    SELECT gin_clean_pending_list(c.oid::regclass)
    FROM pg_class c
    WHERE c.oid = to_regclass('blogctl.search_terms_idx') AND pg_has_role(c.relowner, 'USAGE')";

/// Counts anew, by index, what the sync touched.
pub const RECOUNT_TAGS: &str = "\
    UPDATE blogctl.tag_count c
    SET stale = false,
        posts = (SELECT count(*) FROM public.post_tag pt WHERE pt.tag_id = c.tag_id)
    WHERE c.stale";

/// As [`RECOUNT_TAGS`], for the categories that the sync names.
pub const RECOUNT_CATEGORIES: &str = "\
    INSERT INTO blogctl.category_count (category, posts)
    SELECT a.category, (SELECT count(*) FROM public.post p WHERE p.category = a.category)
    FROM unnest($1::text[]) AS a (category)
    ON CONFLICT (category) DO UPDATE SET posts = excluded.posts";

/// Deletes the tags that blogctl made and no post carries.
pub const PRUNE_TAGS: &str = "\
    WITH unused AS (
        DELETE FROM blogctl.tag_count c
        WHERE c.created AND c.posts = 0
            AND NOT EXISTS (SELECT FROM public.post_tag pt WHERE pt.tag_id = c.tag_id)
        RETURNING tag_id
    )
    DELETE FROM public.tag t USING unused u WHERE t.id = u.tag_id";

/// Keeps the versions of rows that were rewritten and not changed.
pub const MEND_VERSIONS: &str = "\
    UPDATE blogctl.source s
    SET row_xmin = p.xmin
    FROM public.post p
    WHERE p.id = s.post_id AND s.row_xmin <> p.xmin
        AND s.row_digest = blogctl.row_digest(
            p.title, p.description, p.content, p.created_at,
            p.updated_at, p.category, p.image, p.word_count
        )";

/// Keeps the run.
pub const RECORD: &str = "\
    INSERT INTO blogctl.run
        (started_at, finished_at, created, updated, moved, removed, unchanged, directory, actor)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Tells other syncs that their index is old.
pub const NEXT_GENERATION: &str = "\
    UPDATE blogctl.state SET generation = generation + 1
    RETURNING txid_current() AS transaction, pg_backend_pid() AS process, generation";
