-- Posts by the primary key, newest first, until their bodies have $2 bytes together.
WITH page AS MATERIALIZED (
    SELECT b.id
    FROM (
        SELECT p.{post.id} AS id,
            sum(octet_length({text.content}::text)) OVER (
                ORDER BY p.{post.id} DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS bytes_before
        FROM {text.from}
        WHERE p.{post.id} = ANY ($1::int[])
    ) b
    WHERE coalesce(b.bytes_before, 0) < $2::bigint
)
