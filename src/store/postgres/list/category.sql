-- $5 the category.
--
-- Keyset: WHERE category = $5 AND id < the last one seen, ORDER BY id DESC, both by the index
-- on (category, id DESC). Only the id is taken, so that the index alone answers; a span of
-- time is looked up by primary key, one look a row. Were it asked of the same row, the planner
-- might walk the primary key instead, through every post of other categories in the span.
page AS MATERIALIZED (
    SELECT p.id
    FROM public.post p
    WHERE p.category = $5::text
        AND p.id < $1
        AND p.id >= CASE
            WHEN $2 IS NULL AND $3 IS NULL THEN 1 ELSE greatest((SELECT lowest FROM span), 1) END
        AND p.id <= CASE
            WHEN $2 IS NULL AND $3 IS NULL THEN 2147483647 ELSE (SELECT highest FROM span) END
        AND ($2 IS NULL AND $3 IS NULL OR (
            SELECT ($2 IS NULL OR t.created_at >= $2) AND ($3 IS NULL OR t.created_at < $3)
            FROM public.post t
            WHERE t.id = p.id
            LIMIT 1
        ))
    ORDER BY p.id DESC
    LIMIT $4
)
