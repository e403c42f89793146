-- Deletes the tags that blogctl made, that no post carries, and that no other table refers to.
WITH unused AS (
    DELETE FROM blogctl.tag_count c
    WHERE c.created AND c.posts = 0
        AND NOT EXISTS (SELECT FROM {post_tag} pt WHERE pt.{post_tag.tag_id} = c.tag_id)
        /* unreferenced */
    RETURNING tag_id
)
DELETE FROM {tag} t USING unused u WHERE t.{tag.id} = u.tag_id
