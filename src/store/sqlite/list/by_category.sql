-- A category's page: a walk down (category, id DESC), from the cursor or the span's newest
-- id, whichever is less, to the span's oldest. The index is named so that statistics
-- gathered by someone else never turn the walk into a sort.
FROM post AS p INDEXED BY post_category_id_idx
{texts}WHERE p.category = :category AND p.id < :upper AND p.id >= :lower
  AND (:since IS NULL OR p.created_at >= :since)
  AND (:before IS NULL OR p.created_at < :before)
  -- Of another program's making, a key may be of any type; it is then no post's.
  AND typeof(p.id) = 'integer'
{wanted}-- The keyset: `id` alone is unique, so that no tie is left to break.
ORDER BY p.id DESC
LIMIT :rows
