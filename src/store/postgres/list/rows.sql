-- The rows of the page, each by primary key.
SELECT p.*,
    ARRAY(
        SELECT t.name::text
        FROM public.post_tag pt JOIN public.tag t ON t.id = pt.tag_id
        WHERE pt.post_id = page.id
        ORDER BY t.name COLLATE "C"
    ) AS tags,
    (SELECT s.path FROM blogctl.source s WHERE s.post_id = page.id) AS path
FROM page
CROSS JOIN LATERAL (
    SELECT
        p.id, p.title, p.description, p.category, p.image,
        p.created_at, p.updated_at, p.word_count
    FROM public.post p
    WHERE p.id = page.id
    LIMIT 1
) p
ORDER BY page.id DESC
