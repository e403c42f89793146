-- Posts of an adopted table before blogctl has any records, by the primary key, newest first, until
-- their bodies have $2 bytes together.
SELECT q.*
FROM (
    SELECT
        p.{post.id} AS found,
        true AS present,
{#has_translations}
        {locale} AS locale,
{/has_translations}
        {fields.selected},
        {text.content}::text AS content,
        {fields.types} AS types,
{#stores_tags}
        ARRAY(
            SELECT t.name
            FROM {post_tag} pt
            CROSS JOIN LATERAL (
                SELECT t.{tag.name}::text AS name
                FROM {tag} t
                WHERE t.{tag.id} = pt.{post_tag.tag_id}
                LIMIT 1
            ) t
            WHERE pt.{post_tag.post_id} = p.{post.id}
            ORDER BY t.name COLLATE "C"
        ) AS tags,
{/stores_tags}
{^stores_tags}
        '{}'::text[] AS tags,
{/stores_tags}
        NULL::text AS path,
        sum(octet_length({text.content}::text)) OVER (
            ORDER BY p.{post.id} DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS bytes_before
    FROM {text.from}
    WHERE p.{post.id} = ANY ($1::int[])
) q
WHERE coalesce(q.bytes_before, 0) < $2::bigint
ORDER BY q.found DESC
