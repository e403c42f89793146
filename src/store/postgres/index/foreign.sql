-- Rows of a table that was there before blogctl's records; none, and nothing read, where these
-- are there.
SELECT
    p.{post.id}::text AS id,
{#stores_category}
    p.{post.category}::text AS category,
{/stores_category}
{^stores_category}
    NULL::text AS category,
{/stores_category}
    p.xmin::text::bigint AS version
FROM {post} p
WHERE to_regclass('blogctl.state') IS NULL
