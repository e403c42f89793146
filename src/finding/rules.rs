//! The rules that files are held to, each declared once.
//!
//! The order is that in which a file is checked. An example that begins with `---` or `+++` is a whole
//! file, and a test checks that it violates its rule.

use super::{Kind, Level, Rule};

/// Declares rules as constants and as a list.
macro_rules! rules {
    ($($ident:ident $name:literal $kind:ident $level:ident
       $summary:literal $explanation:literal $example:literal;)*) => {
        $(
            #[doc = $summary]
            pub const $ident: &Rule = &Rule {
                name: $name,
                kind: Kind::$kind,
                level: Level::$level,
                summary: $summary,
                explanation: $explanation,
                example: $example,
            };
        )*

        /// Every rule for files.
        pub const RULES: &[&Rule] = &[$($ident),*];
    };
}

rules! {
    UNREADABLE "unreadable" Invalid Error
    "A file or directory cannot be read."
    "A post that cannot be read would be missing without a word. Make the file readable, or \
     list it in `.blogctlignore`."
    "chmod 000 content/draft.md";

    IGNORE_FILE "ignore-file" Invalid Error
    "An ignore file cannot be read, or one of its lines cannot be understood."
    "An ignore file that is not understood could let private files through, so nothing is \
     published until it is fixed. A line that git would silently ignore counts as one."
    ".gitignore, line 1:\n[a";

    SYMLINK_LOOP "symlink-loop" Invalid Error
    "A symbolic link leads back to a directory above it, or to itself."
    "Following it would never end. Remove the link, or list it in `.blogctlignore`."
    "ln -s ../content content/again";

    BROKEN_LINK "broken-link" Invalid Error
    "A symbolic link with the name of a post leads nowhere."
    "Its post would be missing. Remove the link, or restore the file that it names."
    "ln -s gone.md content/post.md";

    NOT_A_FILE "not-a-file" Invalid Error
    "A pipe, a socket or a device has the name of a post."
    "Only regular files are read. Remove it, or list it in `.blogctlignore`."
    "mkfifo content/post.md";

    FILE_NAME "file-name" Invalid Error
    "A path is not UTF-8, or has a character that cannot be printed."
    "A database keeps paths as text, and a terminal would act on control characters. Rename \
     the file."
    "touch \"$(printf 'content/caf\\351.md')\"";

    SAME_PATH "same-path" Invalid Error
    "Two paths differ only in how their accents are encoded."
    "Unicode has two encodings of `é`. Paths are compared in the composed one (NFC), so these \
     two are the same. Delete or rename one of the files."
    "content/café.md    (é as one character)\ncontent/café.md   (e and a combining accent)";

    FILE_SIZE "file-size" Invalid Error
    "A file is larger than 16 MiB."
    "Split the post. Images and other data belong in files of their own."
    "content/everything.md    17.2 MiB";

    INVALID_UTF8 "invalid-utf8" Invalid Error
    "A file has bytes that are not UTF-8."
    "Save the file as UTF-8; it may be in UTF-16, EUC-KR or another encoding."
    "title: caf\\xe9";

    NUL_CHARACTER "nul-character" Invalid Error
    "A file or a value has a NUL character."
    "No database can store one in a text. Delete it."
    "---\nid: 1\ntitle: \"A\\0 title\"\n---\n";

    EMPTY_FILE "empty-file" Invalid Error
    "A file is empty."
    "A file with the name of a post must be one. Begin it with front matter, delete it, or \
     list it in `.blogctlignore`."
    "touch content/post.md";

    NO_FRONT_MATTER "no-front-matter" Invalid Error
    "A file does not begin with `---` or `+++`."
    "The front matter must be at the very top of the file, without blank lines or spaces \
     before it. List a file that is not a post, such as a README, in `.blogctlignore`, or in \
     `exclude` under `[content]` in `blogctl.toml`; `without_front_matter = \"skip\"` there \
     leaves out all such files."
    "# A title\n\nText.";

    UNCLOSED_FRONT_MATTER "unclosed-front-matter" Invalid Error
    "No line ends the front matter."
    "Front matter that begins with `---` ends with a line `---` or `...`, and one that begins with \
     `+++` with a line `+++`. Put it after the last key."
    "---\nid: 1\ntitle: A title\n\nText.\n";

    FRONT_MATTER_SIZE "front-matter-size" Invalid Error
    "The front matter is larger than 64 KiB."
    "Move long text into the body, below the line that ends the front matter."
    "---\nid: 1\ntitle: A title\ndescription: |\n  ... 70,000 characters\n";

    CONTROL_CHARACTER "control-character" Invalid Error
    "The front matter has a control character or an invisible line separator."
    "YAML does not allow them, and they are often the rest of a copied text. Delete the \
     character, or write it as an escape between double quotes."
    "title: A\\x07 title";

    YAML_SYNTAX "yaml-syntax" Invalid Error
    "The front matter is not valid YAML."
    "The usual reasons are a colon in a value that is not in quotes, a quote that is not \
     closed, and a tab at the beginning of a line."
    "---\nid: 1\ntitle: Rust: a title\n---\n";

    TOML_SYNTAX "toml-syntax" Invalid Error
    "The front matter is not valid TOML."
    "The usual reasons are a text that is not in quotes, a quote or bracket that is not closed, \
     and a colon where TOML has `=`."
    "+++\nid = 1\ntitle = A title\n+++\n";

    YAML_SIZE "yaml-size" Invalid Error
    "The aliases of the front matter expand to too much."
    "An alias (`*name`) repeats the value at its anchor (`&name`). All of them together may \
     expand to 256 KiB. Write the values out."
    "a: &a [x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, ...]";

    NOT_A_MAPPING "not-a-mapping" Invalid Error
    "The front matter is not made of `key: value` lines."
    "Each line needs a key, a colon, a space and a value."
    "---\n- a list\n- of texts\n---\n";

    MERGE_KEY "merge-key" Invalid Error
    "The front matter uses the merge key `<<`."
    "Merging is not part of YAML 1.2, and is not supported. Write the keys out."
    "---\nid: 1\ntitle: A title\n<<: {category: guide}\n---\n";

    DUPLICATE_KEY "duplicate-key" Invalid Error
    "A key is there twice."
    "Nobody can tell which of the two values is meant. Keep one of them."
    "---\nid: 1\ntitle: A title\ntitle: Another title\n---\n";

    MISSING_ID "missing-id" Invalid Error
    "A post has no id."
    "The id identifies the post in the database, whatever becomes of its file name and title. \
     `blogctl fix` gives each post without an id the next number that no post has or had."
    "---\ntitle: A title\n---\n";

    INVALID_ID "invalid-id" Invalid Error
    "An id is not a whole number from 1 to 2147483647."
    "Write the number without quotes, separators or leading zeros."
    "---\nid: \"12\"\ntitle: A title\n---\n";

    DUPLICATE_ID "duplicate-id" Invalid Error
    "Two files have the same id."
    "An id belongs to one post. Give one of the files another id; the one that was published \
     first should keep it."
    "content/a.md:2    id: 7\ncontent/b.md:2    id: 7";

    MISSING_TITLE "missing-title" Invalid Error
    "A post has no title."
    "Add a line like `title: A title`."
    "---\nid: 1\n---\n";

    INVALID_TITLE "invalid-title" Invalid Error
    "A title is not text of 1 to 255 characters."
    "Write one text. A title of blanks and invisible characters alone is none."
    "---\nid: 1\ntitle: [one, two]\n---\n";

    INVALID_DESCRIPTION "invalid-description" Invalid Error
    "A description is not text."
    "Write one text."
    "---\nid: 1\ntitle: A title\ndescription: [one, two]\n---\n";

    INVALID_CATEGORY "invalid-category" Invalid Error
    "A category is not text of 1 to 255 characters."
    "A post has one category. Of a list the first name is the category, and the others are tags."
    "---\nid: 1\ntitle: A title\ncategory: {name: one}\n---\n";

    UNKNOWN_CATEGORY "unknown-category" Lint Error
    "A category is not one of those in `blogctl.toml`."
    "Where `blogctl.toml` has `categories`, a category that is not among them is probably \
     misspelled. Correct it, or add it to the list."
    "blogctl.toml:     categories = [\"guide\", \"concept\"]\ncontent/a.md:     category: giude";

    COLUMN_LENGTH "column-length" Invalid Error
    "A text is longer than the column that is to hold it."
    "The database would refuse the post. Shorten the text, or have the column widened by the \
     program that owns the table."
    "content/a.md:     title: (300 characters)\npublic.post.title: character varying(255)";

    COLUMN_VALUE "column-value" Invalid Error
    "A value is none of those that the column takes."
    "The column is an enum, or a CHECK constraint lists its values: write one of them. Or \
     `[tables.post.values]` in `blogctl.toml` gives the post a text that the column's type does not \
     take: correct it there."
    "content/a.md:          category: GIUDE\npublic.post.category: enum of GUIDE, CONCEPT";

    COLUMN_REQUIRED "column-required" Invalid Error
    "A post has no value for a column that needs one."
    "The column is NOT NULL and has no default. Add the key to the post, or give the column a \
     default."
    "content/a.md:             (no description)\npublic.post.description: text NOT NULL";

    NOT_STORED "not-stored" Lint Warning
    "A file states a field that is not stored."
    "`[tables]` in `blogctl.toml` leaves the field out, so that the site never shows it. Name \
     its column, or remove the key."
    "content/a.md:     slug: hello\nblogctl.toml:     columns = { slug = false }";

    REFUSED_ROW "refused-row" Invalid Error
    "The database refuses the row of a post."
    "A constraint, a trigger or a policy of the table refused the row while it was written, and \
     nothing was published. The message has its condition or its words. Change the field of the \
     post that fills the column, or the value in `[tables.post.values]`, or ask the owner of the \
     table."
    "content/a.md:         title: Hi\npublic.post:          CHECK (length(title) > 3)";

    INVALID_TAGS "invalid-tags" Invalid Error
    "Tags are not texts of 1 to 100 characters."
    "Write a list: `tags: [one, two]`, or one tag a line, each after a hyphen. A text with commas \
     is read as a list."
    "---\nid: 1\ntitle: A title\ntags: {one: two}\n---\n";

    REPEATED_TAG "repeated-tag" Lint Warning
    "A tag is there twice."
    "It is stored once. Remove the second one."
    "---\nid: 1\ntitle: A title\ntags: [one, two, one]\n---\n";

    INVALID_IMAGE "invalid-image" Invalid Error
    "An image is not text of at most 500 characters."
    "Write a path or a URL; it may be in a mapping, under `url`, `src`, `image` or `path`, and of a \
     list the first counts. The data of an image belongs in a file of its own."
    "---\nid: 1\ntitle: A title\nimage: {alt: A cat}\n---\n";

    INVALID_CREATED_AT "invalid-created-at" Invalid Error
    "The value of `created_at` is not a time."
    "Write a date (`2025-11-28`), a date and a time, or RFC 3339 (`2025-11-28T09:00:00Z`)."
    "---\nid: 1\ntitle: A title\ncreated_at: yesterday\n---\n";

    DATE_IN_PATH "date-in-path" Lint Warning
    "A post has no `created_at`, and its path has a date that is not read."
    "Site generators take the date of a post from the name of its file or folder. blogctl does so \
     where `[front_matter]` in `blogctl.toml` names `@file-name` for `created_at`, as `blogctl \
     init` writes it. Without it, the time of the first sync is stored."
    "content/2024-01-05-hello.md    (without created_at)";

    FUTURE_DATE "future-date" Lint Hint
    "The date of a post is to come."
    "It is published at once, unless `[content]` in `blogctl.toml` has `future = \"hold\"`: then it \
     counts as a draft until its date, and the first sync after that publishes it."
    "---\nid: 1\ntitle: A title\ncreated_at: 2999-01-01\n---\n";

    EXPIRED "expired" Lint Warning
    "A post has a date of expiry that is past."
    "It is not published: a key such as `expiryDate` says that it is no longer public. A post that \
     was published stays online until `--prune` removes it. Remove the key to publish the post."
    "---\nid: 1\ntitle: A title\nexpiryDate: 2020-01-01\n---\n";

    INVALID_UPDATED_AT "invalid-updated-at" Invalid Error
    "The value of `updated_at` is not a time."
    "Write a date (`2025-11-28`), a date and a time, or RFC 3339 (`2025-11-28T09:00:00Z`)."
    "---\nid: 1\ntitle: A title\nupdated_at: 28.11.2025\n---\n";

    INVALID_WORD_COUNT "invalid-word-count" Invalid Error
    "The value of `word_count` is not a whole number from 0 to 2147483647."
    "Remove the line: blogctl counts the words."
    "---\nid: 1\ntitle: A title\nword_count: many\n---\n";

    WORD_COUNT "word-count" Lint Warning
    "The stated `word_count` is not the number of words in the body."
    "The stated number is stored, and so readers see a wrong one. Remove the line: blogctl \
     counts the words."
    "---\nid: 1\ntitle: A title\nword_count: 9\n---\nFour words and no more.\n";

    INVALID_DRAFT "invalid-draft" Invalid Error
    "The value of `draft` is neither true nor false."
    "A draft must never be published by mistake, so nothing is guessed. Write `draft: true` \
     or `draft: false`, without quotes."
    "---\nid: 1\ntitle: A title\ndraft: maybe\n---\n";

    NOT_PUBLIC "not-public" Invalid Error
    "A key may say that the post is not public, and nobody can tell."
    "A post is a draft if it says so in the words of any program: `draft: true`, `published: false`, \
     `publish: false`, `private: true`, `status: draft`, or a folder `_drafts`. A key of that kind \
     with another value, and `hidden` or `unlisted`, mean different things to different programs, \
     so nothing is guessed. Write `draft: true`, or remove the line to publish the post; or name \
     the keys that count in `draft` under `[front_matter]` in `blogctl.toml`."
    "---\nid: 1\ntitle: A title\nstatus: review\n---\n";

    INVALID_SLUG "invalid-slug" Invalid Error
    "A slug is not text of 1 to 255 characters without control characters."
    "The slug is the part of the post's address that names it. Write one word of letters, digits \
     and hyphens, or remove the line."
    "---\nid: 1\ntitle: A title\nslug: [a, b]\n---\n";

    DUPLICATE_SLUG "duplicate-slug" Lint Warning
    "Two posts have the same slug."
    "They would have the same address. Give one of them another slug."
    "content/a.md:4    slug: hello\ncontent/b.md:4    slug: hello";

    UNKNOWN_LOCALE "unknown-locale" Invalid Error
    "A file is in a language that is not one of the blog's locales."
    "Its text would be published as that of another language. Add the locale to `others` in \
     `[locales]` of `blogctl.toml`, or correct the directory's name or the key. A file that states \
     `locale` itself may lie in a directory of any name."
    "content/fr/8.md    (and `others = [\"en\"]`)";

    LOCALE_MISMATCH "locale-mismatch" Invalid Error
    "The path of a file and its front matter name different locales."
    "One of the two is wrong, and nothing is guessed. Move the file, or correct the key."
    "content/en/8.md:4    lang: ko";

    TRANSLATION_DIFFERS "translation-differs" Lint Error
    "Two translations of a post state different values of a field that they share."
    "A field without a column in the table of translations is one for all locales. The file in the \
     default locale states it, and the others may repeat it. With a lower level its value counts, \
     and the others are not stored."
    "content/ko/8.md:4    category: GUIDE\ncontent/en/8.md:4    category: CONCEPT";

    TRANSLATION_MISSING "translation-missing" Lint Hint
    "A post has no text in one of the locales."
    "Readers in that locale do not see the post. Add a file with the same `id`."
    "content/ko/8.md    (and no content/en/8.md)";

    TRANSLATION_STALE "translation-stale" Lint Hint
    "The default text of a post has changed since a translation was made from it."
    "Bring the translation up to date; any change of its file counts as that."
    "content/ko/8.md    changed later than content/en/8.md";

    EXTRA_SIZE "extra-size" Invalid Error
    "The keys without a field take more than 512 KiB as JSON, or are nested more than 100 deep."
    "All keys that blogctl has no field for are stored as JSON in `extra`. Move long text into the \
     body."
    "";

    COMMENT "comment" Lint Hint
    "The end of a value is a comment to YAML."
    "In a value without quotes, a `#` after a space begins a comment, which is not \
     published. Put the value in quotes to keep it."
    "---\nid: 1\ntitle: C # for all\n---\n";

    LINK_OUTSIDE "link-outside" Invalid Error
    "A symbolic link leads out of the project."
    "A cloned repository could otherwise publish any file of the machine. Put the file itself \
     in its place, list the link in `.blogctlignore`, or set `follow_links = true` under \
     `[content]` in `blogctl.toml`."
    "ln -s /home/ann/notes.md content/notes.md";

    LINK_TARGET "link-target" Invalid Error
    "A symbolic link leads to something that is hidden, ignored or not named like a post."
    "What would not be read in its own place is not read through a link. Put the file itself \
     in its place, or list the link in `.blogctlignore`."
    "ln -s ../.env content/post.md";

    REPEATED_DIRECTORY "repeated-directory" Invalid Error
    "A symbolic link leads to a directory whose posts are read already."
    "Every post in it would be there twice. Remove one of the links, or list it in \
     `.blogctlignore`."
    "ln -s guide content/guides";

    TRACKED_BUT_IGNORED "tracked-but-ignored" Lint Hint
    "A `.gitignore` names posts that git tracks."
    "They are read, because a pattern of git's does not count for what git tracks. To leave \
     them out, repeat the pattern in `.blogctlignore` or in `exclude` in `blogctl.toml`. To \
     read them without this hint, repeat it there with a `!` before it."
    ".gitignore:       drafts/\ngit ls-files:     content/drafts/plan.md";

    UNKNOWN_KEY "unknown-key" Lint Warning
    "A key is almost the name of a field."
    "It is probably a misspelling. Any key that is not a field is stored in `extra`; correct \
     this one, or set the rule to `off` if it is meant as it is."
    "---\nid: 1\ntitle: A title\ndescripton: Text\n---\n";

    LABEL_CASE "label-case" Lint Hint
    "Tags or categories differ by case alone."
    "They are different names, each with a page of its own, which is seldom what was meant. Write \
     one of them everywhere."
    "content/a.md:4    tags: [Rust]\ncontent/b.md:4    tags: [rust]";

    MORE_FINDINGS "more-findings" Count Warning
    "There are more findings than are listed."
    "At most 200,000 findings are listed at a time. Fix those, and the others are listed next \
     time."
    "";
}
