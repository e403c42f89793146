-- Columns that are missing, or of another type than the statements take, in words.
SELECT format(
    CASE
        WHEN a.attname IS NULL THEN '%s.%s.%s is missing'
        ELSE '%s.%s.%s is of type %s, and blogctl needs %s'
    END,
    n.schema_name, n.table_name, n.column_name, format_type(a.atttypid, NULL), n.needed
) AS words
FROM (VALUES {^is_adopted}{needed_columns}, {/is_adopted}{kept_columns}) AS n (schema_name, table_name, column_name, needed)
JOIN pg_namespace s ON s.nspname = n.schema_name
JOIN pg_class c ON c.relnamespace = s.oid AND c.relname = n.table_name
LEFT JOIN pg_attribute a
    ON a.attrelid = c.oid AND a.attname = n.column_name
        AND a.attnum > 0 AND NOT a.attisdropped
WHERE (a.attname IS NULL OR format_type(a.atttypid, NULL) <> n.needed)
    AND NOT (n.needed = 'text' AND a.atttypid IS NOT NULL
        AND format_type(a.atttypid, NULL) = 'character varying')
ORDER BY 1
LIMIT 5
