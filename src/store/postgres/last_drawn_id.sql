-- The last value of the sequence of the posts' ids, where there is one and the role may read it.
SELECT pg_sequence_last_value(s.name::regclass) AS value
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = {'post.id'}
CROSS JOIN LATERAL (SELECT pg_get_serial_sequence({'post'}, {'post.id'}) AS name) s
WHERE c.oid = to_regclass({'post'}) AND has_sequence_privilege(s.name, 'USAGE, SELECT')
