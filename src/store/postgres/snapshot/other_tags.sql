-- The tags that blogctl did not make. It reads every tag, by design: as many rows as there are tags.
{#stores_tags}
SELECT t.{tag.name}::text AS name
FROM {tag} t
LEFT JOIN blogctl.tag_count c ON c.tag_id = t.{tag.id}
WHERE c.created IS NOT TRUE
{/stores_tags}
{^stores_tags}
SELECT NULL::text AS name WHERE false
{/stores_tags}
