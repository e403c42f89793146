
-- Version 2: the slug of a post, and the keys of its front matter that have no column. ------

-- SQLite has no ADD COLUMN IF NOT EXISTS: blogctl leaves one of these lines out where the
-- column is already there.
ALTER TABLE post ADD COLUMN slug TEXT CHECK (length(slug) <= 255);
ALTER TABLE post ADD COLUMN extra TEXT;

-- The columns later than version 1 that the post's file stated when it was last written, as a
-- JSON array. The others belong to other programs: blogctl does not write them, and a change of
-- them is not an edit.
ALTER TABLE blogctl_source ADD COLUMN stated TEXT NOT NULL DEFAULT '[]';

-- The post of an address: `show --slug X`. Of several, the one with the greatest id.
CREATE INDEX IF NOT EXISTS post_slug_id_idx ON post (slug, id DESC) WHERE slug IS NOT NULL;

-- The values of `extra` by which posts are found: `list --where KEY=VALUE`. A walk down the
-- primary key is a page. A sync writes them with the row, and nobody else does.
CREATE TABLE IF NOT EXISTS blogctl_extra_value (
    key     TEXT NOT NULL,
    value   TEXT NOT NULL,
    post_id INTEGER NOT NULL,
    PRIMARY KEY (key, value, post_id)
) STRICT, WITHOUT ROWID;

-- The values of one post: a sync that writes the post, and the trigger below.
CREATE INDEX IF NOT EXISTS blogctl_extra_value_post_id_idx ON blogctl_extra_value (post_id);

CREATE TRIGGER IF NOT EXISTS blogctl_extra_deleted AFTER DELETE ON post BEGIN
    DELETE FROM blogctl_extra_value WHERE post_id = OLD.id;
END;

UPDATE blogctl_state SET version = 2 WHERE version = 1;
