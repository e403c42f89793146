-- Keeps the versions of translations that were rewritten and not changed.
UPDATE blogctl.translation k
SET row_xmin = p.xmin
FROM {translation} p
WHERE p.{translation.post_id} = k.post_id AND p.{translation.locale}::text = k.locale
    AND k.row_xmin <> p.xmin AND k.row_digest = {digest.kept}
