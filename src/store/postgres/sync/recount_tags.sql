-- Counts again, by index, the tags that the sync touched.
UPDATE blogctl.tag_count c
SET stale = false,
    posts = (SELECT count(*) FROM {post_tag} pt WHERE pt.{post_tag.tag_id} = c.tag_id)
WHERE c.stale
