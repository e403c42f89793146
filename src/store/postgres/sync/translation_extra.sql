-- Makes the values by which posts are found in a locale those of its texts. The keys begin with the
-- locale and a UNIT SEPARATOR, which no key of a front matter holds.
-- $1 the posts, $2 the locales of their texts, $3 to $5 (post, key, value) triples.
WITH input AS (
    SELECT * FROM unnest($1::int[], $2::text[]) AS i (post_id, locale)
), wanted AS (
    SELECT * FROM unnest($3::int[], $4::text[], $5::text[]) AS w (post_id, key, value)
), gone AS (
    DELETE FROM blogctl.extra_value v
    WHERE v.post_id = ANY ($1::int[]) AND strpos(v.key, chr(31)) > 1
        AND EXISTS (
            SELECT FROM input i
            WHERE i.post_id = v.post_id AND i.locale = split_part(v.key, chr(31), 1)
        )
        AND NOT EXISTS (
            SELECT FROM wanted w
            WHERE w.post_id = v.post_id AND w.key = v.key AND w.value = v.value
        )
)
INSERT INTO blogctl.extra_value (post_id, key, value)
SELECT post_id, key, value FROM wanted
ON CONFLICT DO NOTHING
