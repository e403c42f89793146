-- Inserts posts, and keeps what they were made from.
-- $1..$12 are one array a column, $13 and $14 the tags as (post, name) pairs, $15 the time
-- that stands in for an absent one.
WITH input AS (
    SELECT *
    FROM unnest(
        $1::int[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[],
        $7::text[], $8::text[], $9::int[], $10::text[], $11::bytea[], $12::bytea[]
    ) AS i (
        id, title, description, content, created_at, updated_at,
        category, image, word_count, path, file_digest, post_digest
    )
), tags AS (
    SELECT post_id, array_agg(name ORDER BY name COLLATE "C") AS names
    FROM unnest($13::int[], $14::text[]) AS t (post_id, name)
    GROUP BY post_id
), written AS (
    INSERT INTO public.post
        (id, title, description, content, created_at, updated_at, category, image, word_count)
    SELECT
        id, title, description, content,
        coalesce(created_at, $15),
        CASE WHEN updated_at IS NULL AND created_at IS NULL THEN $15 ELSE updated_at END,
        category, image, word_count
    FROM input
    RETURNING
        id,
        -- Over the row as it is stored: the columns may round what they are given.
        blogctl.row_digest(
            title, description, content, created_at, updated_at, category, image, word_count
        ) AS row_digest
), kept AS (
    -- A post that someone deleted from `post` still has its line here.
    INSERT INTO blogctl.source
        (post_id, path, file_digest, post_digest, row_xmin, row_digest, tags)
    SELECT
        w.id, i.path, i.file_digest, i.post_digest,
        pg_current_xact_id()::xid, w.row_digest, coalesce(t.names, '{}')
    FROM written w
    JOIN input i ON i.id = w.id
    LEFT JOIN tags t ON t.post_id = w.id
    ON CONFLICT (post_id) DO UPDATE SET
        path = excluded.path,
        file_digest = excluded.file_digest,
        post_digest = excluded.post_digest,
        row_xmin = excluded.row_xmin,
        row_digest = excluded.row_digest,
        tags = excluded.tags
    RETURNING 1
)
SELECT count(*) FROM kept
