-- Inserts posts, and keeps what they were made from.
-- $1 the ids, $2 the bodies, $3 the paths, $4 and $5 the digests of the files and the posts, one
-- array each; $6 and $7 the tags as (post, name) pairs; $8 the time that replaces an absent
-- one; $9 the way in which search terms are made; $10 nothing; $11 the fields that the files state,
-- each post's as the text of an array; $12 nothing; from $13 on a field each.
WITH input AS (
    SELECT *, i.stated_names::text[] AS stated
    FROM unnest(
        $1::int[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $11::text[], {input.arrays}
    ) AS i (id, content, path, file_digest, post_digest, stated_names, {input.names})
), written AS (
    INSERT INTO {post} AS p ({post.id}{input.columns})
    -- Ids are those of the files, also where the database would always make its own.
    OVERRIDING SYSTEM VALUE
    SELECT i.id{input.inserted}
    FROM input i
    RETURNING
        p.{post.id} AS id,
        pg_current_xact_id()::xid AS row_xmin,
        -- As they are stored: the columns may round what they are given.
        {digest.columns}
)
