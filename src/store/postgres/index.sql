-- Everything that a plan needs to know, in one statement: what blogctl wrote (`source`),
-- how its rows stand now, and the rows it did not write. It reads every post's key, by
-- design; the bodies are read only of rows whose transaction is not the one kept for them.
SELECT
    s.post_id,
    s.path,
    s.file_digest,
    s.post_digest,
    s.terms_version,
    p.id AS row_id,
    p.category::text AS category,
    p.xmin::text::bigint AS version,
    s.row_xmin = p.xmin AS untouched,
    CASE
        WHEN s.tags IS DISTINCT FROM coalesce(t.names, '{}') THEN false
        WHEN s.row_xmin = p.xmin THEN true
        ELSE s.row_digest = blogctl.row_digest(
            p.title, p.description, p.content, p.created_at,
            p.updated_at, p.category, p.image, p.word_count
        )
    END AS intact
FROM blogctl.source s
FULL JOIN public.post p ON p.id = s.post_id
LEFT JOIN (
    SELECT pt.post_id, array_agg(t.name::text ORDER BY t.name::text COLLATE "C") AS names
    FROM public.post_tag pt
    JOIN public.tag t ON t.id = pt.tag_id
    GROUP BY pt.post_id
) t ON t.post_id = s.post_id
