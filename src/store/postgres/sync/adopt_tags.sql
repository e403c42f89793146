-- Marks the tags of posts whose links blogctl did not make, so that they are counted.
-- $1 the posts.
INSERT INTO blogctl.tag_count (tag_id, posts, stale)
SELECT DISTINCT pt.{post_tag.tag_id}, 0, true
FROM {post_tag} pt
WHERE pt.{post_tag.post_id} = ANY ($1::int[])
ON CONFLICT (tag_id) DO UPDATE SET stale = true
