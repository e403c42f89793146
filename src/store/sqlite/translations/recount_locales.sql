-- Counts the texts of the locales that are marked.
UPDATE blogctl_locale_count
SET posts = (SELECT count(*) FROM post_translation AS tr
             WHERE tr.locale = blogctl_locale_count.locale),
    stale = 0
WHERE stale
