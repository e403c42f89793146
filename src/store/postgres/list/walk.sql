-- {$category} a category, which the server takes for a value of the column's type, so that an
-- index on it serves; {$category_name} the same as text; {$tags} the tags; {$keys} and {$values}
-- the pairs of extra keys and values, each once; those that are not asked for are not parameters.
--
-- The walk is driven by the rarest of what is asked for, and looks the rest up by primary key
-- for each id that it meets. How many posts have a category or a tag, the kept counts tell; the
-- posts of a pair are counted in its index, up to 4,000.
{#tags}
wanted AS MATERIALIZED (
    SELECT t.{tag.id} AS id, coalesce(c.posts, 0) AS posts
    FROM unnest({$tags}::text[]) AS w (name)
    JOIN {tag} t ON t.{tag.name} = w.name
    LEFT JOIN blogctl.tag_count c ON c.tag_id = t.{tag.id}
),
{/tags}
{#extra}
pairs AS MATERIALIZED (
    SELECT w.key, w.value,
        -- A pair that is alone is walked along, and not counted.
        CASE
            WHEN {^several}cardinality({$keys}) > 1{/several}{#several}true{/several} THEN (
                SELECT count(*) FROM (
                    SELECT FROM blogctl.extra_value v
                    WHERE v.key = w.key AND v.value = w.value
                    LIMIT 4000
                ) v
            )
            ELSE 0
        END AS posts
    FROM unnest({$keys}::text[], {$values}::text[]) AS w (key, value)
),
rarest AS MATERIALIZED (
    SELECT w.key, w.value FROM pairs w ORDER BY w.posts, w.key, w.value LIMIT 1
),
{/extra}
{#several}
driver AS MATERIALIZED (
    SELECT s.kind
    FROM (
        SELECT 0 AS kind, 0::bigint AS posts WHERE false
{#tags}
        UNION ALL SELECT 1, (SELECT min(w.posts) FROM wanted w)
{/tags}
{#extra}
        -- A pair that was not counted to its end counts as the most common of all.
        UNION ALL SELECT 2, (
            SELECT CASE WHEN min(w.posts) < 4000 THEN min(w.posts) ELSE 2147483647 END FROM pairs w
        )
{/extra}
{#category}
        UNION ALL SELECT 3, coalesce(
            (SELECT c.posts FROM blogctl.category_count c WHERE c.category = {$category_name}), 0
        )
{/category}
{#in_locale}
        UNION ALL SELECT 4, coalesce(
            (SELECT c.posts FROM blogctl.locale_count c WHERE c.locale = {$locale_name}), 0
        )
{/in_locale}
    ) s
    ORDER BY s.posts, s.kind
    LIMIT 1
),
{/several}
{#tags}
-- Keyset: WHERE tag_id = the rarest AND post_id < the last one seen, ORDER BY post_id DESC,
-- both by the index on (tag_id, post_id DESC).
by_tag AS (
    SELECT l.{post_tag.post_id} AS id
    FROM {post_tag} l
    -- A tag that does not exist has no posts, and so has the whole.
    WHERE (SELECT count(*) FROM wanted) = cardinality({$tags})
{#several}
        AND (SELECT kind FROM driver) = 1
{/several}
        AND l.{post_tag.tag_id} = (SELECT w.id FROM wanted w ORDER BY w.posts, w.id LIMIT 1)
        AND {within.tag}
    ORDER BY l.{post_tag.post_id} DESC
    LIMIT $4
),
{/tags}
{#extra}
-- Keyset: WHERE (key, value, post_id) < (the rarest pair, the last one seen) AND >= (that pair, the
-- least id), ORDER BY key, value, post_id DESC, both by the primary key, walked backwards. Compared as
-- rows: with key and value equal to the pair, the order would be that of post_id alone, and the
-- planner might walk the index on it instead, through the values of every other key.
by_extra AS (
    SELECT v.post_id AS id
    FROM blogctl.extra_value v
    WHERE (v.key, v.value, v.post_id) < (
            (SELECT key FROM rarest), (SELECT value FROM rarest),
            CASE
                WHEN $2 IS NULL AND $3 IS NULL THEN $1
                ELSE least($1, (SELECT highest FROM span) + 1)
            END
        )
        AND (v.key, v.value, v.post_id) >= (
            (SELECT key FROM rarest), (SELECT value FROM rarest),
            CASE
                WHEN $2 IS NULL AND $3 IS NULL THEN 1
                ELSE greatest((SELECT lowest FROM span), 1)
            END
        )
{#several}
        AND (SELECT kind FROM driver) = 2
{/several}
{#tags}
        AND (SELECT count(*) FROM wanted) = cardinality({$tags})
{/tags}
        AND {within.extra}
    ORDER BY v.key DESC, v.value DESC, v.post_id DESC
    LIMIT $4
),
{/extra}
{#category}
-- Keyset: WHERE category = {$category} AND id < the last one seen, ORDER BY id DESC, both by the
-- index on (category, id DESC). Only the id is taken, so that the index alone answers; a span of
-- time is looked up by primary key, one look a row. Were it asked of the same row, the planner
-- might walk the primary key instead, through every post of other categories in the span.
by_category AS (
    SELECT p.{post.id} AS id
    FROM {post} p
    WHERE p.{post.category} = {$category}
{#several}
        AND (SELECT kind FROM driver) = 3
{/several}
{#tags}
        AND (SELECT count(*) FROM wanted) = cardinality({$tags})
{/tags}
        AND {within.category}
    ORDER BY p.{post.id} DESC
    LIMIT $4
),
{/category}
{#in_locale}
-- Keyset: WHERE locale = {$locale} AND post_id < the last one seen, ORDER BY post_id DESC, both by
-- the index on (locale, post_id DESC).
by_locale AS (
    SELECT tr.{translation.post_id} AS id
    FROM {translation} tr
    WHERE tr.{translation.locale} = {$locale}
{#several}
        AND (SELECT kind FROM driver) = 4
{/several}
{#tags}
        AND (SELECT count(*) FROM wanted) = cardinality({$tags})
{/tags}
        AND {within.locale}
    ORDER BY tr.{translation.post_id} DESC
    LIMIT $4
),
{/in_locale}
-- All of these but one are empty without being run.
page AS MATERIALIZED (
    SELECT id FROM (SELECT 0 AS id WHERE false) none
{#tags}
    UNION ALL SELECT id FROM by_tag
{/tags}
{#extra}
    UNION ALL SELECT id FROM by_extra
{/extra}
{#category}
    UNION ALL SELECT id FROM by_category
{/category}
{#in_locale}
    UNION ALL SELECT id FROM by_locale
{/in_locale}
)
