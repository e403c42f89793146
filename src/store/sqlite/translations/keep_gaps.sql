-- Keeps which translations of a post are missing and which are stale, as values of keys that no front
-- matter has.
INSERT INTO blogctl_extra_value (key, value, post_id)
SELECT :missing, l.value, :id
FROM json_each(:locales) AS l
WHERE NOT EXISTS (
    SELECT 1 FROM post_translation AS tr WHERE tr.post_id = :id AND tr.locale = l.value
)
UNION ALL
SELECT :stale, k.locale, :id
FROM blogctl_source AS s
JOIN blogctl_translation AS m ON m.post_id = s.post_id AND m.locale = s.locale
JOIN blogctl_translation AS k ON k.post_id = s.post_id AND k.locale <> s.locale
WHERE s.post_id = :id AND k.made_from <> m.text_digest
