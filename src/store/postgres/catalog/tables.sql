-- Tables, their columns and constraints, and what the role may do with them, as one JSON object.
-- The catalogs are readable by all, also where the tables are not.
-- $1 and $2 the schemas and names of the tables; NULL for all of them.
WITH RECURSIVE named AS (
    SELECT c.oid, c.relname, c.relkind, n.nspname, n.oid AS namespace
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE CASE
        WHEN $1::text[] IS NULL
        THEN c.relkind IN ('r', 'p', 'v') AND n.nspname NOT LIKE 'pg\_%'
            AND n.nspname NOT IN ('information_schema', 'blogctl')
        ELSE (n.nspname::text, c.relname::text) IN (
            SELECT w.schema_name, w.table_name
            FROM unnest($1::text[], $2::text[]) AS w (schema_name, table_name)
        )
    END
), referring (oid, level) AS (
    -- What refers to these tables, and what refers to that in turn, as far as deleting reaches.
    SELECT oid, 0 FROM named WHERE $1::text[] IS NOT NULL
    UNION
    SELECT k.conrelid, r.level + 1
    FROM referring r
    JOIN pg_constraint k ON k.confrelid = r.oid AND k.contype = 'f'
    WHERE k.confdeltype = 'c' AND r.level < 4
), bases (oid, base, typtypmod) AS (
    -- The types that domains are made of.
    SELECT d.oid, d.typbasetype, d.typtypmod FROM pg_type d WHERE d.typtype = 'd'
    UNION ALL
    SELECT b.oid, d.typbasetype, d.typtypmod
    FROM bases b JOIN pg_type d ON d.oid = b.base
    WHERE d.typtype = 'd'
)
SELECT json_build_object(
    'server', json_build_object(
        'version', current_setting('server_version_num')::integer,
        'encoding', (
            SELECT pg_encoding_to_char(d.encoding)
            FROM pg_database d WHERE d.datname = current_database()
        ),
        'is_read_only', current_setting('default_transaction_read_only')::boolean,
        'is_in_recovery', pg_is_in_recovery(),
        'role', current_user,
        'has_public', to_regnamespace('public') IS NOT NULL,
        'has_blogctl', to_regnamespace('blogctl') IS NOT NULL
    ),
    'tables', coalesce((
        SELECT json_agg(json_build_object(
            'schema', t.nspname,
            'name', t.relname,
            'kind', t.relkind,
            'is_reachable', has_schema_privilege(t.namespace, 'USAGE'),
            'has_row_security', row_security_active(t.oid),
            -- A view has no versions.
            'is_versioned', CASE
                WHEN t.relkind IN ('r', 'p') THEN has_column_privilege(t.oid, 'xmin', 'SELECT')
                ELSE false
            END,
            'is_deletable', has_table_privilege(t.oid, 'DELETE'),
            'columns', coalesce((
                SELECT json_agg(json_build_object(
                    'name', a.attname,
                    'type_sql', format('%I.%I', tn.nspname, ty.typname),
                    'type_name', format_type(a.atttypid, a.atttypmod),
                    'base', root.typname,
                    'base_sql', format('%I.%I', rn.nspname, root.typname),
                    'category', root.typcategory,
                    'length', CASE
                        WHEN root.typname IN ('varchar', 'bpchar') AND modifier.value > 4
                        THEN modifier.value - 4
                    END,
                    'precision', CASE
                        WHEN root.typname IN ('timestamp', 'timestamptz') AND modifier.value >= 0
                        THEN modifier.value
                    END,
                    'is_required', a.attnotnull OR ty.typnotnull,
                    'default', CASE
                        WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid)
                    END,
                    'is_identity', a.attidentity <> '' OR coalesce(
                        pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false
                    ),
                    'is_generated', a.attgenerated <> '',
                    'labels', ARRAY(
                        SELECT e.enumlabel FROM pg_enum e
                        WHERE e.enumtypid = root.oid
                        ORDER BY e.enumsortorder
                    ),
                    'checks', coalesce((
                        SELECT json_agg(json_build_object(
                            'name', k.conname, 'definition', pg_get_constraintdef(k.oid)
                        ) ORDER BY k.conname)
                        FROM pg_constraint k
                        WHERE k.contypid = ty.oid AND k.contype = 'c'
                    ), '[]'),
                    'is_readable', has_column_privilege(t.oid, a.attnum, 'SELECT'),
                    'is_insertable', has_column_privilege(t.oid, a.attnum, 'INSERT'),
                    'is_updatable', has_column_privilege(t.oid, a.attnum, 'UPDATE')
                ) ORDER BY a.attnum)
                FROM pg_attribute a
                JOIN pg_type ty ON ty.oid = a.atttypid
                JOIN pg_namespace tn ON tn.oid = ty.typnamespace
                LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                LEFT JOIN LATERAL (
                    SELECT b.base, b.typtypmod
                    FROM bases b JOIN pg_type bt ON bt.oid = b.base
                    WHERE b.oid = a.atttypid AND bt.typtype <> 'd'
                    LIMIT 1
                ) domain ON true
                JOIN pg_type root ON root.oid = coalesce(domain.base, a.atttypid)
                JOIN pg_namespace rn ON rn.oid = root.typnamespace
                CROSS JOIN LATERAL (
                    SELECT coalesce(domain.typtypmod, a.atttypmod) AS value
                ) modifier
                WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
            ), '[]'),
            'keys', coalesce((
                SELECT json_agg(ARRAY(
                    SELECT a.attname
                    FROM generate_series(0, x.indnkeyatts - 1) AS g (position)
                    JOIN pg_attribute a
                        ON a.attrelid = x.indrelid AND a.attnum = x.indkey[g.position]
                ))
                FROM pg_index x
                WHERE x.indrelid = t.oid AND x.indisunique AND x.indisvalid AND x.indimmediate
                    AND x.indpred IS NULL AND x.indexprs IS NULL
            ), '[]'),
            'checks', coalesce((
                SELECT json_agg(json_build_object(
                    'name', k.conname,
                    'definition', pg_get_constraintdef(k.oid),
                    'columns', ARRAY(
                        SELECT a.attname FROM pg_attribute a
                        WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
                        ORDER BY a.attnum
                    )
                ) ORDER BY k.conname)
                FROM pg_constraint k
                WHERE k.conrelid = t.oid AND k.contype = 'c'
            ), '[]'),
            'triggers', ARRAY(
                -- Bits of the type: 1 for each row, 2 before, 4 insert, 8 delete, 16 update.
                SELECT g.tgname FROM pg_trigger g
                WHERE g.tgrelid = t.oid AND NOT g.tgisinternal AND g.tgenabled <> 'D'
                    AND g.tgtype & 3 = 3 AND g.tgtype & 28 <> 0
                ORDER BY g.tgname
            ),
            'rules', ARRAY(
                -- 1 is the rule behind a view.
                SELECT w.rulename FROM pg_rewrite w
                WHERE w.ev_class = t.oid AND w.ev_type <> '1' AND w.ev_enabled <> 'D'
                ORDER BY w.rulename
            )
        ) ORDER BY t.nspname, t.relname)
        FROM named t
    ), '[]'),
    'references', coalesce((
        SELECT json_agg(json_build_object(
            'schema', fn.nspname,
            'table', f.relname,
            'columns', ARRAY(
                SELECT a.attname
                FROM unnest(k.conkey) WITH ORDINALITY AS u (number, position)
                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
                ORDER BY u.position
            ),
            'to_schema', tn.nspname,
            'to_table', t.relname,
            'to_columns', ARRAY(
                SELECT a.attname
                FROM unnest(k.confkey) WITH ORDINALITY AS u (number, position)
                JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number
                ORDER BY u.position
            ),
            'on_delete', k.confdeltype,
            'is_readable', has_schema_privilege(fn.oid, 'USAGE') AND (
                SELECT bool_and(has_column_privilege(k.conrelid, u.number, 'SELECT'))
                FROM unnest(k.conkey) AS u (number)
            )
        ) ORDER BY fn.nspname, f.relname, k.conname)
        FROM pg_constraint k
        JOIN pg_class f ON f.oid = k.conrelid
        JOIN pg_namespace fn ON fn.oid = f.relnamespace
        JOIN pg_class t ON t.oid = k.confrelid
        JOIN pg_namespace tn ON tn.oid = t.relnamespace
        WHERE k.contype = 'f'
            AND ($1::text[] IS NULL OR k.confrelid IN (SELECT oid FROM referring))
    ), '[]'),
    -- Where there are no tables of blogctl's, others may be those of the blog.
    'lookalikes', ARRAY(
        SELECT format('%s.%s', n.nspname, c.relname)
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT EXISTS (
                SELECT FROM pg_class s JOIN pg_namespace b ON b.oid = s.relnamespace
                WHERE b.nspname = 'blogctl' AND s.relname = 'state'
            )
            AND c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%'
            AND n.nspname NOT IN ('information_schema', 'blogctl')
            AND (n.nspname::text, c.relname::text) NOT IN (
                SELECT w.schema_name, w.table_name
                FROM unnest($1::text[], $2::text[]) AS w (schema_name, table_name)
            )
            AND (
                SELECT bool_or(lower(a.attname) = 'title') AND (
                    bool_or(lower(a.attname) IN ('content', 'body', 'markdown', 'html'))
                    OR lower(c.relname) IN
                        ('post', 'posts', 'blog_post', 'blogpost', 'article', 'articles')
                )
                FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            )
        ORDER BY 1
        LIMIT 20
    )
)::text AS catalog
