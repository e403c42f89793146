-- Records rows that are as their files say, and leaves them as they are. A row whose version is no
-- longer the one that the plan saw is missing in the count.
-- $10 the versions; the others as in create.sql, without $2, $8 and the fields.
WITH input AS (
    SELECT *, i.stated_names::text[] AS stated
    FROM unnest(
        $1::int[], $3::text[], $4::bytea[], $5::bytea[], $10::bigint[], $11::text[]
    ) AS i (id, path, file_digest, post_digest, version, stated_names)
), written AS (
    SELECT
        p.{post.id} AS id,
        p.xmin AS row_xmin,
        {digest.columns}
    FROM input i
    JOIN {post} p ON p.{post.id} = i.id AND p.xmin = i.version::text::xid
)
