-- The texts that blogctl wrote, how their rows are now, and the rows that it did not write.
SELECT
    k.post_id,
    k.locale,
    k.path,
    k.file_digest,
    k.post_digest,
    k.text_digest,
    k.made_from,
    k.terms_version,
    k.stated,
    p.{translation.post_id} AS row_id,
    p.{translation.locale}::text AS row_locale,
    p.xmin::text::bigint AS version,
    k.row_xmin = p.xmin AS untouched,
    CASE
        WHEN k.row_xmin = p.xmin THEN true
        ELSE k.row_digest = {digest.kept}
    END AS intact
FROM blogctl.translation k
FULL JOIN {translation} p
    ON p.{translation.post_id} = k.post_id AND p.{translation.locale}::text = k.locale
