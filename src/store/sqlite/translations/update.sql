-- A translation that is there. A column of a field that is not in :managed is left alone. The
-- condition holds a row that blogctl wrote to its version; of a row that it did not write, it asks
-- only that it is there.
UPDATE post_translation
SET    content = :content,
       {text_assignments}
WHERE post_id = :id AND locale = :locale AND NOT EXISTS (
    SELECT 1 FROM blogctl_translation
    WHERE post_id = :id AND locale = :locale AND touches <> :version
)
