     , p.content
-- Of several posts with the slug, the one with the greatest id: the first of the index.
FROM post AS p INDEXED BY post_slug_id_idx
LEFT JOIN blogctl_source AS s ON s.post_id = p.id
WHERE p.slug = :key AND p.id BETWEEN 1 AND 2147483647
  -- Of another program's making, a key may be of any type; it is then no post's.
  AND typeof(p.id) = 'integer'
ORDER BY p.id DESC
LIMIT 1
