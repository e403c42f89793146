-- One post by its slug; of several, the one with the greatest id. WHERE slug = $1 ORDER BY id
-- DESC, both by the partial index on (slug, id DESC). No id below 1 is a post's.
WITH page AS MATERIALIZED (
{#translates_slug}
    -- By the partial index on (slug, locale, post_id DESC).
    SELECT tr.{translation.post_id} AS id
    FROM {translation} tr
    WHERE tr.{translation.slug} = $1::text AND tr.{translation.locale}::text = {locale}
        AND tr.{translation.post_id} >= 1
    ORDER BY tr.{translation.post_id} DESC
    LIMIT 1
{/translates_slug}
{^translates_slug}
    SELECT p.{post.id} AS id
    FROM {post} p
{#stores_slug}
    WHERE p.{post.slug} = $1::text AND p.{post.id} >= 1
{/stores_slug}
{^stores_slug}
    WHERE $1::text IS NULL
{/stores_slug}
    ORDER BY p.{post.id} DESC
    LIMIT 1
{/translates_slug}
)
