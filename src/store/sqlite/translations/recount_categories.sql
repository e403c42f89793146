-- Counts the categories that are marked, in each locale, by index.
INSERT INTO blogctl_locale_category_count (locale, category, posts)
SELECT l.locale, c.category, (
    SELECT count(*)
    FROM post AS p
    CROSS JOIN post_translation AS tr ON tr.post_id = p.id AND tr.locale = l.locale
    WHERE p.category = c.category
)
FROM blogctl_category_count AS c CROSS JOIN blogctl_locale_count AS l
WHERE c.stale
ON CONFLICT (locale, category) DO UPDATE SET posts = excluded.posts
