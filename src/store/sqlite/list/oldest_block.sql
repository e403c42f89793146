-- The lowest block of 4,000 ids that holds a post created in the span: the walk of
-- newest_block.sql from the other end.
WITH RECURSIVE walk (block) AS (
    SELECT (SELECT id / 4000 FROM post WHERE id > 0 ORDER BY id LIMIT 1)
    UNION ALL
    SELECT (SELECT id / 4000 FROM post WHERE id >= (walk.block + 1) * 4000 ORDER BY id LIMIT 1)
    FROM walk
    WHERE walk.block IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM post INDEXED BY post_block_created_at_idx
        WHERE id / 4000 = walk.block AND created_at >= :since AND created_at < :before
    )
)
SELECT CASE WHEN count(*) = count(block) THEN max(block) END FROM walk
