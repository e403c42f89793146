-- The translations that blogctl wrote, and the state of their rows, as in entries.sql. Untouched
-- rows are looked up by the primary key alone.
SELECT s.post_id,
       s.locale,
       s.path,
       s.file_digest,
       s.post_digest,
       s.text_digest,
       s.made_from,
       s.stated,
       s.terms_version,
       tr.post_id IS NOT NULL AS present,
       s.touches,
       s.touches = s.written_touches OR s.row_digest = {text_digest:s.stated} AS intact
FROM blogctl_translation AS s
LEFT JOIN post_translation AS tr ON tr.post_id = s.post_id AND tr.locale = s.locale
