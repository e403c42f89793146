-- $1 the cursor: ids below it; $2 and $3 a span of created_at, either may be NULL; $4 the
-- rows to read.
--
-- Where a span is given, `span` is the range of ids outside which nothing was created in it:
-- blocks of 4,000 ids are probed from either end, each by one look into the index on
-- (id / 4000, created_at), until one holds a match. LIMIT in the probes keeps each of them
-- that one look; blocks without any post are stepped over by the primary key. Without a
-- span nothing refers to `span`, and none of this is run.
WITH RECURSIVE down (block, hit) AS (
    SELECT top.block, probe.hit
    FROM (SELECT max(id)::bigint / 4000 AS block FROM public.post WHERE id < $1::bigint) top
    LEFT JOIN LATERAL (
        SELECT true AS hit
        FROM public.post p
        WHERE p.id / 4000 = top.block
            AND p.created_at >= coalesce($2::timestamptz, '-infinity')
            AND p.created_at < coalesce($3::timestamptz, 'infinity')
        LIMIT 1
    ) probe ON true
    WHERE top.block IS NOT NULL
    UNION ALL
    SELECT next.block, probe.hit
    FROM down
    CROSS JOIN LATERAL (
        SELECT max(id)::bigint / 4000 AS block FROM public.post WHERE id < down.block * 4000
    ) next
    LEFT JOIN LATERAL (
        SELECT true AS hit
        FROM public.post p
        WHERE p.id / 4000 = next.block
            AND p.created_at >= coalesce($2, '-infinity')
            AND p.created_at < coalesce($3, 'infinity')
        LIMIT 1
    ) probe ON true
    WHERE down.hit IS NULL AND next.block IS NOT NULL
), up (block, hit) AS (
    SELECT bottom.block, probe.hit
    FROM (SELECT min(id)::bigint / 4000 AS block FROM public.post) bottom
    LEFT JOIN LATERAL (
        SELECT true AS hit
        FROM public.post p
        WHERE p.id / 4000 = bottom.block
            AND p.created_at >= coalesce($2, '-infinity')
            AND p.created_at < coalesce($3, 'infinity')
        LIMIT 1
    ) probe ON true
    WHERE bottom.block IS NOT NULL
    UNION ALL
    SELECT next.block, probe.hit
    FROM up
    CROSS JOIN LATERAL (
        SELECT min(id)::bigint / 4000 AS block FROM public.post WHERE id >= (up.block + 1) * 4000
    ) next
    LEFT JOIN LATERAL (
        SELECT true AS hit
        FROM public.post p
        WHERE p.id / 4000 = next.block
            AND p.created_at >= coalesce($2, '-infinity')
            AND p.created_at < coalesce($3, 'infinity')
        LIMIT 1
    ) probe ON true
    WHERE up.hit IS NULL AND next.block IS NOT NULL
), span AS MATERIALIZED (
    SELECT
        (SELECT block FROM up WHERE hit) * 4000 AS lowest,
        (SELECT block FROM down WHERE hit) * 4000 + 3999 AS highest
),
