-- Everything that a plan needs to know, in one statement: what blogctl wrote (`source`),
-- how its rows stand now, and the rows it did not write. It reads every post's key, by
-- design; the bodies are read only of rows whose transaction is not the one kept for them.
SELECT
    s.post_id,
    s.path,
    s.file_digest,
    s.post_digest,
    s.terms_version,
    s.stated,
{#has_translations}
    s.locale AS main_locale,
{/has_translations}
    {others} AS has_others,
    p.{post.id} AS row_id,
{#stores_category}
    p.{post.category}::text AS category,
{/stores_category}
{^stores_category}
    NULL::text AS category,
{/stores_category}
    p.xmin::text::bigint AS version,
    s.row_xmin = p.xmin AS untouched,
    CASE
{#stores_tags}
        WHEN 'tags' = ANY (s.stated) AND s.tags IS DISTINCT FROM coalesce(t.names, '{}') THEN false
{/stores_tags}
        WHEN s.row_xmin = p.xmin THEN true
        ELSE s.row_digest = {digest.kept}
    END AS intact
FROM blogctl.source s
FULL JOIN {post} p ON p.{post.id} = s.post_id
{#stores_tags}
LEFT JOIN (
    SELECT pt.{post_tag.post_id} AS post_id,
        array_agg(t.{tag.name}::text ORDER BY t.{tag.name}::text COLLATE "C") AS names
    FROM {post_tag} pt
    JOIN {tag} t ON t.{tag.id} = pt.{post_tag.tag_id}
    GROUP BY pt.{post_tag.post_id}
) t ON t.post_id = s.post_id
{/stores_tags}
