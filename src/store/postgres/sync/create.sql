-- Inserts posts, and keeps what they were made from.
-- $1 the ids, $2 the bodies, $3 the paths, $4 and $5 the digests of the files and the posts, one
-- array each; $6 and $7 the tags as (post, name) pairs; $8 the time that replaces an absent
-- one; $9 the way in which search terms are made; $10 nothing; from $11 on a field each.
WITH input AS (
    SELECT *
    FROM unnest(
        $1::int[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], {input.arrays}
    ) AS i (id, content, path, file_digest, post_digest, {input.names})
), written AS (
    INSERT INTO {post} AS p ({post.id}, {post.content}{input.columns})
    -- Ids are those of the files, also where the database would always make its own.
    OVERRIDING SYSTEM VALUE
    SELECT i.id, i.content{input.inserted}
    FROM input i
    RETURNING
        p.{post.id} AS id,
        -- Over the row as it is stored: the columns may round what they are given.
        {digest.inserted} AS row_digest
)
