-- The end of create_translations.sql, update_translations.sql and adopt_translations.sql: keeps what
-- the rows were made from, and counts them. The main texts were kept by an earlier statement, so
-- that the others find what they were made from.
, kept AS (
    INSERT INTO blogctl.translation
        (post_id, locale, path, file_digest, post_digest, text_digest, made_from, row_xmin,
            row_digest, terms_version, stated)
    SELECT
        w.id, w.locale, i.path, i.file_digest, i.post_digest, i.text_digest,
        (
            SELECT m.text_digest
            FROM blogctl.source s
            JOIN blogctl.translation m ON m.post_id = s.post_id AND m.locale = s.locale
            WHERE s.post_id = w.id AND s.locale <> w.locale
        ),
        w.row_xmin, {digest.written}, $9, i.stated
    FROM written w
    JOIN input i ON i.id = w.id AND i.locale = w.locale
    ON CONFLICT (post_id, locale) DO UPDATE SET
        path = excluded.path,
        file_digest = excluded.file_digest,
        post_digest = excluded.post_digest,
        text_digest = excluded.text_digest,
        made_from = excluded.made_from,
        row_xmin = excluded.row_xmin,
        row_digest = excluded.row_digest,
        terms_version = excluded.terms_version,
        stated = excluded.stated
    RETURNING 1
)
SELECT count(*) FROM kept
