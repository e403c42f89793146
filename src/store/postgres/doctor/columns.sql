-- Columns of a type that blogctl cannot use, as the migrations refuse them.
SELECT
    n.schema_name || '.' || n.table_name || '.' || n.column_name AS name,
    c.data_type::text AS found,
    n.needed
FROM information_schema.columns c
JOIN (VALUES {needed_columns}) AS n (schema_name, table_name, column_name, needed)
    ON n.schema_name = c.table_schema AND n.table_name = c.table_name
        AND n.column_name = c.column_name
WHERE c.data_type <> n.needed
    AND NOT (n.needed = 'text' AND c.data_type = 'character varying')
ORDER BY 1
