-- A tag's page: a walk down (tag_id, post_id DESC) of the rarest tag that is wanted, from
-- the cursor or the span's newest id, whichever is less, to the span's oldest. CROSS JOIN
-- keeps that order of tables whatever statistics someone else gathered.
FROM post_tag AS walk INDEXED BY post_tag_tag_id_post_id_idx
CROSS JOIN post AS p ON p.id = walk.post_id
{texts}WHERE walk.tag_id = :tag AND walk.post_id < :upper AND walk.post_id >= :lower
  AND (:category IS NULL OR p.category = :category)
  AND (:since IS NULL OR p.created_at >= :since)
  AND (:before IS NULL OR p.created_at < :before)
  -- Of another program's making, a key may be of any type; it is then no post's.
  AND typeof(p.id) = 'integer'
{wanted}-- The keyset: `post_id` alone is unique within a tag, so that no tie is left to break.
ORDER BY walk.post_id DESC
LIMIT :rows
