-- Updates posts, and keeps what they were made from. A row whose version is no longer the
-- one that the plan saw is left alone, and missing in the count.
-- $1..$12 are one array a column, $13 and $14 the tags as (post, name) pairs, $15 the time
-- that stands in for an absent one, $17 the versions.
WITH input AS (
    SELECT *
    FROM unnest(
        $1::int[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[],
        $7::text[], $8::text[], $9::int[], $10::text[], $11::bytea[], $12::bytea[],
        $17::bigint[]
    ) AS i (
        id, title, description, content, created_at, updated_at,
        category, image, word_count, path, file_digest, post_digest,
        version
    )
), written AS (
    UPDATE public.post p
    SET
        title = i.title,
        description = i.description,
        content = i.content,
        -- The first sync's time stays where the file states none.
        created_at = coalesce(i.created_at, p.created_at, $15),
        updated_at = CASE
            WHEN i.updated_at IS NULL AND i.created_at IS NULL THEN $15
            ELSE i.updated_at
        END,
        category = i.category,
        image = i.image,
        word_count = i.word_count
    FROM input i
    WHERE p.id = i.id AND p.xmin = i.version::text::xid
    RETURNING
        p.id,
        blogctl.row_digest(
            p.title, p.description, p.content, p.created_at,
            p.updated_at, p.category, p.image, p.word_count
        ) AS row_digest
)
