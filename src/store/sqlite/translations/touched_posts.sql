-- The posts of which missing and stale translations are to be kept again: those that other programs
-- touched, and all if one of the locales is new.
SELECT post_id FROM blogctl_uncounted
UNION
SELECT post_id FROM blogctl_source
WHERE EXISTS (
    SELECT 1 FROM json_each(?1) AS l
    WHERE NOT EXISTS (
        SELECT 1 FROM blogctl_locale_count AS c WHERE c.locale = l.value AND c.has_gaps
    )
)
