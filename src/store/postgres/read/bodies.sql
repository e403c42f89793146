-- Bodies by the primary key, newest first, until they have $2 bytes together.
SELECT b.id AS found, b.body
FROM (
    SELECT p.{post.id} AS id, {text.content}::text AS body,
        sum(octet_length({text.content}::text)) OVER (
            ORDER BY p.{post.id} DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS bytes_before
    FROM {text.from}
    WHERE p.{post.id} = ANY ($1::int[])
) b
WHERE coalesce(b.bytes_before, 0) < $2::bigint
ORDER BY b.id DESC
