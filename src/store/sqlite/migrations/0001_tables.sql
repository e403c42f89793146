-- The tables of blogctl in the embedded store, version 1: those of /schema.sql, in
-- SQLite's words. A timestamp is a whole number of microseconds since 1970 in UTC, a
-- digest a blob.
--
-- Runs in one transaction, and only ever adds: running it again changes nothing.

-- What a reader of the blog needs: the application's tables. -----------------------------

-- STRICT holds others to the types that blogctl reads. `content` stands last: SQLite keeps
-- a row as a chain of pages and follows it up to the last column that is asked for, so
-- that a listing never reads a body.
CREATE TABLE IF NOT EXISTS post (
    id          INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 2147483647),
    title       TEXT NOT NULL CHECK (length(title) <= 255),
    description TEXT,
    created_at  INTEGER,
    updated_at  INTEGER,
    category    TEXT,
    image       TEXT CHECK (length(image) <= 500),
    word_count  INTEGER,
    content     TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS tag (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (length(name) <= 100)
) STRICT;

CREATE TABLE IF NOT EXISTS post_tag (
    post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
    tag_id  INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, tag_id)
) STRICT, WITHOUT ROWID;

-- Indexes: one for each way in, each with its reason. The plain page walks the primary key.

-- A category's page, in the order in which it is shown: `list --category X`.
CREATE INDEX IF NOT EXISTS post_category_id_idx ON post (category, id DESC);

-- Where a span of time begins and ends among the ids: `list --since A --until B`. One
-- probe per 4,000 ids tells whether any of them was created in the span, so that a page
-- starts beside its first post however many newer ones lie outside.
CREATE INDEX IF NOT EXISTS post_block_created_at_idx ON post ((id / 4000), created_at);

-- A tag's page, in the order in which it is shown: `list --tag X`. The primary key of
-- post_tag serves the other direction, the tags of one post.
CREATE INDEX IF NOT EXISTS post_tag_tag_id_post_id_idx ON post_tag (tag_id, post_id DESC);

-- What only blogctl needs. ---------------------------------------------------------------

