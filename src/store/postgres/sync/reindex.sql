-- Writes the search terms of posts whose rows stay, and adds the terms of their extra values as
-- `extra_term` makes them.
-- $1 the posts, $2 their terms, each post's as the text of a tsvector.
INSERT INTO blogctl.search (post_id, terms)
SELECT i.id, i.terms::tsvector || array_to_tsvector(ARRAY(
    SELECT 'x' || to_hex(octet_length(v.key)) || ':' || v.key || v.value
    FROM blogctl.extra_value v
    WHERE v.post_id = i.id AND strpos(v.key, chr(31)) = 0
))
FROM unnest($1::int[], $2::text[]) AS i (id, terms)
ON CONFLICT (post_id) DO UPDATE SET terms = excluded.terms
