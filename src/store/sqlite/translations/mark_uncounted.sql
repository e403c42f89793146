-- Marks the categories and tags of posts that gained or lost a translation.
UPDATE blogctl_category_count SET stale = 1
WHERE category IN (
    SELECT p.category FROM blogctl_uncounted AS u CROSS JOIN post AS p ON p.id = u.post_id
);
UPDATE blogctl_tag_count SET stale = 1
WHERE tag_id IN (
    SELECT pt.tag_id
    FROM blogctl_uncounted AS u CROSS JOIN post_tag AS pt ON pt.post_id = u.post_id
);
DELETE FROM blogctl_uncounted;
