-- The end of create.sql, update.sql and adopt.sql: keeps what the rows were made from, and counts
-- them.
, tags AS (
    SELECT post_id, array_agg(name ORDER BY name COLLATE "C") AS names
    FROM unnest($6::int[], $7::text[]) AS t (post_id, name)
    GROUP BY post_id
), kept AS (
    -- There is a line already, unless the post is new or was taken over.
    INSERT INTO blogctl.source
        (post_id, path, file_digest, post_digest, row_xmin, row_digest, tags,
            terms_version, stated)
    SELECT
        w.id, i.path, i.file_digest, i.post_digest,
        w.row_xmin, {digest.written}, coalesce(t.names, '{}'), $9, i.stated
    FROM written w
    JOIN input i ON i.id = w.id
    LEFT JOIN tags t ON t.post_id = w.id
    ON CONFLICT (post_id) DO UPDATE SET
        path = excluded.path,
        file_digest = excluded.file_digest,
        post_digest = excluded.post_digest,
        row_xmin = excluded.row_xmin,
        row_digest = excluded.row_digest,
        tags = excluded.tags,
        terms_version = excluded.terms_version,
        stated = excluded.stated
    RETURNING 1
)
{#fills_category}
, counted AS (
    -- A category may be the database's, by a default or a trigger. A count below 0 is made again as
    -- the sync ends.
    INSERT INTO blogctl.category_count (category, posts)
    SELECT DISTINCT w.category::text, -1 FROM written w WHERE w.category IS NOT NULL
    ON CONFLICT (category) DO UPDATE SET posts = excluded.posts
)
{/fills_category}
SELECT count(*) FROM kept
