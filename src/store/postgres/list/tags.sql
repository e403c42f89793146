-- $5 the tags, each once.
--
-- The walk is driven by the rarest of them, as the kept counts tell, and looks the others up by
-- primary key for each id that it meets.
wanted AS MATERIALIZED (
    SELECT t.id, coalesce(c.posts, 0) AS posts
    FROM unnest($5::text[]) AS w (name)
    JOIN public.tag t ON t.name = w.name
    LEFT JOIN blogctl.tag_count c ON c.tag_id = t.id
), driver AS MATERIALIZED (
    SELECT
        (SELECT w.id FROM wanted w ORDER BY w.posts, w.id LIMIT 1) AS tag_id,
        -- A tag that does not exist has no posts, and so has the whole.
        (SELECT count(*) FROM wanted) = cardinality($5) AS possible
),
-- Keyset: WHERE tag_id = the rarest AND post_id < the last one seen, ORDER BY post_id DESC,
-- both by the index on (tag_id, post_id DESC).
page AS MATERIALIZED (
    SELECT l.post_id AS id
    FROM public.post_tag l
    WHERE (SELECT possible FROM driver)
        AND l.tag_id = (SELECT tag_id FROM driver)
        AND l.post_id < $1
        AND l.post_id >= CASE
            WHEN $2 IS NULL AND $3 IS NULL THEN 1 ELSE greatest((SELECT lowest FROM span), 1) END
        AND l.post_id <= CASE
            WHEN $2 IS NULL AND $3 IS NULL THEN 2147483647 ELSE (SELECT highest FROM span) END
        -- A tag that is alone is the one that is walked along.
        AND (cardinality($5) = 1 OR (
            SELECT count(*) FROM public.post_tag o
            WHERE o.post_id = l.post_id AND o.tag_id = ANY (ARRAY(SELECT w.id FROM wanted w))
        ) = cardinality($5))
        -- One look by the primary key for what post_tag does not hold; LIMIT keeps it that.
        AND ($2 IS NULL AND $3 IS NULL OR (
            SELECT ($2 IS NULL OR p.created_at >= $2) AND ($3 IS NULL OR p.created_at < $3)
            FROM public.post p
            WHERE p.id = l.post_id
            LIMIT 1
        ))
    ORDER BY l.post_id DESC
    LIMIT $4
)
