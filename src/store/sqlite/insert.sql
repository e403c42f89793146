-- A post that is not there. A file's `created_at` where it states one, else now. An absent
-- `updated_at` follows each change only where blogctl sets `created_at`, too: a file
-- that states when it was written and not that it was changed, was not.
INSERT INTO post (id, content,
       {columns})
SELECT :id, :content,
       {values}
-- Always so: what an update takes, an insert takes, too.
WHERE :version IS NULL
ON CONFLICT (id) DO NOTHING
