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
)
