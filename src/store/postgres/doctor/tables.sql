-- The tables that are there, and what the role may do with them. The catalogs are readable
-- by all, also where the schema is not.
-- $1 the names, with their schemas.
SELECT
    n.nspname || '.' || c.relname AS name,
    ARRAY(
        SELECT p.privilege
        FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p (privilege)
        WHERE has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, p.privilege)
    ) AS granted,
    pg_has_role(c.relowner, 'USAGE') AS owned,
    row_security_active(c.oid) AS policies,
    pg_relation_size(c.oid) AS bytes
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname || '.' || c.relname = ANY ($1)
    AND c.relkind IN ('r', 'p')
