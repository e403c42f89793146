-- The posts that blogctl wrote, and the state of their rows. The digest is computed only where the
-- row was touched since, so that an index of untouched rows reads no body.
SELECT s.post_id,
       s.locale AS main_locale,
       s.path,
       s.file_digest,
       s.post_digest,
       p.category,
       s.stated,
       {has_others} AS has_others,
       s.terms_version,
       p.id IS NOT NULL AS present,
       s.touches,
       s.touches = s.written_touches OR s.row_digest = {row_digest:s.stated} AS intact
FROM blogctl_source AS s LEFT JOIN post AS p ON p.id = s.post_id
