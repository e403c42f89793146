-- The texts of posts in each of the locales.
-- $1 the posts, $2 the locales.
WITH page AS MATERIALIZED (
    SELECT i.id, l.locale
    FROM unnest($1::int[]) AS i (id)
    CROSS JOIN unnest($2::text[]) AS l (locale)
)
