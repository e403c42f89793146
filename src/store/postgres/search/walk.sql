-- $5 what the terms must hold, as the text of a tsquery.
--
-- Newest first without reading every match: the ids are searched in windows that grow
-- eightfold, each an aligned block of 512, 4,096, ... 2,097,152 ids, until the page is full;
-- the last step asks for all that is left. A block is a term like any other (`:0:41`), so
-- that the index itself intersects it with what is sought. A term that is common fills the
-- page in the first small window; for a rare one the larger windows cost as little as the
-- rare term does. Either way the posts looked at are a small multiple of those shown. Each
-- window begins at the next post there is, so that gaps among the ids take no windows.
--
-- Keyset: WHERE post_id < the last one seen, ORDER BY post_id DESC; a post has one row here.
-- `+ 0` keeps the planner from walking the primary key instead, past every post that does
-- not match.
step (level, below, ids) AS (
    SELECT
        0,
        least($1, CASE
            WHEN $2 IS NULL AND $3 IS NULL THEN 2147483648
            ELSE coalesce((SELECT highest FROM span) + 1, 0)
        END),
        '{}'::integer[]
    UNION ALL
    SELECT
        step.level + 1,
        win.lowest,
        step.ids || ARRAY(
            SELECT s.post_id
            FROM {search} s
            WHERE s.terms @@ win.query
                AND s.post_id + 0 <= next.newest
{#stores_created_at}
                -- One look by the primary key; LIMIT keeps it that.
                AND ($2 IS NULL AND $3 IS NULL OR (
                    SELECT ($2 IS NULL OR p.{post.created_at} >= $2)
                        AND ($3 IS NULL OR p.{post.created_at} < $3)
                    FROM {post} p
                    WHERE p.{post.id} = s.post_id
                    LIMIT 1
                ))
{/stores_created_at}
            ORDER BY s.post_id + 0 DESC
            LIMIT $4 - cardinality(step.ids)
        )
    FROM step
    CROSS JOIN LATERAL (
        SELECT max(post_id) AS newest FROM {search} WHERE post_id < step.below
    ) next
    CROSS JOIN LATERAL (
        SELECT CASE WHEN step.level < 5 THEN 512 * (8 ^ step.level)::bigint END AS ids
    ) size
    CROSS JOIN LATERAL (
        SELECT
            coalesce(next.newest / size.ids * size.ids, 0) AS lowest,
            CASE
                WHEN size.ids IS NULL THEN $5::text
                ELSE $5 || ' & '':' || step.level || ':' || next.newest / size.ids || ''''
            END::tsquery AS query
    ) win
    WHERE next.newest >= CASE
            WHEN $2 IS NULL AND $3 IS NULL THEN 0
            ELSE coalesce((SELECT lowest FROM span), 2147483648)
        END
        AND cardinality(step.ids) < $4
        AND step.level <= 5
),
page AS MATERIALIZED (
    SELECT unnest(last.ids) AS id
    FROM (SELECT ids FROM step ORDER BY level DESC LIMIT 1) last
)
