-- As many rows as there are tags: the counts are kept, not made.
SELECT t.{tag.name}::text AS name, c.posts,
    CASE
        WHEN pg_typeof(t.{tag.name}) IN ('text'::regtype, 'varchar'::regtype) THEN NULL
        ELSE ARRAY[pg_typeof(t.{tag.name})]::oid[]
    END AS types
FROM blogctl.tag_count c JOIN {tag} t ON t.{tag.id} = c.tag_id
WHERE c.posts > 0
ORDER BY c.posts DESC, t.{tag.name}::text COLLATE "C"
