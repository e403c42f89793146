-- The candidates, each by primary key; $6 the longest body that comes along, in bytes. A post
-- whose row someone deleted still has its terms: it comes as its id alone.
SELECT page.id AS found, p.*,
    ARRAY(
        SELECT t.name::text
        FROM public.post_tag pt
        CROSS JOIN LATERAL (
            SELECT t.name FROM public.tag t WHERE t.id = pt.tag_id LIMIT 1
        ) t
        WHERE pt.post_id = page.id
        ORDER BY t.name COLLATE "C"
    ) AS tags,
    (SELECT s.path FROM blogctl.source s WHERE s.post_id = page.id) AS path
FROM page
LEFT JOIN LATERAL (
    SELECT
        p.id, p.title, p.description, p.category, p.image,
        p.created_at, p.updated_at, p.word_count,
        CASE
            WHEN octet_length(p.content) > $6::integer THEN NULL
            ELSE coalesce(p.content, '')
        END AS body
    FROM public.post p
    WHERE p.id = page.id
    LIMIT 1
) p ON true
ORDER BY page.id DESC
