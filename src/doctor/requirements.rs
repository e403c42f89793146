//! Tables, privileges and indexes that syncs and readers need, as `schema.sql` creates them.

use super::tables::quoted;
use crate::tables::{BlogTable, TableMap};

/// A table that a sync needs, with the privileges.
#[derive(Clone, Copy, Debug)]
pub struct NeededTable {
    /// Its name with the schema.
    pub name: &'static str,
    /// The privileges that the role needs.
    pub privileges: &'static [&'static str],
}

/// An index that queries or writes rely on.
#[derive(Clone, Copy, Debug)]
pub struct NeededIndex {
    /// Its name in `schema.sql`, or the default name that the server gives. An index of another
    /// name serves as well.
    pub name: &'static str,
    /// Its table, with the schema.
    pub table: &'static str,
    /// Its access method.
    pub method: &'static str,
    /// Its leading keys as the server prints them, without parentheses.
    pub keys: &'static [&'static str],
    /// True if it must be unique.
    pub is_unique: bool,
    /// The statement that creates it without blocking writers, where possible.
    pub create: &'static str,
}

impl NeededIndex {
    /// Returns the statement that creates the index on a table that another program made; `None`
    /// if none is needed there. The index is partial, over rows that no query leaves out: an ORM
    /// does not take such an index for drift.
    pub fn create_in(&self, map: &TableMap) -> Option<String> {
        let column = |table: BlogTable, key: &str| {
            let column = map.table(table).column(key)?;
            Some(quoted(column.as_str()))
        };
        let post = |key: &str| column(BlogTable::Post, key);
        let id = post("id")?;
        let (table, keys, present) = match self.name {
            "post_category_id_idx" => (
                BlogTable::Post,
                format!("{}, {id} DESC", post("category")?),
                id,
            ),
            "post_block_created_at_idx" => (
                BlogTable::Post,
                format!("({id} / 4000), {}", post("created_at")?),
                id,
            ),
            "post_slug_id_idx" => {
                let slug = post("slug")?;
                (BlogTable::Post, format!("{slug}, {id} DESC"), slug)
            }
            "post_tag_tag_id_post_id_idx" if map.stores_tags() => {
                let of = |key| column(BlogTable::PostTag, key);
                let tag = of("tag_id")?;
                (
                    BlogTable::PostTag,
                    format!("{tag}, {} DESC", of("post_id")?),
                    tag,
                )
            }
            "post_translation_locale_post_id_idx" if map.has_translations() => {
                let of = |key| column(BlogTable::Translation, key);
                let locale = of("locale")?;
                (
                    BlogTable::Translation,
                    format!("{locale}, {} DESC", of("post_id")?),
                    locale,
                )
            }
            _ => return None,
        };
        let name = map.table(table).name();
        let table = format!(
            "{}.{}",
            quoted(name.schema.as_str()),
            quoted(name.name.as_str())
        );
        Some(format!(
            "CREATE INDEX CONCURRENTLY ON {table} ({keys}) WHERE {present} IS NOT NULL"
        ))
    }

    /// Returns the statement that creates it in a transaction.
    pub fn create_in_transaction(&self) -> String {
        self.create.replacen(" CONCURRENTLY", "", 1)
    }
}

const ALL: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE"];

/// The tables that syncs and readers need of any blog.
pub const TABLES: &[NeededTable] = &[
    needs("public.post", ALL),
    needs("public.tag", &["SELECT", "INSERT", "DELETE"]),
    needs("public.post_tag", &["SELECT", "INSERT", "DELETE"]),
    needs("blogctl.state", &["SELECT", "UPDATE"]),
    needs("blogctl.source", ALL),
    needs("blogctl.search", ALL),
    needs("blogctl.extra_value", &["SELECT", "INSERT", "DELETE"]),
    needs("blogctl.category_count", &["SELECT", "INSERT", "UPDATE"]),
    needs("blogctl.tag_count", ALL),
    needs("blogctl.run", &["SELECT", "INSERT"]),
];

