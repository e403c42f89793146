-- Parts of the tables that are missing although their table is there: columns, the function that
-- digests a row, and the default of a post's id.
SELECT format('column %s.%s.%s', n.schema_name, n.table_name, n.column_name) AS name
FROM (VALUES {^is_adopted}{needed_columns}, {/is_adopted}{kept_columns}) AS n (schema_name, table_name, column_name, needed)
JOIN pg_namespace s ON s.nspname = n.schema_name
JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = n.table_name AND c.relkind IN ('r', 'p')
LEFT JOIN pg_attribute a
    ON a.attrelid = c.oid AND a.attname = n.column_name
        AND a.attnum > 0 AND NOT a.attisdropped
WHERE a.attname IS NULL
UNION ALL
SELECT 'function blogctl.row_digest'
FROM pg_namespace s
WHERE s.nspname = 'blogctl' AND NOT EXISTS (
    SELECT FROM pg_proc f
    WHERE f.pronamespace = s.oid AND f.proname = 'row_digest' AND f.pronargs = 9
)
{^is_adopted}
UNION ALL
-- As the migration of version 2 decides it.
SELECT format('default of %s.%s.id', s.nspname, c.relname)
FROM pg_namespace s
JOIN pg_class c ON c.relnamespace = s.oid
JOIN pg_attribute a ON a.attrelid = c.oid
WHERE s.nspname = 'public' AND c.relname = 'post' AND c.relkind = 'r' AND a.attname = 'id'
    AND a.attnotnull AND a.attidentity = '' AND NOT a.atthasdef
{/is_adopted}
