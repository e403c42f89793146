
-- Version 3: the fields that a post's file states. ----------------------------------------------

-- `stated` names all of them from now on. Version 2 managed each column of version 1 and the tags,
-- whatever the file stated. No post is read or written.
UPDATE blogctl.source
SET stated = ARRAY['title', 'description', 'category', 'tags', 'image', 'created_at', 'updated_at',
    'word_count'] || stated
WHERE (SELECT version FROM blogctl.state) = 2;

UPDATE blogctl.state SET version = 3 WHERE version = 2;
