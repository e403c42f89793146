     -- A body that is longer than :longest bytes is measured, never read.
     , typeof(tr.content) = 'text' AND octet_length(tr.content) > :longest AS is_long
     , CASE
           WHEN typeof(tr.content) = 'blob' THEN x''
           WHEN octet_length(tr.content) <= :longest THEN tr.content
       END AS body
-- As found.sql; an id of the index is 256 times that of the post plus the number of the locale,
-- and so are :upper and :lower.
FROM blogctl_translation_search AS walk
-- A row that someone else deleted has no place on the page.
CROSS JOIN post AS p ON p.id = walk.rowid / 256
CROSS JOIN post_translation AS tr ON tr.post_id = p.id AND tr.locale = :locale
LEFT JOIN blogctl_translation AS s ON s.post_id = p.id AND s.locale = :locale
WHERE walk.blogctl_translation_search MATCH :query
  AND walk.rowid < :upper AND walk.rowid >= :lower
  AND (:since IS NULL OR p.created_at >= :since)
  AND (:before IS NULL OR p.created_at < :before)
  -- Of another program's making, a key may be of any type; it is then no post's.
  AND typeof(p.id) = 'integer'
-- The keyset: :query has the term of one locale, in which `rowid` is unique.
ORDER BY walk.rowid DESC
LIMIT :rows
