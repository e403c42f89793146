-- Counts again, by index, the categories that the sync names in $1.
INSERT INTO blogctl.category_count (category, posts)
SELECT a.category, (SELECT count(*) FROM {post} p WHERE p.{post.category} = {category.counted})
FROM unnest($1::text[]) AS a (category)
ON CONFLICT (category) DO UPDATE SET posts = excluded.posts
