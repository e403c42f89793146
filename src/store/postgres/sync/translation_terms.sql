-- Writes the search terms of texts.
-- $1 the posts, $2 their locales, $3 their terms, each text's as the text of a tsvector.
INSERT INTO blogctl.translation_search (post_id, locale, terms)
SELECT i.id, i.locale, i.terms::tsvector
FROM unnest($1::int[], $2::text[], $3::text[]) AS i (id, locale, terms)
ON CONFLICT (post_id, locale) DO UPDATE SET terms = excluded.terms
