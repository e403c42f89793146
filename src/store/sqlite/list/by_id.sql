-- The plain page, and a span of time: a walk down the primary key, from the cursor or the
-- span's newest id, whichever is less, to the span's oldest.
FROM post AS p
{texts}WHERE p.id < :upper AND p.id >= :lower
  AND (:since IS NULL OR p.created_at >= :since)
  AND (:before IS NULL OR p.created_at < :before)
  -- Of another program's making, a key may be of any type; it is then no post's.
  AND typeof(p.id) = 'integer'
-- The keyset: `id` alone is unique, so that no tie is left to break.
ORDER BY p.id DESC
LIMIT :rows
