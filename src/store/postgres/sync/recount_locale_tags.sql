-- Counts again, by index, the tags that the sync touched, in each of the locales $1. Runs before
-- recount_tags.sql, which takes the marks away. LIMIT keeps each post one look by the unique index
-- on (post_id, locale), where a planner without statistics would read all texts for each tag.
INSERT INTO blogctl.locale_tag_count (locale, tag_id, posts)
SELECT l.locale, c.tag_id, (
    SELECT count(*)
    FROM {post_tag} pt
    WHERE pt.{post_tag.tag_id} = c.tag_id AND (
        SELECT true
        FROM {translation} t
        WHERE t.{translation.post_id} = pt.{post_tag.post_id}
            AND t.{translation.locale}::text = l.locale
        LIMIT 1
    )
)
FROM blogctl.tag_count c
CROSS JOIN unnest($1::text[]) AS l (locale)
WHERE c.stale
ON CONFLICT (locale, tag_id) DO UPDATE SET posts = excluded.posts
