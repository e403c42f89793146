     , tr.content
-- Also a post that has no text in the locale.
FROM post AS p
LEFT JOIN post_translation AS tr ON tr.post_id = p.id AND tr.locale = :locale
LEFT JOIN blogctl_translation AS s ON s.post_id = p.id AND s.locale = :locale
WHERE p.id = :key
