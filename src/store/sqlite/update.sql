-- A post that is there, as insert.sql writes it; an absent `created_at` keeps the one of the
-- row. A column of a field that is not in :managed is left alone. The condition holds a row that blogctl wrote to its version; of a row that it did not
-- write, it asks only that it is there.
UPDATE post
SET    content = :content,
       {assignments}
WHERE id = :id AND NOT EXISTS (
    SELECT 1 FROM blogctl_source WHERE post_id = :id AND touches <> :version
)
