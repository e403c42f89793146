-- Counts again, by index, the categories that the sync names in $1, in each of the locales $2.
INSERT INTO blogctl.locale_category_count (locale, category, posts)
SELECT l.locale, a.category, (
    SELECT count(*)
    FROM {post} p
    JOIN {translation} t
        ON t.{translation.post_id} = p.{post.id} AND t.{translation.locale}::text = l.locale
    WHERE p.{post.category} = {category.counted}
)
FROM unnest($1::text[]) AS a (category)
CROSS JOIN unnest($2::text[]) AS l (locale)
ON CONFLICT (locale, category) DO UPDATE SET posts = excluded.posts
