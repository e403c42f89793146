
-- Version 4: the translations of posts, in a blog with locales. ----------------------------------

-- The text of a post in each locale; empty in a blog without locales. `post` keeps the main text,
-- that of the first locale that has one, so that a site that knows no locales works. `content` is
-- the last column, as in `post`: a listing never reads it.
CREATE TABLE IF NOT EXISTS post_translation (
    post_id     INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
    locale      TEXT NOT NULL,
    title       TEXT CHECK (length(title) <= 255),
    description TEXT,
    word_count  INTEGER,
    slug        TEXT CHECK (length(slug) <= 255),
    extra       TEXT,
    content     TEXT,
    PRIMARY KEY (post_id, locale)
) STRICT;

-- A page of the posts of one locale, in the order in which it is shown: `list --locale X`. The
-- primary key serves the other direction, the texts of one post.
CREATE INDEX IF NOT EXISTS post_translation_locale_post_id_idx
    ON post_translation (locale, post_id DESC);

-- The post of an address in one locale: `show --slug X --locale Y`.
CREATE INDEX IF NOT EXISTS post_translation_slug_locale_post_id_idx
    ON post_translation (slug, locale, post_id DESC) WHERE slug IS NOT NULL;

-- The locale of the post's main text, whose file the line describes; NULL in a blog without
-- locales.
ALTER TABLE blogctl_source ADD COLUMN locale TEXT;

-- The file behind each text of a post in a blog with locales, and the row as it was written, as in
-- `blogctl_source`. `text_digest` is of what the locale has for itself; `made_from` is that of the
-- main text when this one was last written: a translation is stale where they differ.
CREATE TABLE IF NOT EXISTS blogctl_translation (
    post_id         INTEGER NOT NULL,
    locale          TEXT NOT NULL,
    path            TEXT NOT NULL,
    file_digest     BLOB NOT NULL,
    post_digest     BLOB NOT NULL,
    text_digest     BLOB NOT NULL,
    made_from       BLOB,
    row_digest      BLOB NOT NULL,
    terms_version   INTEGER NOT NULL,
    stated          TEXT NOT NULL,
    touches         INTEGER NOT NULL DEFAULT 0,
    written_touches INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (post_id, locale)
) STRICT, WITHOUT ROWID;

-- The number of each locale in the ids of `blogctl_translation_search`.
CREATE TABLE IF NOT EXISTS blogctl_locale (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 255),
    name   TEXT NOT NULL UNIQUE
) STRICT;

-- The search terms of each text in a blog with locales, as in `blogctl_search`. The locale is a
-- term, too. The id is 256 times that of the post plus the number of the locale: its order is that
-- of the posts.
CREATE VIRTUAL TABLE IF NOT EXISTS blogctl_translation_search USING fts5 (
    terms, content='', contentless_delete=1, detail='none', prefix='1 2', tokenize='ascii'
);

INSERT INTO blogctl_translation_search (blogctl_translation_search, rank)
SELECT 'hashsize', 16777216 WHERE (SELECT version FROM blogctl_state) = 3;

