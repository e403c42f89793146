-- The definition of a constraint or a unique index, the columns that it is about, and the table that
-- a partition is of.
-- $1 and $2 the schema and the name of its table, $3 its own name.
SELECT
    pg_get_constraintdef(k.oid) AS definition,
    pg_get_indexdef(x.indexrelid) AS index_definition,
    ARRAY(
        SELECT a.attname::text
        FROM unnest(coalesce(k.conkey, x.indkey::smallint[])) AS u (number)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number
        -- 0 is an expression.
        WHERE u.number > 0
        ORDER BY a.attnum
    ) AS columns,
    rn.nspname::text AS root_schema,
    r.relname::text AS root_table,
    fn.nspname::text AS to_schema,
    f.relname::text AS to_table,
    ARRAY(
        SELECT a.attname::text
        FROM unnest(k.confkey) WITH ORDINALITY AS u (number, position)
        JOIN pg_attribute a ON a.attrelid = f.oid AND a.attnum = u.number
        ORDER BY u.position
    ) AS to_columns
FROM pg_namespace n
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = $2
LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contypid = 0 AND k.conname = $3
LEFT JOIN pg_class i ON i.relnamespace = n.oid AND i.relname = $3 AND i.relkind IN ('i', 'I')
LEFT JOIN pg_index x ON x.indexrelid = i.oid AND x.indrelid = c.oid
LEFT JOIN pg_class f ON f.oid = k.confrelid
LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_class r ON r.oid = pg_partition_root(c.oid)
LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE n.nspname = $1
