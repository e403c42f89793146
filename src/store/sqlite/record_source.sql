-- Keeps what a sync wrote. The digest is over the row as it was stored. `touches` already counts this write, by the triggers.
INSERT INTO blogctl_source (post_id, path, file_digest, post_digest, terms_version, stated,
                            locale, row_digest)
SELECT p.id,
       :path,
       :file_digest,
       :post_digest,
       :terms_version,
       :stated,
       :locale,
       {row_digest::stated}
FROM post AS p
WHERE p.id = :id
ON CONFLICT (post_id) DO UPDATE
SET path = excluded.path,
    file_digest = excluded.file_digest,
    post_digest = excluded.post_digest,
    terms_version = excluded.terms_version,
    stated = excluded.stated,
    locale = excluded.locale,
    row_digest = excluded.row_digest,
    written_touches = touches
