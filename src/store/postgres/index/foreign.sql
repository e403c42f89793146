-- Rows of a table that was there before blogctl's; none, and nothing read, where blogctl's
-- are there. Its columns may be of any type yet, and `category` may be missing: then the
-- name means the one in `absent`.
SELECT p.id, p.category, p.version
FROM (SELECT NULL::text AS {post.category}) AS absent
CROSS JOIN LATERAL (
    SELECT
        post.{post.id}::text AS id,
        {post.category}::text AS category,
        post.xmin::text::bigint AS version
    FROM {post} AS post
    WHERE to_regclass('blogctl.state') IS NULL
) p
