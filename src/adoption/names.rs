//! The names that tables and columns of blogs have, without capitals and underscores.

/// Tables of posts.
pub const POSTS: &[&str] = &[
    "post",
    "posts",
    "blogpost",
    "blogposts",
    "article",
    "articles",
    "entry",
    "entries",
    "story",
    "stories",
];

/// Columns with a title.
pub const TITLE: &[&str] = &["title", "headline", "subject", "name"];

/// Columns with the name of a tag.
pub const NAME: &[&str] = &["name", "label", "title", "tag", "value", "slug"];

/// The other fields, by their keys, and the names of their columns, the likeliest first.
pub const FIELDS: &[(&str, &[&str])] = &[
    (
        "description",
        &[
            "description",
            "excerpt",
            "summary",
            "subtitle",
            "abstract",
            "intro",
            "lead",
        ],
    ),
    (
        "category",
        &["category", "categoryname", "section", "topic", "kind"],
    ),
    (
        "image",
        &[
            "image",
            "coverimage",
            "cover",
            "thumbnail",
            "heroimage",
            "imageurl",
            "coverurl",
            "banner",
        ],
    ),
    (
        "created_at",
        &[
            "createdat",
            "created",
            "publishedat",
            "published",
            "createdon",
            "date",
            "pubdate",
        ],
    ),
    (
        "updated_at",
        &[
            "updatedat",
            "updated",
            "modifiedat",
            "modified",
            "updatedon",
            "lastmodified",
        ],
    ),
    ("word_count", &["wordcount", "words"]),
    ("slug", &["slug", "permalink", "urlslug"]),
    ("extra", &["extra", "frontmatter", "metadata", "meta"]),
];

/// Returns the names of columns with the text of a post, the likeliest first.
pub fn contents() -> impl Iterator<Item = &'static str> {
    [
        "content",
        "body",
        "markdown",
        "contentmarkdown",
        "bodymarkdown",
        "source",
        "text",
        "contents",
    ]
    .into_iter()
}

/// Returns a name without capitals and underscores: `created_at` and `createdAt` are the same.
pub fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns true if a name is one of these.
pub fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.contains(&plain(name).as_str())
}

/// Returns true for a name of tables of tags.
pub fn is_tag(name: &str) -> bool {
    matches!(
        plain(name).as_str(),
        "tag" | "tags" | "blogtag" | "blogtags" | "posttags"
    )
}

/// Returns true for a column with the locale of a text.
pub fn is_locale(name: &str) -> bool {
    matches!(
        plain(name).as_str(),
        "locale" | "lang" | "language" | "localecode" | "languagecode" | "langcode"
    )
}

/// Returns true for a column that says whether a post is public.
pub fn is_switch(name: &str) -> bool {
    matches!(
        plain(name).as_str(),
        "published" | "ispublished" | "public" | "ispublic" | "visible"
    )
}
