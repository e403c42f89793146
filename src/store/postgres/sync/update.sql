-- Updates posts, and keeps what they were made from. A row whose version is no longer the
-- one that the plan saw is left alone, and missing in the count.
-- $10 the versions; the others as in create.sql.
WITH input AS (
    SELECT *
    FROM unnest(
        $1::int[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $10::bigint[], {input.arrays}
    ) AS i (id, content, path, file_digest, post_digest, version, {input.names})
), written AS (
    UPDATE {post} p
    SET {post.content} = i.content{input.updated}
    FROM input i
    LEFT JOIN blogctl.source s ON s.post_id = i.id
    WHERE p.{post.id} = i.id AND p.xmin = i.version::text::xid
    RETURNING
        p.{post.id} AS id,
        {digest.updated} AS row_digest
)
