-- One post by the primary key. LIMIT keeps each tag's name one look by its key. What should be
-- text is cast to it, since its column may be of another type by now; `types` says of which.
SELECT
    p.title::text AS title,
    p.description::text AS description,
    p.category::text AS category,
    p.image::text AS image,
    p.created_at,
    p.updated_at,
    p.word_count,
    -- A type that the server comes with and that is not text: not sent, and told by `types`.
    CASE
        WHEN pg_typeof(p.content)::oid < 16384 AND pg_typeof(p.content) NOT IN
                ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'name'::regtype)
        THEN left(p.content::text, 0)
        ELSE p.content::text
    END AS content,
    CASE
        WHEN pg_typeof(p.title) IN ('text'::regtype, 'varchar'::regtype)
            AND pg_typeof(p.description) IN ('text'::regtype, 'varchar'::regtype)
            AND pg_typeof(p.category) IN ('text'::regtype, 'varchar'::regtype)
            AND pg_typeof(p.image) IN ('text'::regtype, 'varchar'::regtype)
            AND pg_typeof(p.content) IN ('text'::regtype, 'varchar'::regtype)
        THEN NULL
        ELSE ARRAY[
            pg_typeof(p.title), pg_typeof(p.description), pg_typeof(p.category), pg_typeof(p.image),
            pg_typeof(p.content)
        ]::oid[]
    END AS types,
    ARRAY(
        SELECT CASE
            -- A type that the server comes with and that is not text has no names in it.
            WHEN pg_typeof(t.name)::oid >= 16384 OR pg_typeof(t.name)
                IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'name'::regtype)
            THEN t.name::text
        END
        FROM public.post_tag pt
        CROSS JOIN LATERAL (
            SELECT t.name FROM public.tag t WHERE t.id = pt.tag_id LIMIT 1
        ) t
        WHERE pt.post_id = p.id
        ORDER BY t.name::text COLLATE "C"
    ) AS tags,
    (SELECT s.path FROM blogctl.source s WHERE s.post_id = p.id) AS path
FROM public.post p
WHERE p.id = $1
