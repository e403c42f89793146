     , tr.content
-- Of several posts with the slug, the one with the greatest id: the first of the index.
FROM post_translation AS tr INDEXED BY post_translation_slug_locale_post_id_idx
CROSS JOIN post AS p ON p.id = tr.post_id
LEFT JOIN blogctl_translation AS s ON s.post_id = p.id AND s.locale = :locale
WHERE tr.slug = :key AND tr.locale = :locale AND tr.post_id BETWEEN 1 AND 2147483647
  -- Of another program's making, a key may be of any type; it is then no post's.
  AND typeof(p.id) = 'integer'
ORDER BY tr.post_id DESC
LIMIT 1
