-- The indexes of the tables. A column's order in it does not matter here: an index is walked
-- from either end. An expression loses the parentheses around it.
-- $1 the tables' names, with their schemas.
SELECT
    i.relname::text AS name,
    n.nspname || '.' || c.relname AS table_name,
    am.amname::text AS method,
    ARRAY(
        SELECT trim('()' FROM pg_get_indexdef(x.indexrelid, k, false))
        FROM generate_series(1, x.indnkeyatts::integer) AS k
        ORDER BY k
    ) AS keys,
    x.indisunique AS is_unique,
    x.indisvalid AND x.indisready AS is_valid,
    -- An index without the rows where one of its columns is NULL serves every search for values.
    x.indpred IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = x.indrelid
            AND pg_get_expr(x.indpred, x.indrelid) = format('(%I IS NOT NULL)', a.attname)
            AND (a.attnum = ANY (x.indkey) OR a.attnotnull)
    ) AS is_partial
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_am am ON am.oid = i.relam
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname || '.' || c.relname = ANY ($1)
