-- A translation of this version.
SELECT 1 FROM post_translation
WHERE post_id = ?1 AND locale = ?2 AND NOT EXISTS (
    SELECT 1 FROM blogctl_translation
    WHERE post_id = ?1 AND locale = ?2 AND touches <> ?3
)
