-- Counts again, by index, the categories that the sync names in $1.
INSERT INTO blogctl.category_count (category, posts)
SELECT a.category, (SELECT count(*) FROM {post} p WHERE p.{post.category} = {category.counted})
FROM (
    SELECT category FROM unnest($1::text[]) AS a (category)
{#fills_category}
    -- And those that the database gave to the rows that were written.
    UNION
    SELECT c.category FROM blogctl.category_count c WHERE c.posts < 0
{/fills_category}
) a
ON CONFLICT (category) DO UPDATE SET posts = excluded.posts
