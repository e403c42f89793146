
-- `content` is the last column again: what comes after a body is read through the body.
ALTER TABLE post ADD COLUMN content_last TEXT;
UPDATE post SET content_last = content;
ALTER TABLE post DROP COLUMN content;
ALTER TABLE post RENAME COLUMN content_last TO content;
