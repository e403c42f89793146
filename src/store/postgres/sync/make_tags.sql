-- Makes the tags that are not there yet, as tags of other programs: they are not marked as made.
-- $1 the tags' names.
INSERT INTO {tag} ({tag.name})
SELECT DISTINCT w.name
FROM unnest($1::text[]) AS w (name)
WHERE NOT EXISTS (SELECT FROM {tag} t WHERE t.{tag.name} = w.name)
ON CONFLICT ({tag.name}) DO NOTHING
