-- Makes the tags that are not there yet, and marks those that the posts had when they were
-- last written: a link may be gone with a row that someone deleted.
-- $1 the tags' names, $2 the posts.
WITH made AS (
    INSERT INTO {tag} ({tag.name})
    SELECT DISTINCT w.name
    FROM unnest($1::text[]) AS w (name)
    -- This keeps the sequence from being spent on tags that are there; the conflict clause
    -- is for a tag that an application makes meanwhile.
    WHERE NOT EXISTS (SELECT FROM {tag} t WHERE t.{tag.name} = w.name)
    ON CONFLICT ({tag.name}) DO NOTHING
    RETURNING {tag.id} AS id
), had AS (
    SELECT DISTINCT t.{tag.id} AS id
    FROM blogctl.source s
    CROSS JOIN LATERAL unnest(s.tags) AS h (name)
    JOIN {tag} t ON t.{tag.name} = h.name
    WHERE s.post_id = ANY ($2::int[])
)
INSERT INTO blogctl.tag_count AS c (tag_id, posts, stale, created)
SELECT id, 0, true, true FROM made
UNION ALL
SELECT id, 0, true, false FROM had
ON CONFLICT (tag_id) DO UPDATE SET stale = true, created = c.created OR excluded.created
