-- Links posts to their tags and marks every tag whose links change; the sync counts
-- those again as it ends. Returns whether each link is as it should be: a trigger may skip a row.
-- $1 the posts, $2 and $3 their tags as (post, name) pairs.
WITH pairs AS (
    SELECT DISTINCT w.post_id, w.name FROM unnest($2::int[], $3::text[]) AS w (post_id, name)
), wanted AS (
    SELECT w.post_id, t.{tag.id} AS tag_id
    FROM pairs w
    JOIN {tag} t ON t.{tag.name} = w.name
), had AS (
    SELECT pt.{post_tag.post_id} AS post_id, pt.{post_tag.tag_id} AS tag_id
    FROM {post_tag} pt
    WHERE pt.{post_tag.post_id} = ANY ($1::int[])
), gone AS (
    DELETE FROM {post_tag} pt
    WHERE pt.{post_tag.post_id} = ANY ($1::int[])
        AND NOT EXISTS (
            SELECT FROM wanted w
            WHERE w.post_id = pt.{post_tag.post_id} AND w.tag_id = pt.{post_tag.tag_id}
        )
    RETURNING pt.{post_tag.tag_id} AS tag_id
), new AS (
    INSERT INTO {post_tag} ({post_tag.post_id}, {post_tag.tag_id})
    SELECT post_id, tag_id FROM wanted
    ON CONFLICT DO NOTHING
    RETURNING {post_tag.tag_id} AS tag_id
), marked AS (
    INSERT INTO blogctl.tag_count (tag_id, posts, stale)
    SELECT tag_id, 0, true FROM gone
    UNION
    SELECT tag_id, 0, true FROM new
    ON CONFLICT (tag_id) DO UPDATE SET stale = true
)
SELECT (SELECT count(*) FROM had) - (SELECT count(*) FROM gone) + (SELECT count(*) FROM new)
    = (SELECT count(*) FROM pairs)
