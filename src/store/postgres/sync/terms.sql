-- Writes the search terms of posts.
-- $1 the posts, $2 their terms, each post's as the text of a tsvector.
INSERT INTO blogctl.search (post_id, terms)
SELECT i.id, i.terms::tsvector
FROM unnest($1::int[], $2::text[]) AS i (id, terms)
ON CONFLICT (post_id) DO UPDATE SET terms = excluded.terms
