-- One post by the primary key.
WITH page AS MATERIALIZED (
    SELECT p.{post.id} AS id FROM {post} p WHERE p.{post.id} = $1::integer
)
