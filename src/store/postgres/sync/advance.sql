-- Takes the sequence of the posts' ids past the ids that are about to be written, so that a post
-- that an application adds never meets one of them; where the ids have a sequence, and the role
-- may. A small gap is walked, which cannot take a sequence back that others advance meanwhile.
-- $1 the greatest id.
SELECT CASE
    WHEN $1::bigint <= last.value THEN NULL
    WHEN $1 - last.value <= 1000
        THEN (
            SELECT max(step) FROM generate_series(last.value + 1, $1) AS g (step)
            WHERE nextval(s.name::regclass) IS NOT NULL
        )
    ELSE setval(s.name::regclass, $1)
END
FROM (SELECT pg_get_serial_sequence({'post'}, {'post.id'}) AS name) s
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN has_sequence_privilege(s.name, 'UPDATE') AND has_sequence_privilege(s.name, 'USAGE')
        THEN coalesce(pg_sequence_last_value(s.name::regclass), 0)
    END AS value
) last
WHERE s.name IS NOT NULL AND last.value IS NOT NULL
