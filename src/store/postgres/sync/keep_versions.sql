-- Keeps the versions of rows that were rewritten and not changed.
UPDATE blogctl.source s
SET row_xmin = p.xmin
FROM {post} p
WHERE p.{post.id} = s.post_id AND s.row_xmin <> p.xmin
    AND s.row_digest = {digest.kept}
