-- A translation that is not there.
INSERT INTO post_translation (post_id, locale, content,
       {text_columns})
SELECT :id, :locale, :content,
       {text_values}
-- Always so: what an update takes, an insert takes, too.
WHERE :version IS NULL AND NOT EXISTS (
    SELECT 1 FROM post_translation WHERE post_id = :id AND locale = :locale
)