-- One row. `generation` counts the syncs that changed something.
CREATE TABLE IF NOT EXISTS blogctl_state (
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    version    INTEGER NOT NULL,
    generation INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The file behind each post that blogctl wrote, and the row as it was written. The triggers
-- below count in `touches` whatever happens to the row and its tags, whoever does it; a
-- sync sets `written_touches` to it as it ends its own write. Equal means untouched. Where
-- they differ, `row_digest`, over the columns and the tags, says whether what is there now
-- is still what was written.
CREATE TABLE IF NOT EXISTS blogctl_source (
    post_id         INTEGER PRIMARY KEY,
    path            TEXT NOT NULL,
    file_digest     BLOB NOT NULL,
    post_digest     BLOB NOT NULL,
    row_digest      BLOB NOT NULL,
    -- The way in which the post's search terms were made; another one makes them anew.
    terms_version   INTEGER NOT NULL,
    touches         INTEGER NOT NULL DEFAULT 0,
    written_touches INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What a search finds a post by: its terms, as terms.rs writes them, under its id. No trigger
-- touches it, so that a program whose SQLite lacks FTS5 can still write posts.
--   content=''            the terms alone, no copy of the text
--   contentless_delete=1  a post is taken out by its id; this needs FTS5's table of sizes
--   detail='none'         no positions: they would double the size and answer nothing
--   prefix='1 2'          one and two syllables of Korean are prefixes, and common
--   tokenize='ascii'      splits at the spaces between terms, and leaves the terms alone
--
-- The two sizes of prefix about double the index, to 3 KB for a post of 840 terms, and the
-- time to write it, to 0.5 ms. They take a page of a prefix that 60,000 of 200,000 posts
-- have from 13 ms to 0.1. A longer prefix, of an English word, is merged from its words'
-- posts, all of them: 0.1 microseconds for each. Sizes up to six would spare that, too, for
-- half as much again of space and most of the time again.
CREATE VIRTUAL TABLE IF NOT EXISTS blogctl_search USING fts5 (
    terms, content='', contentless_delete=1, detail='none', prefix='1 2', tokenize='ascii'
);

-- Terms are gathered in up to 16 MB of memory, not 1, before they go into the index: a first
-- sync of thousands of posts takes two fifths less time over them. Once, as the tables are
-- made.
INSERT INTO blogctl_search (blogctl_search, rank)
SELECT 'hashsize', 16777216 WHERE NOT EXISTS (SELECT 1 FROM blogctl_state);

-- Posts per category and per tag. The triggers mark as stale what someone changed, and a
-- sync counts those anew as it ends. A reader never counts.
CREATE TABLE IF NOT EXISTS blogctl_category_count (
    category TEXT PRIMARY KEY,
    posts    INTEGER NOT NULL DEFAULT 0,
    stale    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS blogctl_tag_count (
    tag_id  INTEGER PRIMARY KEY REFERENCES tag (id) ON DELETE CASCADE,
    posts   INTEGER NOT NULL DEFAULT 0,
    stale   INTEGER NOT NULL DEFAULT 0,
    -- Whether blogctl made the tag: only then may it delete it.
    created INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Every sync that changed something.
CREATE TABLE IF NOT EXISTS blogctl_run (
    id          INTEGER PRIMARY KEY,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL,
    moved       INTEGER NOT NULL,
    removed     INTEGER NOT NULL,
    unchanged   INTEGER NOT NULL,
    directory   TEXT NOT NULL,
    actor       TEXT NOT NULL
) STRICT;

-- Triggers: they fire in every program that writes here, so that they use nothing but what
-- SQLite itself has.

CREATE TRIGGER IF NOT EXISTS blogctl_post_inserted AFTER INSERT ON post BEGIN
    UPDATE blogctl_source SET touches = touches + 1 WHERE post_id = NEW.id;
    INSERT INTO blogctl_category_count (category, stale)
    SELECT NEW.category, 1 WHERE NEW.category IS NOT NULL
    ON CONFLICT (category) DO UPDATE SET stale = 1;
END;

CREATE TRIGGER IF NOT EXISTS blogctl_post_updated AFTER UPDATE ON post BEGIN
    UPDATE blogctl_source SET touches = touches + 1 WHERE post_id IN (OLD.id, NEW.id);
    INSERT INTO blogctl_category_count (category, stale)
    SELECT c.category, 1
    FROM (SELECT OLD.category AS category UNION SELECT NEW.category) AS c
    WHERE c.category IS NOT NULL AND OLD.category IS NOT NEW.category
    ON CONFLICT (category) DO UPDATE SET stale = 1;
END;

-- Foreign keys are off in a program that does not ask for them, the `sqlite3` shell among
-- them: the links go here, too, wherever the cascade does not take them.
CREATE TRIGGER IF NOT EXISTS blogctl_post_deleted AFTER DELETE ON post BEGIN
    DELETE FROM post_tag WHERE post_id = OLD.id;
    UPDATE blogctl_source SET touches = touches + 1 WHERE post_id = OLD.id;
    INSERT INTO blogctl_category_count (category, stale)
    SELECT OLD.category, 1 WHERE OLD.category IS NOT NULL
    ON CONFLICT (category) DO UPDATE SET stale = 1;
END;

CREATE TRIGGER IF NOT EXISTS blogctl_link_inserted AFTER INSERT ON post_tag BEGIN
    UPDATE blogctl_source SET touches = touches + 1 WHERE post_id = NEW.post_id;
    INSERT INTO blogctl_tag_count (tag_id, stale) VALUES (NEW.tag_id, 1)
    ON CONFLICT (tag_id) DO UPDATE SET stale = 1;
END;

CREATE TRIGGER IF NOT EXISTS blogctl_link_updated AFTER UPDATE ON post_tag BEGIN
    UPDATE blogctl_source SET touches = touches + 1 WHERE post_id IN (OLD.post_id, NEW.post_id);
    INSERT INTO blogctl_tag_count (tag_id, stale) VALUES (NEW.tag_id, 1)
    ON CONFLICT (tag_id) DO UPDATE SET stale = 1;
    UPDATE blogctl_tag_count SET stale = 1 WHERE tag_id = OLD.tag_id;
END;

-- An UPDATE: the tag itself may be on its way out, and its count with it.
CREATE TRIGGER IF NOT EXISTS blogctl_link_deleted AFTER DELETE ON post_tag BEGIN
    UPDATE blogctl_source SET touches = touches + 1 WHERE post_id = OLD.post_id;
    UPDATE blogctl_tag_count SET stale = 1 WHERE tag_id = OLD.tag_id;
END;

CREATE TRIGGER IF NOT EXISTS blogctl_tag_renamed AFTER UPDATE ON tag BEGIN
    UPDATE blogctl_source SET touches = touches + 1
    WHERE post_id IN (SELECT post_id FROM post_tag WHERE tag_id IN (OLD.id, NEW.id));
END;

CREATE TRIGGER IF NOT EXISTS blogctl_tag_deleted AFTER DELETE ON tag BEGIN
    DELETE FROM post_tag WHERE tag_id = OLD.id;
    DELETE FROM blogctl_tag_count WHERE tag_id = OLD.id;
END;

-- Rows that were there before blogctl count, too; once, as the tables are made.
INSERT INTO blogctl_category_count (category, posts)
SELECT category, count(*)
FROM post
WHERE category IS NOT NULL AND NOT EXISTS (SELECT 1 FROM blogctl_state)
GROUP BY category
ON CONFLICT DO NOTHING;

INSERT INTO blogctl_tag_count (tag_id, posts)
SELECT tag_id, count(*)
FROM post_tag
WHERE NOT EXISTS (SELECT 1 FROM blogctl_state)
GROUP BY tag_id
ON CONFLICT DO NOTHING;

INSERT INTO blogctl_state (only_row, version) VALUES (1, 1) ON CONFLICT DO NOTHING;
