-- Updates posts, and keeps what they were made from. A row whose version is no longer the
-- one that the plan saw is left alone, and missing in the count.
-- $10 the versions; $12 the fields that the files state or stated before, whose columns alone are
-- written, as $11; the others as in create.sql.
WITH input AS (
    SELECT *, i.stated_names::text[] AS stated, i.managed_names::text[] AS managed
    FROM unnest(
        $1::int[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $10::bigint[], $11::text[],
        $12::text[], {input.arrays}
    ) AS i (id, content, path, file_digest, post_digest, version, stated_names, managed_names,
        {input.names})
), written AS (
    UPDATE {post} p
    SET {input.set}
    FROM input i
    WHERE p.{post.id} = i.id AND p.xmin = i.version::text::xid
    RETURNING
        p.{post.id} AS id,
        pg_current_xact_id()::xid AS row_xmin,
        {digest.columns}
)
