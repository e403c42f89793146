-- Rows of translations that were there before blogctl's records; none, and nothing read, where
-- these are there.
SELECT
    p.{translation.post_id}::text AS id,
    p.{translation.locale}::text AS locale,
    p.xmin::text::bigint AS version
FROM {translation} p
WHERE to_regclass('blogctl.state') IS NULL
