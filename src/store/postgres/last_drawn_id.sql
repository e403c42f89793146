-- The last value of the sequence of the posts' ids, where there is one and the role may read it.
SELECT pg_sequence_last_value(s.name::regclass) AS value
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = {'post.id'}
-- By the row of the catalog: of a table that is not there, the function would fail.
CROSS JOIN LATERAL (SELECT pg_get_serial_sequence(c.oid::regclass::text, a.attname) AS name) s
WHERE c.oid = to_regclass({'post'}) AND has_sequence_privilege(s.name, 'USAGE, SELECT')
