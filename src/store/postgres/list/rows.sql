-- The rows of the page, each by primary key, and so their tags' names: LIMIT keeps each of
-- them one look, where a planner without statistics would read all tags for every row. A row
-- that is gone by now comes as its id alone. What should be text is cast to it, since its
-- column may be of another type by now; `types` says of which.
SELECT page.id AS found, p.*,
{#has_translations}
    {locale} AS locale,
{/has_translations}
{#stores_tags}
    ARRAY(
        SELECT CASE
            -- A type that the server comes with and that is not text has no names in it.
            WHEN pg_typeof(t.name)::oid >= 16384 OR pg_typeof(t.name)
                IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'name'::regtype)
            THEN t.name::text
        END
        FROM {post_tag} pt
        CROSS JOIN LATERAL (
            SELECT t.{tag.name} AS name FROM {tag} t WHERE t.{tag.id} = pt.{post_tag.tag_id} LIMIT 1
        ) t
        WHERE pt.{post_tag.post_id} = page.id
        ORDER BY t.name::text COLLATE "C"
    ) AS tags,
{/stores_tags}
{^stores_tags}
    '{}'::text[] AS tags,
{/stores_tags}
{#has_translations}
    (
        SELECT k.path FROM blogctl.translation k
        WHERE k.post_id = page.id AND k.locale = {locale}
    ) AS path
{/has_translations}
{^has_translations}
    (SELECT s.path FROM blogctl.source s WHERE s.post_id = page.id) AS path
{/has_translations}
FROM {page}
LEFT JOIN LATERAL (
    SELECT
        true AS present,
        {fields.selected},
{#body}
        -- {$longest} the longest body that comes along, in bytes.
        CASE
            -- A type that the server comes with and that is not text has no length to send.
            WHEN pg_typeof({text.content})::oid < 16384 AND pg_typeof({text.content}) NOT IN
                    ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'name'::regtype)
            THEN false
            ELSE octet_length({text.content}::text) > {$longest}::integer
        END AS is_long,
        CASE
            WHEN pg_typeof({text.content})::oid < 16384 AND pg_typeof({text.content}) NOT IN
                    ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'name'::regtype)
            THEN left({text.content}::text, 0)
            WHEN octet_length({text.content}::text) <= {$longest} THEN {text.content}::text
        END AS body,
{/body}
{#content}
        -- A type that the server comes with and that is not text: not sent, and told by `types`.
        CASE
            WHEN pg_typeof({text.content})::oid < 16384 AND pg_typeof({text.content}) NOT IN
                    ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'name'::regtype)
            THEN left({text.content}::text, 0)
            ELSE {text.content}::text
        END AS content,
{/content}
        {fields.types} AS types
    FROM {text.from}
    WHERE p.{post.id} = page.id
    LIMIT 1
) p ON true
ORDER BY page.id DESC
