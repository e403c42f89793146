
-- Version 4: the translations of posts, in a blog with locales. ----------------------------------
--
-- A blog without locales gets none of the tables. One that gets locales later runs this again.

-- The locale of the post's main text, whose file the line tells; NULL in a blog without locales.
ALTER TABLE blogctl.source ADD COLUMN IF NOT EXISTS locale text;

{#has_translations}
{#is_own}
-- The text of a post in each locale. `post` keeps that of the default locale, so that a site that
-- knows no locales works.
CREATE TABLE IF NOT EXISTS public.post_translation (
    post_id     integer NOT NULL REFERENCES public.post (id) ON DELETE CASCADE,
    locale      text NOT NULL,
    title       varchar(255),
    description text,
    content     text,
    word_count  integer,
    slug        varchar(255),
    extra       jsonb,
    PRIMARY KEY (post_id, locale)
);

-- A page of the posts of one locale, in the order in which it is shown: `list --locale X`. The
-- primary key serves the other direction, the texts of one post.
CREATE INDEX IF NOT EXISTS post_translation_locale_post_id_idx
    ON public.post_translation (locale, post_id DESC);

-- The post of an address in one locale: `show --slug X --locale Y`.
CREATE INDEX IF NOT EXISTS post_translation_slug_locale_post_id_idx
    ON public.post_translation (slug, locale, post_id DESC) WHERE slug IS NOT NULL;
{/is_own}

-- The file behind each text of a post in a blog with locales, and the row as it was written, as in
-- `source`. `text_digest` is of what the locale has for itself; `made_from` is that of the main
-- text when this one was last written: a translation is stale where they differ.
CREATE TABLE IF NOT EXISTS blogctl.translation (
    post_id       integer NOT NULL,
    locale        text NOT NULL,
    path          text NOT NULL,
    file_digest   bytea NOT NULL,
    post_digest   bytea NOT NULL,
    text_digest   bytea NOT NULL,
    made_from     bytea,
    row_xmin      xid NOT NULL,
    row_digest    bytea NOT NULL,
    terms_version integer NOT NULL,
    stated        text[] NOT NULL,
    PRIMARY KEY (post_id, locale)
);

-- The search terms of each text in a blog with locales, as in `search`. The locale is a term, too.
CREATE TABLE IF NOT EXISTS blogctl.translation_search (
    post_id integer NOT NULL,
    locale  text NOT NULL,
    terms   tsvector NOT NULL,
    PRIMARY KEY (post_id, locale)
);

CREATE INDEX IF NOT EXISTS translation_search_terms_idx ON blogctl.translation_search
    USING gin (terms);

-- The posts of each locale, and of each category and tag in each locale. A sync counts again what
-- it touched.
CREATE TABLE IF NOT EXISTS blogctl.locale_count (
    locale text PRIMARY KEY,
    posts  bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS blogctl.locale_category_count (
    locale   text NOT NULL,
    category text NOT NULL,
    posts    bigint NOT NULL,
    PRIMARY KEY (locale, category)
);

CREATE TABLE IF NOT EXISTS blogctl.locale_tag_count (
    locale text NOT NULL,
    tag_id integer NOT NULL,
    posts  bigint NOT NULL,
    PRIMARY KEY (locale, tag_id)
);

INSERT INTO blogctl.locale_count (locale, posts)
SELECT locale, count(*)
FROM blogctl.translation
WHERE NOT EXISTS (SELECT FROM blogctl.locale_count)
GROUP BY 1
ON CONFLICT DO NOTHING;

{#stores_category}
INSERT INTO blogctl.locale_category_count (locale, category, posts)
SELECT t.{translation.locale}::text, p.{post.category}::text, count(*)
FROM {translation} t
JOIN {post} p ON p.{post.id} = t.{translation.post_id}
WHERE p.{post.category} IS NOT NULL AND NOT EXISTS (SELECT FROM blogctl.locale_category_count)
GROUP BY 1, 2
ON CONFLICT DO NOTHING;
{/stores_category}

{#stores_tags}
INSERT INTO blogctl.locale_tag_count (locale, tag_id, posts)
SELECT t.{translation.locale}::text, l.{post_tag.tag_id}, count(*)
FROM {translation} t
JOIN {post_tag} l ON l.{post_tag.post_id} = t.{translation.post_id}
WHERE NOT EXISTS (SELECT FROM blogctl.locale_tag_count)
GROUP BY 1, 2
ON CONFLICT DO NOTHING;
{/stores_tags}
{/has_translations}

UPDATE blogctl.state SET version = 4 WHERE version = 3;
