-- Sequences that the role may not use. A sync draws the ids of tags, where they are no identity
-- column, which asks for no privilege; and it advances the sequence of the posts' ids.
SELECT s.name, n.is_advanced
FROM (VALUES
{#stores_tags}
    ({'tag'}, {'tag.id'}, false),
{/stores_tags}
    ({'post'}, {'post.id'}, true)
) AS n (table_name, column_name, is_advanced)
JOIN pg_attribute a ON a.attrelid = to_regclass(n.table_name) AND a.attname = n.column_name
JOIN pg_class c ON c.oid = a.attrelid
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN has_schema_privilege(c.relnamespace, 'USAGE')
        THEN pg_get_serial_sequence(n.table_name, n.column_name)
    END AS name
) s
WHERE CASE
    WHEN n.is_advanced
    THEN NOT (has_sequence_privilege(s.name, 'USAGE') AND has_sequence_privilege(s.name, 'UPDATE'))
    ELSE a.attidentity = '' AND NOT has_sequence_privilege(s.name, 'USAGE, UPDATE')
END
ORDER BY 1
