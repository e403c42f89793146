-- Sequences that a sync draws from, and may not. Those of identity columns ask nobody.
SELECT s.name
FROM (VALUES ({'tag'}, {'tag.id'})) AS n (table_name, column_name)
JOIN pg_attribute a ON a.attrelid = to_regclass(n.table_name) AND a.attname = n.column_name
JOIN pg_class c ON c.oid = a.attrelid
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN has_schema_privilege(c.relnamespace, 'USAGE')
        THEN pg_get_serial_sequence(n.table_name, n.column_name)
    END AS name
) s
WHERE a.attidentity = ''
    AND NOT has_sequence_privilege(s.name, 'USAGE, UPDATE')
