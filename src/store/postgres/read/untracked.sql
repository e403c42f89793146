-- Posts of a database without blogctl's tables by the primary key, newest first, until their bodies
-- have $2 bytes together. A column that is not there means the one in `absent`.
SELECT q.*
FROM (
    SELECT p.*,
        sum(octet_length(p.content)) OVER (
            ORDER BY p.found DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS bytes_before
    FROM (SELECT {absent.columns}) AS absent
    CROSS JOIN LATERAL (
        SELECT
            post.{post.id} AS found,
            true AS present,
            {absent.selected},
            {post.content}::text AS content,
            {absent.types} AS types,
{#tags}
            ARRAY(
                SELECT t.name
                FROM {post_tag} pt
                CROSS JOIN LATERAL (
                    SELECT t.{tag.name}::text AS name
                    FROM {tag} t
                    WHERE t.{tag.id} = pt.{post_tag.tag_id}
                    LIMIT 1
                ) t
                WHERE pt.{post_tag.post_id} = post.{post.id}
                ORDER BY t.name COLLATE "C"
            ) AS tags,
{/tags}
{^tags}
            '{}'::text[] AS tags,
{/tags}
            NULL::text AS path
        FROM {post} AS post
        WHERE post.{post.id} = ANY ($1::int[])
    ) p
) q
WHERE coalesce(q.bytes_before, 0) < $2::bigint
ORDER BY q.found DESC
