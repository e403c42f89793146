-- Deletes posts whose version is still the one that the plan saw, and what is kept of them;
-- of a post that someone else deleted (no version) only the latter. Counts the lines that
-- are settled: a row that changed meanwhile is missing in it.
-- $1 the posts, $2 their versions.
WITH input AS (
    SELECT * FROM unnest($1::int[], $2::bigint[]) AS i (id, version)
), gone AS (
    DELETE FROM {post} p
    USING input i
    WHERE p.{post.id} = i.id AND p.xmin = i.version::text::xid
    RETURNING p.{post.id} AS id
), forgotten AS (
    DELETE FROM blogctl.source s
    USING input i
    WHERE s.post_id = i.id
        AND CASE
            -- It may have come back: then it is not ours to forget.
            WHEN i.version IS NULL THEN NOT EXISTS (
                SELECT FROM {post} p WHERE p.{post.id} = i.id
            )
            ELSE i.id IN (SELECT id FROM gone)
        END
    RETURNING s.post_id
), unfound AS (
    DELETE FROM blogctl.search WHERE post_id IN (SELECT post_id FROM forgotten)
), unkeyed AS (
    DELETE FROM blogctl.extra_value WHERE post_id IN (SELECT post_id FROM forgotten)
)
SELECT count(*) FROM forgotten
