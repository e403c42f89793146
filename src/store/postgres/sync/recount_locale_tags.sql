-- Counts again, by index, the tags that the sync touched, in each of the locales $1. Runs before
-- recount_tags.sql, which takes the marks away.
INSERT INTO blogctl.locale_tag_count (locale, tag_id, posts)
SELECT l.locale, c.tag_id, (
    SELECT count(*)
    FROM {post_tag} pt
    JOIN {translation} t
        ON t.{translation.post_id} = pt.{post_tag.post_id}
            AND t.{translation.locale}::text = l.locale
    WHERE pt.{post_tag.tag_id} = c.tag_id
)
FROM blogctl.tag_count c
CROSS JOIN unnest($1::text[]) AS l (locale)
WHERE c.stale
ON CONFLICT (locale, tag_id) DO UPDATE SET posts = excluded.posts
