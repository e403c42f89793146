     -- A body that is longer than :longest bytes is measured, never read.
     , typeof(p.content) = 'text' AND octet_length(p.content) > :longest AS is_long
     , CASE
           WHEN typeof(p.content) = 'blob' THEN x''
           WHEN octet_length(p.content) <= :longest THEN p.content
       END AS body
-- The index walks down the ids that meet :query, from the cursor or the span's newest id,
-- whichever is less, to the span's oldest, and stops as the page is full. CROSS JOIN keeps
-- that order of tables whatever statistics someone else gathered.
FROM blogctl_search AS walk
-- A row that someone else deleted has no place on the page.
CROSS JOIN post AS p ON p.id = walk.rowid
LEFT JOIN blogctl_source AS s ON s.post_id = p.id
WHERE walk.blogctl_search MATCH :query AND walk.rowid < :upper AND walk.rowid >= :lower
  AND (:since IS NULL OR p.created_at >= :since)
  AND (:before IS NULL OR p.created_at < :before)
  -- Of another program's making, a key may be of any type; it is then no post's.
  AND typeof(p.id) = 'integer'
-- The keyset: `rowid` alone is unique, so that no tie is left to break.
ORDER BY walk.rowid DESC
LIMIT :rows
