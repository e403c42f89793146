-- Columns of a type that blogctl cannot use, as schema.sql refuses them.
SELECT
    'public.' || c.table_name || '.' || c.column_name AS name,
    c.data_type::text AS found,
    n.needed
FROM information_schema.columns c
JOIN (VALUES
    ('post', 'id', 'integer'), ('post', 'title', 'text'), ('post', 'description', 'text'),
    ('post', 'content', 'text'), ('post', 'created_at', 'timestamp with time zone'),
    ('post', 'updated_at', 'timestamp with time zone'), ('post', 'category', 'text'),
    ('post', 'image', 'text'), ('post', 'word_count', 'integer'),
    ('tag', 'id', 'integer'), ('tag', 'name', 'text'),
    ('post_tag', 'post_id', 'integer'), ('post_tag', 'tag_id', 'integer')
) AS n (table_name, column_name, needed) USING (table_name, column_name)
WHERE c.table_schema = 'public' AND c.data_type <> n.needed
    AND NOT (n.needed = 'text' AND c.data_type = 'character varying')
ORDER BY 1
