-- The candidates, each by primary key; $6 the longest body that comes along, in bytes. A post
-- whose row someone deleted still has its terms: it comes as its id alone. What should be text
-- is cast to it, since its column may be of another type by now; `types` says of which.
SELECT page.id AS found, p.*,
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
        WHERE pt.post_id = page.id
        ORDER BY t.name::text COLLATE "C"
    ) AS tags,
    (SELECT s.path FROM blogctl.source s WHERE s.post_id = page.id) AS path
FROM page
LEFT JOIN LATERAL (
    SELECT
        true AS present,
        p.title::text AS title,
        p.description::text AS description,
        p.category::text AS category,
        p.image::text AS image,
        p.created_at,
        p.updated_at,
        p.word_count,
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
        CASE
            -- A type that the server comes with and that is not text has no length to send.
            WHEN pg_typeof(p.content)::oid < 16384 AND pg_typeof(p.content) NOT IN
                    ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'name'::regtype)
            THEN false
            ELSE octet_length(p.content::text) > $6::integer
        END AS is_long,
        CASE
            WHEN pg_typeof(p.content)::oid < 16384 AND pg_typeof(p.content) NOT IN
                    ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'name'::regtype)
            THEN left(p.content::text, 0)
            WHEN octet_length(p.content::text) <= $6 THEN p.content::text
        END AS body
    FROM public.post p
    WHERE p.id = page.id
    LIMIT 1
) p ON true
ORDER BY page.id DESC
