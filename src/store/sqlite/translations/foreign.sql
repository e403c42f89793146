-- The translations that blogctl did not write.
SELECT tr.post_id AS id, tr.locale
FROM post_translation AS tr
WHERE NOT EXISTS (
    SELECT 1 FROM blogctl_translation AS s
    WHERE s.post_id = tr.post_id AND s.locale = tr.locale
)
