FROM post AS p
LEFT JOIN blogctl_source AS s ON s.post_id = p.id
WHERE p.id = ?1
