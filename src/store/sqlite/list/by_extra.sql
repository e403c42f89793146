-- A page of the posts whose extra keys hold a value: a walk down (key, value, post_id) of the
-- rarest pair that is wanted, from the cursor or the span's newest id, whichever is less, to
-- the span's oldest. CROSS JOIN keeps that order of tables whatever statistics someone else
-- gathered.
FROM blogctl_extra_value AS walk
CROSS JOIN post AS p ON p.id = walk.post_id
{texts}WHERE walk.key = :key AND walk.value = :value
  AND walk.post_id < :upper AND walk.post_id >= :lower
  AND (:category IS NULL OR p.category = :category)
  AND (:since IS NULL OR p.created_at >= :since)
  AND (:before IS NULL OR p.created_at < :before)
  -- Of another program's making, a key may be of any type; it is then no post's.
  AND typeof(p.id) = 'integer'
{wanted}-- The keyset: `post_id` alone is unique within a pair, so that no tie is left to break.
ORDER BY walk.post_id DESC
LIMIT :rows
