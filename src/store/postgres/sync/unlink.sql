-- Removes the links of posts that are about to be deleted, and marks their tags. The tables
-- of an ORM may not cascade.
-- $1 the posts.
WITH gone AS (
    DELETE FROM public.post_tag WHERE post_id = ANY ($1::int[]) RETURNING tag_id
)
INSERT INTO blogctl.tag_count (tag_id, posts, stale)
SELECT DISTINCT tag_id, 0, true FROM gone
ON CONFLICT (tag_id) DO UPDATE SET stale = true