/// The tables that a blog with locales needs beside [`TABLES`].
pub const TRANSLATION_TABLES: &[NeededTable] = &[
    needs("public.post_translation", ALL),
    needs("blogctl.translation", ALL),
    needs("blogctl.translation_search", ALL),
    needs("blogctl.locale_count", &["SELECT", "INSERT", "UPDATE"]),
    needs(
        "blogctl.locale_category_count",
        &["SELECT", "INSERT", "UPDATE"],
    ),
    needs("blogctl.locale_tag_count", &["SELECT", "INSERT", "UPDATE"]),
];

/// Returns the tables that syncs and readers need of a blog with this table map.
pub fn needed_tables(map: &TableMap) -> impl Iterator<Item = &'static NeededTable> {
    let translations = map.has_translations().then_some(TRANSLATION_TABLES);
    TABLES.iter().chain(translations.unwrap_or_default())
}

const fn needs(name: &'static str, privileges: &'static [&'static str]) -> NeededTable {
    NeededTable { name, privileges }
}

/// The indexes that queries and writes rely on.
pub const INDEXES: &[NeededIndex] = &[
    NeededIndex {
        name: "post_pkey",
        table: "public.post",
        method: "btree",
        keys: &["id"],
        is_unique: true,
        create: "ALTER TABLE public.post ADD PRIMARY KEY (id)",
    },
    NeededIndex {
        name: "post_category_id_idx",
        table: "public.post",
        method: "btree",
        keys: &["category", "id"],
        is_unique: false,
        create: "CREATE INDEX CONCURRENTLY post_category_id_idx ON public.post (category, id DESC)",
    },
    NeededIndex {
        name: "post_block_created_at_idx",
        table: "public.post",
        method: "btree",
        keys: &["id / 4000", "created_at"],
        is_unique: false,
        create: "CREATE INDEX CONCURRENTLY post_block_created_at_idx \
                 ON public.post ((id / 4000), created_at)",
    },
    NeededIndex {
        name: "post_slug_id_idx",
        table: "public.post",
        method: "btree",
        keys: &["slug", "id"],
        is_unique: false,
        create: "CREATE INDEX CONCURRENTLY post_slug_id_idx \
                 ON public.post (slug, id DESC) WHERE slug IS NOT NULL",
    },
    NeededIndex {
        name: "tag_pkey",
        table: "public.tag",
        method: "btree",
        keys: &["id"],
        is_unique: true,
        create: "ALTER TABLE public.tag ADD PRIMARY KEY (id)",
    },
    NeededIndex {
        name: "tag_name_key",
        table: "public.tag",
        method: "btree",
        keys: &["name"],
        is_unique: true,
        create: "CREATE UNIQUE INDEX CONCURRENTLY tag_name_key ON public.tag (name)",
    },
    NeededIndex {
        name: "post_tag_pkey",
        table: "public.post_tag",
        method: "btree",
        keys: &["post_id", "tag_id"],
        is_unique: true,
        create: "ALTER TABLE public.post_tag ADD PRIMARY KEY (post_id, tag_id)",
    },
    NeededIndex {
        name: "post_tag_tag_id_post_id_idx",
        table: "public.post_tag",
        method: "btree",
        keys: &["tag_id", "post_id"],
        is_unique: false,
        create: "CREATE INDEX CONCURRENTLY post_tag_tag_id_post_id_idx \
                 ON public.post_tag (tag_id, post_id DESC)",
    },
    NeededIndex {
        name: "source_pkey",
        table: "blogctl.source",
        method: "btree",
        keys: &["post_id"],
        is_unique: true,
        create: "ALTER TABLE blogctl.source ADD PRIMARY KEY (post_id)",
    },
    NeededIndex {
        name: "search_pkey",
        table: "blogctl.search",
        method: "btree",
        keys: &["post_id"],
        is_unique: true,
        create: "ALTER TABLE blogctl.search ADD PRIMARY KEY (post_id)",
    },
    NeededIndex {
        name: "search_terms_idx",
        table: "blogctl.search",
        method: "gin",
        keys: &["terms"],
        is_unique: false,
        create: "CREATE INDEX CONCURRENTLY search_terms_idx ON blogctl.search USING gin (terms)",
    },
    NeededIndex {
        name: "extra_value_pkey",
        table: "blogctl.extra_value",
        method: "btree",
        keys: &["key", "value", "post_id"],
        is_unique: true,
        create: "ALTER TABLE blogctl.extra_value ADD PRIMARY KEY (key, value, post_id)",
    },
    NeededIndex {
        name: "extra_value_post_id_idx",
        table: "blogctl.extra_value",
        method: "btree",
        keys: &["post_id"],
        is_unique: false,
        create: "CREATE INDEX CONCURRENTLY extra_value_post_id_idx \
                 ON blogctl.extra_value (post_id)",
    },
    NeededIndex {
        name: "run_pkey",
        table: "blogctl.run",
        method: "btree",
        keys: &["id"],
        is_unique: true,
        create: "ALTER TABLE blogctl.run ADD PRIMARY KEY (id)",
    },
    NeededIndex {
        name: "post_translation_pkey",
        table: "public.post_translation",
        method: "btree",
        keys: &["post_id", "locale"],
        is_unique: true,
        create: "ALTER TABLE public.post_translation ADD PRIMARY KEY (post_id, locale)",
    },
    NeededIndex {
        name: "post_translation_locale_post_id_idx",
        table: "public.post_translation",
        method: "btree",
        keys: &["locale", "post_id"],
        is_unique: false,
        create: "CREATE INDEX CONCURRENTLY post_translation_locale_post_id_idx \
                 ON public.post_translation (locale, post_id DESC)",
    },
    NeededIndex {
        name: "post_translation_slug_locale_post_id_idx",
        table: "public.post_translation",
        method: "btree",
        keys: &["slug", "locale", "post_id"],
        is_unique: false,
        create: "CREATE INDEX CONCURRENTLY post_translation_slug_locale_post_id_idx \
                 ON public.post_translation (slug, locale, post_id DESC) WHERE slug IS NOT NULL",
    },
    NeededIndex {
        name: "translation_pkey",
        table: "blogctl.translation",
        method: "btree",
        keys: &["post_id", "locale"],
        is_unique: true,
        create: "ALTER TABLE blogctl.translation ADD PRIMARY KEY (post_id, locale)",
    },
    NeededIndex {
        name: "translation_search_pkey",
        table: "blogctl.translation_search",
        method: "btree",
        keys: &["post_id", "locale"],
        is_unique: true,
        create: "ALTER TABLE blogctl.translation_search ADD PRIMARY KEY (post_id, locale)",
    },
    NeededIndex {
        name: "translation_search_terms_idx",
        table: "blogctl.translation_search",
        method: "gin",
        keys: &["terms"],
        is_unique: false,
        create: "CREATE INDEX CONCURRENTLY translation_search_terms_idx \
                 ON blogctl.translation_search USING gin (terms)",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{Identifier, TableName};

    #[test]
    fn indexes_of_tables_of_others_are_partial_and_have_their_names() {
        let mut map = TableMap::adopted();
        map.set_table(BlogTable::Post, TableName::parse("blog.Post").unwrap());
        let created = Some(Identifier::new("createdAt").unwrap());
        map.set_column(BlogTable::Post, "created_at", created)
            .unwrap();
        map.set_column(BlogTable::Post, "slug", None).unwrap();
        let made: Vec<String> = INDEXES
            .iter()
            .filter_map(|needed| needed.create_in(&map))
            .collect();
        assert_eq!(
            made,
            [
                "CREATE INDEX CONCURRENTLY ON blog.\"Post\" (category, id DESC) \
                 WHERE id IS NOT NULL",
                "CREATE INDEX CONCURRENTLY ON blog.\"Post\" ((id / 4000), \"createdAt\") \
                 WHERE id IS NOT NULL",
                "CREATE INDEX CONCURRENTLY ON public.post_tag (tag_id, post_id DESC) \
                 WHERE tag_id IS NOT NULL",
            ]
        );
    }
}
