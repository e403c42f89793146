-- Keeps what a sync wrote, as record_source.sql does. The main text of the post is kept before its
-- other texts, so that these find what they were made from.
INSERT INTO blogctl_translation (post_id, locale, path, file_digest, post_digest, text_digest,
                                 made_from, terms_version, stated, row_digest)
SELECT tr.post_id,
       tr.locale,
       :path,
       :file_digest,
       :post_digest,
       :text_digest,
       (SELECT main.text_digest
        FROM blogctl_source AS s
        JOIN blogctl_translation AS main ON main.post_id = s.post_id AND main.locale = s.locale
        WHERE s.post_id = :id AND s.locale <> :locale),
       :terms_version,
       :stated,
       {text_digest::stated}
FROM post_translation AS tr
WHERE tr.post_id = :id AND tr.locale = :locale
ON CONFLICT (post_id, locale) DO UPDATE
SET path = excluded.path,
    file_digest = excluded.file_digest,
    post_digest = excluded.post_digest,
    text_digest = excluded.text_digest,
    made_from = excluded.made_from,
    terms_version = excluded.terms_version,
    stated = excluded.stated,
    row_digest = excluded.row_digest,
    written_touches = touches
