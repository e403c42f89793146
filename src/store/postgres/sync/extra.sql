-- Makes the values by which posts are found those given. Keys with a UNIT SEPARATOR are those of
-- texts and gaps, see translation_extra.sql and gaps.sql.
-- $1 the posts, $2 to $4 their extra keys and values as (post, key, value) triples.
WITH wanted AS (
    SELECT * FROM unnest($2::int[], $3::text[], $4::text[]) AS w (post_id, key, value)
), gone AS (
    DELETE FROM blogctl.extra_value v
    WHERE v.post_id = ANY ($1::int[])
        AND strpos(v.key, chr(31)) = 0
        AND NOT EXISTS (
            SELECT FROM wanted w
            WHERE w.post_id = v.post_id AND w.key = v.key AND w.value = v.value
        )
)
INSERT INTO blogctl.extra_value (post_id, key, value)
SELECT post_id, key, value FROM wanted
ON CONFLICT DO NOTHING
