-- The rows of the page, each by primary key, and so their tags' names: LIMIT keeps each of
-- them one look, where a planner without statistics would read all tags for every row.
SELECT p.*,
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
CROSS JOIN LATERAL (
    SELECT
        p.id, p.title, p.description, p.category, p.image,
        p.created_at, p.updated_at, p.word_count
    FROM public.post p
    WHERE p.id = page.id
    LIMIT 1
) p
ORDER BY page.id DESC
