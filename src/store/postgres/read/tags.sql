-- As many rows as there are tags: the counts are kept, not made.
SELECT t.{tag.name}::text AS name, c.posts,
    CASE
        WHEN pg_typeof(t.{tag.name}) IN ('text'::regtype, 'varchar'::regtype) THEN NULL
        ELSE ARRAY[pg_typeof(t.{tag.name})]::oid[]
    END AS types
{#has_translations}
FROM blogctl.locale_tag_count c JOIN {tag} t ON t.{tag.id} = c.tag_id
WHERE c.locale = {locale} AND c.posts > 0
{/has_translations}
{^has_translations}
FROM blogctl.tag_count c JOIN {tag} t ON t.{tag.id} = c.tag_id
WHERE c.posts > 0
{/has_translations}
ORDER BY c.posts DESC, t.{tag.name}::text COLLATE "C"
