-- Keyset: WHERE id < the last one seen, ORDER BY id DESC, both by the primary key. An id is
-- unique, so it needs no tie-breaker.
page AS MATERIALIZED (
    SELECT p.{post.id} AS id
    FROM {post} p
    WHERE p.{post.id} < $1
        AND p.{post.id} >= CASE
            WHEN $2 IS NULL AND $3 IS NULL THEN 1 ELSE greatest((SELECT lowest FROM span), 1) END
        AND p.{post.id} <= CASE
            WHEN $2 IS NULL AND $3 IS NULL THEN 2147483647 ELSE (SELECT highest FROM span) END
{#stores_created_at}
        AND ($2 IS NULL OR p.{post.created_at} >= $2)
        AND ($3 IS NULL OR p.{post.created_at} < $3)
{/stores_created_at}
    ORDER BY p.{post.id} DESC
    LIMIT $4
)
