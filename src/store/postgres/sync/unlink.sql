-- Removes the links of posts that are about to be deleted, and marks the tags that they have
-- or had. The tables of an ORM may not cascade. Returns whether no link is left: a trigger may skip
-- a row.
-- $1 the posts.
WITH gone AS (
    DELETE FROM {post_tag} WHERE {post_tag.post_id} = ANY ($1::int[])
    RETURNING {post_tag.tag_id} AS tag_id
), had AS (
    SELECT t.{tag.id} AS id
    FROM blogctl.source s
    CROSS JOIN LATERAL unnest(s.tags) AS h (name)
    JOIN {tag} t ON t.{tag.name} = h.name
    WHERE s.post_id = ANY ($1)
), marked AS (
    INSERT INTO blogctl.tag_count (tag_id, posts, stale)
    SELECT tag_id, 0, true FROM gone
    UNION
    SELECT id, 0, true FROM had
    ON CONFLICT (tag_id) DO UPDATE SET stale = true
)
SELECT (SELECT count(*) FROM gone)
    = (SELECT count(*) FROM {post_tag} pt WHERE pt.{post_tag.post_id} = ANY ($1))
