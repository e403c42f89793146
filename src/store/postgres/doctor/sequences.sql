-- Sequences that a sync draws from, and may not. Those of identity columns ask nobody.
SELECT s.name
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN has_schema_privilege(n.oid, 'USAGE') THEN pg_get_serial_sequence('public.tag', 'id')
    END AS name
) s
WHERE n.nspname = 'public' AND c.relname = 'tag' AND a.attname = 'id' AND a.attidentity = ''
    AND NOT has_sequence_privilege(s.name, 'USAGE, UPDATE')
