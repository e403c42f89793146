-- $1 the cursor: ids below it; $2 and $3 a span of created_at, either may be NULL; $4 the
-- rows to read.
--
-- Where a span is given, `span` is the range of ids outside which nothing was created in it.
-- Blocks of 4,000 ids are walked from the cursor down and from the bottom up, each to the
-- first that holds a match; a walk that finds none ends with a NULL. What a step costs is
-- two looks into an index: (id / 4000, created_at) for a match in the block, for which LIMIT
-- sees that it stays one look, and the primary key for the next block that holds any post.
-- Without a span nothing refers to `span`, and none of this is run. `# 0` changes no id, and is
-- refused for one that is no integer, with which a block would be a fraction.
{#stores_created_at}
WITH RECURSIVE down (block) AS (
    SELECT (max({post.id}) # 0)::bigint / 4000 FROM {post} WHERE {post.id} < $1::bigint
    UNION ALL
    SELECT (SELECT max({post.id})::bigint / 4000 FROM {post} WHERE {post.id} < down.block * 4000)
    FROM down
    WHERE down.block IS NOT NULL AND (
        SELECT true
        FROM {post} p
        WHERE p.{post.id} / 4000 = down.block
            AND p.{post.created_at} >= coalesce($2::timestamptz, '-infinity')
            AND p.{post.created_at} < coalesce($3::timestamptz, 'infinity')
        LIMIT 1
    ) IS NULL
), up (block) AS (
    SELECT min({post.id})::bigint / 4000 FROM {post}
    UNION ALL
    SELECT (SELECT min({post.id})::bigint / 4000 FROM {post} WHERE {post.id} >= (up.block + 1) * 4000)
    FROM up
    WHERE up.block IS NOT NULL AND (
        SELECT true
        FROM {post} p
        WHERE p.{post.id} / 4000 = up.block
            AND p.{post.created_at} >= coalesce($2, '-infinity')
            AND p.{post.created_at} < coalesce($3, 'infinity')
        LIMIT 1
    ) IS NULL
), span AS MATERIALIZED (
    SELECT
        (SELECT CASE WHEN count(*) = count(block) THEN max(block) * 4000 END FROM up) AS lowest,
        (SELECT CASE WHEN count(*) = count(block) THEN min(block) * 4000 + 3999 END FROM down)
            AS highest
),
{/stores_created_at}
{^stores_created_at}
WITH RECURSIVE span AS MATERIALIZED (SELECT NULL::bigint AS lowest, NULL::bigint AS highest),
{/stores_created_at}
