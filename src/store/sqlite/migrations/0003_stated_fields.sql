
-- Version 3: the fields that a post's file states. ----------------------------------------------

-- `stated` names all of them from now on. Version 2 managed each column of version 1 and the tags,
-- whatever the file stated. No post is touched.
UPDATE blogctl_source
SET stated = '["title","description","category","tags","image","created_at","updated_at","word_count"'
    || iif(stated = '[]', ']', ',' || substr(stated, 2))
WHERE (SELECT version FROM blogctl_state) = 2;

UPDATE blogctl_state SET version = 3 WHERE version = 2;
