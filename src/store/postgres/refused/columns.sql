-- Columns that are missing, or of another type than the statements take, in words.
SELECT format(
    CASE
        WHEN a.attname IS NULL THEN '%s.%s is missing'
        ELSE '%s.%s is of type %s, and blogctl needs %s'
    END,
    n.table_name, n.column_name, format_type(a.atttypid, NULL), n.needed
) AS words
FROM (VALUES
    ('public.post', 'id', 'integer'), ('public.post', 'title', 'text'),
    ('public.post', 'description', 'text'), ('public.post', 'content', 'text'),
    ('public.post', 'created_at', 'timestamp with time zone'),
    ('public.post', 'updated_at', 'timestamp with time zone'),
    ('public.post', 'category', 'text'), ('public.post', 'image', 'text'),
    ('public.post', 'word_count', 'integer'),
    ('public.tag', 'id', 'integer'), ('public.tag', 'name', 'text'),
    ('public.post_tag', 'post_id', 'integer'), ('public.post_tag', 'tag_id', 'integer'),
    ('blogctl.state', 'version', 'integer'), ('blogctl.state', 'generation', 'bigint'),
    ('blogctl.source', 'post_id', 'integer'), ('blogctl.source', 'path', 'text'),
    ('blogctl.source', 'file_digest', 'bytea'), ('blogctl.source', 'post_digest', 'bytea'),
    ('blogctl.source', 'row_xmin', 'xid'), ('blogctl.source', 'row_digest', 'bytea'),
    ('blogctl.source', 'tags', 'text[]'), ('blogctl.source', 'terms_version', 'integer'),
    ('blogctl.search', 'post_id', 'integer'), ('blogctl.search', 'terms', 'tsvector'),
    ('blogctl.category_count', 'category', 'text'),
    ('blogctl.category_count', 'posts', 'bigint'),
    ('blogctl.tag_count', 'tag_id', 'integer'), ('blogctl.tag_count', 'posts', 'bigint'),
    ('blogctl.run', 'id', 'integer'),
    ('blogctl.run', 'started_at', 'timestamp with time zone'),
    ('blogctl.run', 'finished_at', 'timestamp with time zone'),
    ('blogctl.run', 'created', 'integer'), ('blogctl.run', 'updated', 'integer'),
    ('blogctl.run', 'moved', 'integer'), ('blogctl.run', 'removed', 'integer'),
    ('blogctl.run', 'unchanged', 'integer'), ('blogctl.run', 'directory', 'text'),
    ('blogctl.run', 'actor', 'text')
) AS n (table_name, column_name, needed)
LEFT JOIN pg_attribute a
    ON a.attrelid = to_regclass(n.table_name) AND a.attname = n.column_name
        AND a.attnum > 0 AND NOT a.attisdropped
WHERE to_regclass(n.table_name) IS NOT NULL
    AND (a.attname IS NULL OR format_type(a.atttypid, NULL) <> n.needed)
    AND NOT (n.needed = 'text' AND a.atttypid IS NOT NULL
        AND format_type(a.atttypid, NULL) = 'character varying')
ORDER BY 1
LIMIT 5