-- The posts of each locale, and of each category and tag in each locale. The triggers mark what
-- changed, and a sync counts it again. A reader never counts. `has_gaps` is 1 once the posts without
-- a translation in the locale are kept among the values of extra keys.
CREATE TABLE IF NOT EXISTS blogctl_locale_count (
    locale   TEXT PRIMARY KEY,
    posts    INTEGER NOT NULL DEFAULT 0,
    stale    INTEGER NOT NULL DEFAULT 0,
    has_gaps INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS blogctl_locale_category_count (
    locale   TEXT NOT NULL,
    category TEXT NOT NULL,
    posts    INTEGER NOT NULL,
    PRIMARY KEY (locale, category)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS blogctl_locale_tag_count (
    locale TEXT NOT NULL,
    tag_id INTEGER NOT NULL,
    posts  INTEGER NOT NULL,
    PRIMARY KEY (locale, tag_id)
) STRICT, WITHOUT ROWID;

-- The counts of a tag that is deleted.
CREATE INDEX IF NOT EXISTS blogctl_locale_tag_count_tag_id_idx
    ON blogctl_locale_tag_count (tag_id);

-- The posts that gained or lost a translation since the last sync: their categories and tags are to
-- be counted again. No trigger here reads `post`, so that another program can still make that table
-- again under its name.
CREATE TABLE IF NOT EXISTS blogctl_uncounted (
    post_id INTEGER PRIMARY KEY
) STRICT;

CREATE TRIGGER IF NOT EXISTS blogctl_translation_inserted AFTER INSERT ON post_translation BEGIN
    UPDATE blogctl_translation SET touches = touches + 1
    WHERE post_id = NEW.post_id AND locale = NEW.locale;
    INSERT INTO blogctl_locale_count (locale, stale)
    SELECT NEW.locale, 1 WHERE NEW.locale IS NOT NULL
    ON CONFLICT (locale) DO UPDATE SET stale = 1;
    INSERT INTO blogctl_uncounted (post_id) VALUES (NEW.post_id) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER IF NOT EXISTS blogctl_translation_updated AFTER UPDATE ON post_translation BEGIN
    UPDATE blogctl_translation SET touches = touches + 1
    WHERE post_id = NEW.post_id AND locale = NEW.locale;
END;

CREATE TRIGGER IF NOT EXISTS blogctl_translation_moved
AFTER UPDATE OF post_id, locale ON post_translation BEGIN
    UPDATE blogctl_translation SET touches = touches + 1
    WHERE post_id = OLD.post_id AND locale = OLD.locale;
    INSERT INTO blogctl_locale_count (locale, stale)
    SELECT l.locale, 1
    FROM (SELECT OLD.locale AS locale UNION SELECT NEW.locale) AS l
    WHERE l.locale IS NOT NULL
    ON CONFLICT (locale) DO UPDATE SET stale = 1;
    INSERT INTO blogctl_uncounted (post_id) VALUES (OLD.post_id), (NEW.post_id)
    ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER IF NOT EXISTS blogctl_translation_deleted AFTER DELETE ON post_translation BEGIN
    UPDATE blogctl_translation SET touches = touches + 1
    WHERE post_id = OLD.post_id AND locale = OLD.locale;
    INSERT INTO blogctl_locale_count (locale, stale)
    SELECT OLD.locale, 1 WHERE OLD.locale IS NOT NULL
    ON CONFLICT (locale) DO UPDATE SET stale = 1;
    INSERT INTO blogctl_uncounted (post_id) VALUES (OLD.post_id) ON CONFLICT DO NOTHING;
END;

-- Wherever the cascade does not take them.
CREATE TRIGGER IF NOT EXISTS blogctl_translations_deleted AFTER DELETE ON post BEGIN
    DELETE FROM post_translation WHERE post_id = OLD.id;
END;

CREATE TRIGGER IF NOT EXISTS blogctl_locale_tag_deleted AFTER DELETE ON tag BEGIN
    DELETE FROM blogctl_locale_tag_count WHERE tag_id = OLD.id;
END;

-- Rows that were there before blogctl count, too; once, as the tables are made.
INSERT INTO blogctl_locale_count (locale, posts)
SELECT locale, count(*)
FROM post_translation
WHERE locale IS NOT NULL AND (SELECT version FROM blogctl_state) = 3
GROUP BY locale
ON CONFLICT DO NOTHING;

INSERT INTO blogctl_locale_category_count (locale, category, posts)
SELECT t.locale, p.category, count(*)
FROM post_translation AS t JOIN post AS p ON p.id = t.post_id
WHERE t.locale IS NOT NULL AND p.category IS NOT NULL
  AND (SELECT version FROM blogctl_state) = 3
GROUP BY t.locale, p.category
ON CONFLICT DO NOTHING;

INSERT INTO blogctl_locale_tag_count (locale, tag_id, posts)
SELECT t.locale, l.tag_id, count(*)
FROM post_translation AS t JOIN post_tag AS l ON l.post_id = t.post_id
WHERE t.locale IS NOT NULL AND (SELECT version FROM blogctl_state) = 3
GROUP BY t.locale, l.tag_id
ON CONFLICT DO NOTHING;

UPDATE blogctl_state SET version = 4 WHERE version = 3;
