-- Counts the texts of each of the locales $1, by the index on the locale.
INSERT INTO blogctl.locale_count (locale, posts)
SELECT l.locale, (
    SELECT count(*) FROM {translation} t WHERE t.{translation.locale} = l.locale{locale.cast}
)
FROM unnest($1::text[]) AS l (locale)
ON CONFLICT (locale) DO UPDATE SET posts = excluded.posts
