-- Writes the search terms of posts.
-- $1 the posts, $2 their terms, each post's as the text of a tsvector.
INSERT INTO blogctl.search (post_id, terms)
{#fills_category}
-- A category may be the database's, by a default or a trigger. Its term is that of `category_term`;
-- a longer one has its digest in it.
SELECT i.id, i.terms::tsvector || array_to_tsvector(ARRAY(
    SELECT 'c:' || p.{post.category}::text
    FROM {post} p
    WHERE p.{post.id} = i.id AND octet_length(p.{post.category}::text) <= 253
    LIMIT 1
))
{/fills_category}
{^fills_category}
SELECT i.id, i.terms::tsvector
{/fills_category}
FROM unnest($1::int[], $2::text[]) AS i (id, terms)
ON CONFLICT (post_id) DO UPDATE SET terms = excluded.terms
