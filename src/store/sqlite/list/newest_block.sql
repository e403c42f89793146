-- The highest block of 4,000 ids below :upper that holds a post created in the span;
-- NULL if none does. From block to block by the primary key, passing over gaps, with one
-- probe of (id / 4000, created_at) for each. The walk ends at its first hit, or with a NULL.
WITH RECURSIVE walk (block) AS (
    SELECT (SELECT id / 4000 FROM post WHERE id < :upper ORDER BY id DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT id / 4000 FROM post WHERE id < walk.block * 4000 ORDER BY id DESC LIMIT 1)
    FROM walk
    WHERE walk.block IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM post INDEXED BY post_block_created_at_idx
        WHERE id / 4000 = walk.block AND created_at >= :since AND created_at < :before
    )
)
SELECT CASE WHEN count(*) = count(block) THEN min(block) END FROM walk
