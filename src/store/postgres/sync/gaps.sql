-- Keeps which translations are missing and which are stale, of the posts whose texts were touched, or
-- of all where a locale is new.
-- $1 the posts, $2 the locales, $3 and $4 the keys of missing and of stale translations.
WITH touched AS MATERIALIZED (
    SELECT s.post_id, s.locale AS main
    FROM blogctl.source s
{^every}
    WHERE s.post_id = ANY ($1::int[])
{/every}
{#every}
    -- All, whatever was touched.
    WHERE $1::int[] IS NOT NULL
{/every}
), wanted AS MATERIALIZED (
    SELECT t.post_id, $3::text AS key, l.locale AS value
    FROM touched t
    CROSS JOIN unnest($2::text[]) AS l (locale)
    -- One look by the unique index on (post_id, locale); LIMIT keeps it that.
    WHERE (
        SELECT true FROM {translation} tr
        WHERE tr.{translation.post_id} = t.post_id AND tr.{translation.locale}::text = l.locale
        LIMIT 1
    ) IS NULL
    UNION ALL
    SELECT t.post_id, $4::text, k.locale
    FROM touched t
    JOIN blogctl.translation m ON m.post_id = t.post_id AND m.locale = t.main
    JOIN blogctl.translation k ON k.post_id = t.post_id AND k.locale <> t.main
    WHERE k.made_from <> m.text_digest
), gone AS (
    DELETE FROM blogctl.extra_value v
    WHERE v.key IN ($3, $4)
{^every}
        AND v.post_id = ANY ($1::int[])
{/every}
        AND NOT EXISTS (
            SELECT FROM wanted w
            WHERE w.post_id = v.post_id AND w.key = v.key AND w.value = v.value
        )
)
INSERT INTO blogctl.extra_value (post_id, key, value)
SELECT post_id, key, value FROM wanted
ON CONFLICT DO NOTHING
