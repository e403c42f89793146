-- Counts again, by index, the categories that the sync names in $1, in each of the locales $2. LIMIT
-- keeps each post one look by the unique index on (post_id, locale), as in recount_locale_tags.sql.
INSERT INTO blogctl.locale_category_count (locale, category, posts)
SELECT l.locale, a.category, (
    SELECT count(*)
    FROM {post} p
    WHERE p.{post.category} = {category.counted} AND (
        SELECT true
        FROM {translation} t
        WHERE t.{translation.post_id} = p.{post.id} AND t.{translation.locale}::text = l.locale
        LIMIT 1
    )
)
FROM unnest($1::text[]) AS a (category)
CROSS JOIN unnest($2::text[]) AS l (locale)
ON CONFLICT (locale, category) DO UPDATE SET posts = excluded.posts
