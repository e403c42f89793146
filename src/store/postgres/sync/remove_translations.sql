-- Deletes translations whose version is still the one that the plan saw, and what is kept of them; of
-- one that someone else deleted (no version) only the latter. Counts the lines that are settled.
-- $1 the posts, $2 their locales, $3 their versions.
WITH input AS (
    SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[]) AS i (id, locale, version)
), gone AS (
    DELETE FROM {translation} t
    USING input i
    WHERE t.{translation.post_id} = i.id AND t.{translation.locale}::text = i.locale
        AND t.xmin = i.version::text::xid
    RETURNING i.id, i.locale
), forgotten AS (
    DELETE FROM blogctl.translation k
    USING input i
    WHERE k.post_id = i.id AND k.locale = i.locale
        AND CASE
            -- It may have come back: then it is not ours to forget.
            WHEN i.version IS NULL THEN NOT EXISTS (
                SELECT FROM {translation} t
                WHERE t.{translation.post_id} = i.id AND t.{translation.locale}::text = i.locale
            )
            ELSE (i.id, i.locale) IN (SELECT id, locale FROM gone)
        END
    RETURNING k.post_id, k.locale
), unfound AS (
    DELETE FROM blogctl.translation_search s
    USING forgotten f
    WHERE s.post_id = f.post_id AND s.locale = f.locale
), unkeyed AS (
    DELETE FROM blogctl.extra_value v
    WHERE v.post_id = ANY ($1::int[]) AND strpos(v.key, chr(31)) > 1
        AND EXISTS (
            SELECT FROM forgotten f
            WHERE f.post_id = v.post_id AND f.locale = split_part(v.key, chr(31), 1)
        )
)
SELECT count(*) FROM forgotten
