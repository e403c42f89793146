-- A page of one locale: a walk down (locale, post_id DESC), from the cursor or the span's newest
-- id, whichever is less, to the span's oldest. CROSS JOIN keeps that order of tables whatever
-- statistics someone else gathered.
FROM post_translation AS tr INDEXED BY post_translation_locale_post_id_idx
CROSS JOIN post AS p ON p.id = tr.post_id
LEFT JOIN blogctl_translation AS s ON s.post_id = p.id AND s.locale = :locale
WHERE tr.locale = :locale AND tr.post_id < :upper AND tr.post_id >= :lower
  AND (:category IS NULL OR p.category = :category)
  AND (:since IS NULL OR p.created_at >= :since)
  AND (:before IS NULL OR p.created_at < :before)
  -- Of another program's making, a key may be of any type; it is then no post's.
  AND typeof(p.id) = 'integer'
{wanted}-- The keyset: `post_id` alone is unique within a locale, so that no tie is left to break.
ORDER BY tr.post_id DESC
LIMIT :rows
