-- Counts the tags that are marked, in each locale, by index.
INSERT INTO blogctl_locale_tag_count (locale, tag_id, posts)
SELECT l.locale, c.tag_id, (
    SELECT count(*)
    FROM post_tag AS pt
    CROSS JOIN post_translation AS tr ON tr.post_id = pt.post_id AND tr.locale = l.locale
    WHERE pt.tag_id = c.tag_id
)
FROM blogctl_tag_count AS c CROSS JOIN blogctl_locale_count AS l
WHERE c.stale
ON CONFLICT (locale, tag_id) DO UPDATE SET posts = excluded.posts
