use super::*;
use crate::finding::{Level, rules};
use crate::tables::BlogTable;

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(text, Path::new("blogctl.toml")).map_err(|error| match error.help {
        Some(help) => format!("{} | {help}", error.message),
        None => error.message,
    })
}

fn error(text: &str) -> String {
    parse(text).expect_err(text)
}

#[test]
fn a_full_file_sets_everything() {
    let config = parse(
        "database = \"postgresql://me@db.example/blog\"\n\
         read_database = \"postgresql://me@replica.example/blog\"\n\
         time_zone = \"Asia/Seoul\"\n\
         categories = [\"guide\", \"노트\"]\n\
         [content]\nfollow_links = true\n\
         [sync]\nmax_prune = 10\n",
    )
    .unwrap();
    assert_eq!(
        config.database.unwrap().expose(),
        "postgresql://me@db.example/blog"
    );
    assert_eq!(
        config.read_database.unwrap().expose(),
        "postgresql://me@replica.example/blog"
    );
    assert_eq!(config.time_zone.iana_name(), Some("Asia/Seoul"));
    assert_eq!(config.categories.unwrap(), ["guide", "노트"]);
    assert_eq!(config.max_prune, 10);
    assert!(config.content.follow_links);
}

#[test]
fn an_empty_file_and_none_give_the_defaults() {
    assert_eq!(parse("").unwrap(), Config::default());
    for empty in ["database = \" \"", "read_database = \"\""] {
        assert_eq!(parse(empty).unwrap(), Config::default());
    }
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Config::read(dir.path()).unwrap(), Config::default());
    assert_eq!(Config::default().max_prune, 50);
    let content = Content::default();
    assert!(!content.follow_links && !content.skip_without_front_matter && !content.hold_future);
    assert_eq!(content.directory, "content");
}

#[test]
fn offsets_are_time_zones() {
    let zone = |name: &str| parse(&format!("time_zone = \"{name}\"")).map(|c| c.time_zone);
    let nine = TimeZone::fixed(jiff::tz::offset(9));
    assert_eq!(zone("+09:00").unwrap(), nine);
    assert_eq!(zone("UTC").unwrap().iana_name(), Some("UTC"));
    assert_eq!(zone("Z").unwrap(), TimeZone::UTC);
    for bad in ["", "Seoul", "Asia/Soul", "+25:00", "9", "KST-9"] {
        let error = zone(bad).expect_err(bad);
        assert!(error.starts_with("blogctl.toml:1: `time_zone`"), "{error}");
        assert!(error.contains("Asia/Seoul"), "{error}");
    }
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_key() {
    insta::assert_snapshot!(
        error("database = \"x\"\n\ntimezone = \"UTC\"\n"),
        @"blogctl.toml:3: unknown key `timezone` | did you mean `time_zone`?"
    );
    insta::assert_snapshot!(
        error("[sync]\nmax_purne = 3\n"),
        @"blogctl.toml:2: unknown key `max_purne` | did you mean `max_prune`, in the section `[sync]`?"
    );
    insta::assert_snapshot!(
        error("colour = 3\n"),
        @"blogctl.toml:1: unknown key `colour` | the keys are `database`, `read_database`, `time_zone`, `categories`, in the section `[content]` `directory`, `exclude`, `without_front_matter`, `future` and `follow_links`, in the section `[front_matter]` the names of fields, in the section `[sync]` `max_prune`, in the section `[rules]` the names of rules, in the sections `[tables.post]`, `[tables.tag]`, `[tables.post_tag]` and `[tables.translation]` `name`, `columns` and `values`, and in the section `[locales]` `default`, `others` and `path`"
    );
    insta::assert_snapshot!(
        error("[content]\nfolow_links = true\n"),
        @"blogctl.toml:2: unknown key `folow_links` | did you mean `follow_links`, in the section `[content]`?"
    );
    insta::assert_snapshot!(
        error("follow_links = true\n"),
        @"blogctl.toml:1: unknown key `follow_links` | did you mean `follow_links`, in the section `[content]`?"
    );
}

#[test]
fn the_section_content_says_which_files_are_read() {
    let content = parse(
        "[content]\ndirectory = \"./src/content/blog/\"\n\
         exclude = [\"**/README.md\", \"authors/\"]\n\
         without_front_matter = \"skip\"\nfuture = \"hold\"\n",
    )
    .unwrap()
    .content;
    assert_eq!(content.directory, "src/content/blog");
    assert!(content.skip_without_front_matter && content.hold_future);
    assert_ne!(content.exclude, Content::default().exclude);
    let root = parse("[content]\ndirectory = \".\"").unwrap();
    assert_eq!(root.content.directory, ".");
    let same = "[content]\nwithout_front_matter = \"error\"\nfuture = \"publish\"\nexclude = []";
    assert_eq!(parse(same).unwrap(), Config::default());
}

#[test]
fn a_wrong_value_in_the_section_content_is_named_with_its_line() {
    let error = |line: &str| error(&format!("[content]\n{line}\n"));
    insta::assert_snapshot!(
        error("directory = \"../blog\""),
        @"blogctl.toml:2: `directory` holds `..` | write it relative to the project's root: \"src/content/blog\""
    );
    for (directory, is) in [("/srv/blog", "is an absolute path"), (" ", "is empty")] {
        let error = error(&format!("directory = \"{directory}\""));
        assert!(
            error.starts_with(&format!("blogctl.toml:2: `directory` {is} | ")),
            "{error}"
        );
    }
    insta::assert_snapshot!(
        error("exclude = [\"a.md\",\n\"[b\"]"),
        @"blogctl.toml:3: `exclude` holds a wrong pattern: a `[` in the pattern is never closed | close it with `]`, or write `\\[` for the character itself"
    );
    insta::assert_snapshot!(
        error("exclude = [\"# authors\"]"),
        @"blogctl.toml:2: `exclude` holds a wrong pattern: a pattern that begins with `#` is a comment | remove it, or write `\\#` for the character"
    );
    insta::assert_snapshot!(
        error("without_front_matter = \"skipp\""),
        @"blogctl.toml:2: `without_front_matter` is \"skipp\" | did you mean \"skip\"?"
    );
    insta::assert_snapshot!(
        error("future = \"later\""),
        @"blogctl.toml:2: `future` is \"later\" | it is \"publish\" or \"hold\""
    );
    insta::assert_snapshot!(
        error("exlude = []"),
        @"blogctl.toml:2: unknown key `exlude` | did you mean `exclude`, in the section `[content]`?"
    );
}

#[test]
fn a_value_of_another_type_is_refused_with_its_line() {
    insta::assert_snapshot!(
        error("categories = \"guide\"\n"),
        @r#"blogctl.toml:1: `categories` must be a list, but this is text | write it in brackets: ["one", "two"]"#
    );
}

#[test]
fn a_share_outside_0_to_100_is_refused() {
    for good in [0, 100] {
        let config = parse(&format!("[sync]\nmax_prune = {good}")).unwrap();
        assert_eq!(config.max_prune, good);
    }
    for bad in [-1, 101, 1_000_000] {
        let error = error(&format!("[sync]\nmax_prune = {bad}"));
        assert!(
            error.starts_with("blogctl.toml:2: `max_prune` is"),
            "{error}"
        );
        assert!(error.contains("0 to 100"), "{error}");
    }
}

#[test]
fn rules_have_levels() {
    let text = "[rules]\nword-count = \"error\"\ncomment = \"off\"\n";
    let levels = parse(text).unwrap().levels;
    assert_eq!(levels.of(rules::WORD_COUNT), Some(Level::Error));
    assert_eq!(levels.of(rules::COMMENT), None);
    insta::assert_snapshot!(
        error("[rules]\nwordcount = \"off\"\n"),
        @"blogctl.toml:2: there is no rule `wordcount` | did you mean `word-count`?"
    );
    insta::assert_snapshot!(
        error("[rules]\n\nmissing-title = \"off\"\n"),
        @"blogctl.toml:3: the level of `missing-title` cannot be set: a file that violates it is not a post that could be published | remove the line"
    );
    insta::assert_snapshot!(
        error("[rules]\ncomment = \"off\"\nword-count = \"warn\"\n"),
        @r#"blogctl.toml:3: `word-count` is set to something that is not a level | the levels are "off", "hint", "warning", "error""#
    );
    insta::assert_snapshot!(
        error("[rules]\nword-count = false\n"),
        @"blogctl.toml:2: `word-count` must be text, but this is true or false | put it in double quotes"
    );
    assert!(error("[rules]\nqqqqqq = \"off\"").contains("can be set are `unknown-category`"));
    let long = format!("[rules]\n{} = \"off\"", "k".repeat(1_000_000));
    assert!(error(&long).len() < 500);
}

#[test]
fn categories_are_names_each_once() {
    assert!(error("categories = [\"a\", \"\"]").contains("empty name"));
    assert_eq!(parse("categories = []").unwrap().categories, None);
    assert!(error("categories = [\"a\",\n\"a\"]").starts_with("blogctl.toml:2:"));
}

#[test]
fn no_error_shows_a_password() {
    for text in [
        "database = postgresql://me:hunter2@db.example/blog",
        "database = \"postgresql://me:hunter2@db.example/blog",
        "database = [\"postgresql://me:hunter2@db.example/blog\"]",
        "database = \"postgresql://me:hunter2@db.example/blog\" x",
        "databse = \"postgresql://me:hunter2@db.example/blog\"",
        "read_database = [\"postgresql://me:hunter2@db.example/blog\"]",
        "readdatabase = \"postgresql://me:hunter2@db.example/blog\"",
        "sync = \"postgresql://me:hunter2@db.example/blog\"",
        "categories = \"postgresql://me:hunter2@db.example/blog\"",
        "time_zone = \"UTC\"\ndatabase = { url = \"postgresql://me:hunter2@h/d\" }",
    ] {
        let error = error(text);
        assert!(!error.contains("hunter2"), "{error}");
        assert!(error.starts_with("blogctl.toml:"), "{error}");
    }
    let config = parse("database = \"postgresql://me:hunter2@db.example/blog\"").unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(CONFIG_FILE), b"\xff\xfe").unwrap();
    let error = Config::read(dir.path()).unwrap_err();
    assert!(error.message.contains("blogctl.toml"), "{error}");
}

#[cfg(unix)]
#[test]
fn only_a_regular_file_up_to_the_limit_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(CONFIG_FILE);
    let error = || Config::read(dir.path()).unwrap_err().message;
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    assert!(error().ends_with("it is a device, not a regular file"));
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(dir.path().join("gone"), &path).unwrap();
    assert!(error().contains("cannot read"));
    std::fs::remove_file(&path).unwrap();
    let large = std::fs::File::create(&path).unwrap();
    large.set_len(MAX_SETTINGS_FILE + 1).unwrap();
    assert!(error().ends_with("it is larger than 1024 KiB"));
}

#[test]
fn deep_and_long_files_are_refused_or_read_without_harm() {
    for (start, end) in [("[", "]"), ("{a=", "}"), ("[{a=", "}]")] {
        for depth in [81, 100_000] {
            let text = format!("x = {}1{}", start.repeat(depth), end.repeat(depth));
            assert!(
                error(&text).starts_with("blogctl.toml:1: "),
                "{start} {depth}"
            );
        }
    }
    assert!(error(&format!("{}a = 1", "a.".repeat(300_000))).len() < 500);
    assert!(error(&format!("[{}a]", "a.".repeat(300_000))).len() < 500);
    assert!(error(&format!("{} = 1", "k".repeat(1_000_000))).len() < 1_000);
    assert!(error(&format!("time_zone = \"{}\"", "z".repeat(1_000_000))).len() < 500);
    // Quadratic work would take hours.
    let names: String = (0..100_000).map(|i| format!("\"{i}\",")).collect();
    let config = parse(&format!("categories = [{names}]")).unwrap();
    assert_eq!(config.categories.unwrap().len(), 100_000);
    let twice = error(&format!("categories = [{names} \"7\"]"));
    assert!(twice.contains("holds \"7\" twice"), "{twice}");
}

#[test]
fn only_short_plain_text_is_quoted() {
    for text in [
        "\"postgresql://me:hunter2@h/d\" = 1",
        "time_zone = \"me:hunter2@h\"",
        "time_zone = \"postgresql://hunter2/d\"",
        "categories = [\"me:hunter2@h\", \"me:hunter2@h\"]",
    ] {
        let error = error(text);
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn no_file_makes_the_reader_panic_or_repeat_an_address() {
    let corpus: [&[u8]; 3] = [
        b"database = \"postgresql://me:hunter2@h/d\"\ntime_zone = \"Asia/Seoul\"\n",
        b"categories = [\"a\", 'b', \"a\"]\nread_database = \"postgresql://me:hunter2@h/d\"\n",
        b"[sync]\nmax_prune = 0x10\n\n[[x.y]]\n\"postgresql://me:hunter2@h/d\" = { a = 1 }\n",
    ];
    let dictionary: [&[u8]; 14] = [
        b"\n",
        b"=",
        b"\"",
        b"'",
        b"\"\"\"",
        b"\\u0000",
        b"[",
        b"]",
        b"{",
        b"}",
        b".",
        b",",
        b"1e400",
        b"2025-01-01T00:00:00Z",
    ];
    crate::fuzz::run("blogctl.toml", &corpus, &dictionary, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        if let Err(error) = parse(&text) {
            assert!(error.starts_with("blogctl.toml:"), "{error}");
            assert!(
                !error.contains("://") && !error.contains("hunter2@"),
                "{error}"
            );
            assert!(error.len() < 1_000, "{error}");
        }
    });
}

#[test]
fn tables_are_named_as_the_database_spells_them() {
    let config = parse(
        "[tables.post]\nname = \"blog.Post\"\n\
         columns = { created_at = \"createdAt\", content = \"body\", description = false }\n\
         values = { published = true, url = \"/blog/{slug}\" }\n\
         [tables.tag]\nname = \"Tag\"\n\
         [tables.post_tag]\nname = \"_PostToTag\"\ncolumns = { post_id = \"A\", tag_id = \"B\" }\n",
    )
    .unwrap();
    let map = config.tables;
    assert!(map.is_adopted() && map.stores_tags());
    let post = map.table(BlogTable::Post);
    assert_eq!(post.name().to_string(), "blog.Post");
    assert_eq!(post.column("content").unwrap().as_str(), "body");
    assert_eq!(post.column("created_at").unwrap().as_str(), "createdAt");
    assert_eq!(post.left_out().collect::<Vec<_>>(), ["description"]);
    let links = map.table(BlogTable::PostTag);
    assert_eq!(links.name().to_string(), "public._PostToTag");
    assert_eq!(links.column("tag_id").unwrap().as_str(), "B");
    let values: Vec<String> = map
        .values()
        .iter()
        .map(|value| format!("{}={}", value.column(), value.template()))
        .collect();
    assert_eq!(values, ["published=true", "url=/blog/{slug}"]);
    assert!(
        !parse("[tables]\ntags = false\n")
            .unwrap()
            .tables
            .stores_tags()
    );
    assert!(!parse("").unwrap().tables.is_adopted());
}

#[test]
fn a_wrong_table_map_is_an_error_at_its_line() {
    for (text, line, words) in [
        ("[tables.post]\nname = \"a.b.c\"", 2, "more parts"),
        ("[tables.post]\nname = \"\"", 2, "is empty"),
        (
            "[tables.post]\n\ncolumns = { titel = \"x\" }",
            3,
            "unknown column `titel`",
        ),
        ("[tables.post.columns]\nid = false", 2, "cannot be left out"),
        ("[tables.post.columns]\nslug = true", 2, "has no name"),
        ("[tables.post.columns]\nslug = 3", 2, "has no name"),
        (
            "[tables.post]\nname = \"p\"\ncolumns = { slug = \"title\" }",
            2,
            "named twice",
        ),
        (
            "[tables.post.values]\nurl = \"{titel}\"",
            2,
            "no placeholder `{titel}`",
        ),
        ("[tables.post.values]\nurl = [1]", 2, "a list or a table"),
        ("[tables]\ntags = true", 2, "nothing but false"),
        (
            "[tables]\ntags = false\n[tables.tag]\nname = \"t\"",
            2,
            "a table of tags is named",
        ),
        (
            "[tables.tag]\nvalues = { a = 1 }",
            2,
            "unknown key `values`",
        ),
        (
            "[tables.posts]\nname = \"a\"",
            1,
            "unknown key `posts` | did you mean `post`?",
        ),
    ] {
        let error = error(text);
        assert!(
            error.starts_with(&format!("blogctl.toml:{line}: ")),
            "{error}"
        );
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn front_matter_names_the_sources_of_fields() {
    use crate::key_map::{KeyMap, ReadField, Rest, Separator, Source};
    let config = parse(
        "[front_matter]\n\
         id = \"blogctl_id\"\n\
         created_at = [\"date\", \"@file-name\"]\n\
         title = [\"title\", \"@heading\", \"@file-name\"]\n\
         tags = { key = \"topics\", split = \"space\" }\n\
         category = { rest = \"extra\" }\n\
         word_count = false\n",
    )
    .unwrap();
    let keys = |field| config.keys.get(field).keys().collect::<Vec<_>>();
    assert_eq!(keys(ReadField::Id), ["blogctl_id"]);
    let created_at = config.keys.get(ReadField::CreatedAt);
    assert_eq!(
        created_at.sources,
        [Source::Key("date".into()), Source::FileName]
    );
    assert!(config.keys.get(ReadField::Title).has(&Source::Heading));
    assert_eq!(keys(ReadField::Tags), ["topics"]);
    assert_eq!(config.keys.get(ReadField::Tags).separator, Separator::Space);
    assert_eq!(keys(ReadField::Category), ["category", "categories"]);
    assert_eq!(config.keys.get(ReadField::Category).rest, Rest::Extra);
    assert_eq!(keys(ReadField::WordCount), Vec::<&str>::new());
    // The others are as without the section.
    let built_in = KeyMap::default();
    assert_eq!(
        config.keys.get(ReadField::Image),
        built_in.get(ReadField::Image)
    );
    assert_eq!(Config::default().keys, built_in);
}

#[test]
fn a_wrong_source_is_named_with_its_line_and_a_remedy() {
    for (line, expected) in [
        (
            "titel = \"x\"",
            "blogctl.toml:2: there is no field `titel` | did you mean `title`?",
        ),
        (
            "title = [\"@folder\"]",
            "blogctl.toml:2: \"@folder\" is no source of `title` | `title` may be read from \
             \"@heading\" or \"@file-name\" besides keys",
        ),
        (
            "tags = \"@file-name\"",
            "blogctl.toml:2: \"@file-name\" is no source of `tags` | `tags` is read from keys alone",
        ),
        (
            "id = false",
            "blogctl.toml:2: `id` cannot be left out: it tells which row a post is | name the key \
             of the number, like `id = [\"blogctl_id\"]`",
        ),
        (
            "title = { split = \"space\" }",
            "blogctl.toml:2: `title` is one value, which is not split | it is \"comma\" or \
             \"space\", for `tags` and `category`",
        ),
        (
            "tags = { split = \"tab\" }",
            "blogctl.toml:2: `split` is none of the separators | it is \"comma\" or \"space\", for \
             `tags` and `category`",
        ),
        (
            "tags = { rest = \"tags\" }",
            "blogctl.toml:2: `tags` has no `rest` | it is \"tags\" or \"extra\", for `category`: \
             what the further names of a list become",
        ),
        (
            "title = \"\"",
            "blogctl.toml:2: `title` names an empty key | remove it",
        ),
        (
            "title = [\"x\"]\nslug = [\"x\"]",
            "blogctl.toml:1: the section [front_matter] names one key for `title` and for `slug` | \
             name it for one of the two",
        ),
    ] {
        assert_eq!(error(&format!("[front_matter]\n{line}\n")), expected);
    }
}

/// Phrases of the reader and of the language's libraries.
const FOREIGN: [&str; 12] = [
    "expected",
    "invalid",
    "i64",
    "sequence",
    "struct",
    "digit found",
    "too large to fit",
    "out of range",
    "unquoted",
    "basic string",
    "os error",
    "field",
];

#[test]
fn wrong_types_are_named_in_plain_words() {
    for (text, message) in [
        (
            "[sync]\nmax_prune = \"ten\"",
            "2: `max_prune` must be a whole number, but this is text | write digits alone, without quotes",
        ),
        (
            "[sync]\nmax_prune = 1.5",
            "2: `max_prune` must be a whole number, but this is a number with a point | write digits alone, without quotes",
        ),
        (
            "[sync]\nmax_prune = 99999999999999999999",
            "2: `max_prune` is a number that is too large | write a smaller one",
        ),
        (
            "[sync]\nmax_prune = [1]",
            "2: `max_prune` must be a whole number, but this is a list | write digits alone, without quotes",
        ),
        (
            "[sync]\nmax_prune = true",
            "2: `max_prune` must be a whole number, but this is true or false | write digits alone, without quotes",
        ),
        (
            "[sync]\nmax_prune = 2024-01-01",
            "2: `max_prune` must be a whole number, but this is a date | write digits alone, without quotes",
        ),
        (
            "sync = 3",
            "1: `sync` must be a section, but this is a number | write its name in brackets, `[NAME]`, and its keys below",
        ),
        (
            "[[sync]]\nmax_prune=3",
            "1: a section has its name in one pair of brackets | write `[NAME]` in place of `[[NAME]]`",
        ),
        (
            "time_zone = 9",
            "1: `time_zone` must be text, but this is a number | put it in double quotes",
        ),
        (
            "database = [\"a\"]",
            "1: `database` must be text, but this is a list | write one text in double quotes",
        ),
        (
            "categories = [\n\"a\",\n1]",
            "3: `categories` must be text, but this is a number | put it in double quotes",
        ),
        (
            "categories = \"guide\"",
            "1: `categories` must be a list, but this is text | write it in brackets: [\"one\", \"two\"]",
        ),
        (
            "[content]\nfollow_links = \"yes\"",
            "2: `follow_links` must be true or false, but this is text | write `true` or `false`, without quotes",
        ),
        (
            "[tables.post]\ncolumns = \"a\"",
            "2: `columns` must be a section, but this is text | write its name in brackets, `[NAME]`, and its keys below",
        ),
        (
            "[rules]\ncomment = 3",
            "2: `comment` must be text, but this is a number | put it in double quotes",
        ),
        (
            "[locales]\nothers = [\"a\"]",
            "1: the section has no `default` | add a line `default = \"...\"`",
        ),
    ] {
        assert_eq!(error(text), format!("blogctl.toml:{message}"), "{text}");
    }
}

#[test]
fn what_is_not_toml_is_explained_in_plain_words() {
    for (text, line, words) in [
        ("time_zone = Asia/Seoul", 1, "a text has no quotes"),
        ("[sync]\nmax_prune = ten", 2, "a text has no quotes"),
        (
            "[content]\nfollow_links = yes",
            2,
            "write `true` or `false`",
        ),
        (
            "[content]\nfollow_links = True",
            2,
            "write `true` or `false`",
        ),
        ("time_zone =", 1, "a key has no value"),
        ("time_zone = \u{201c}UTC\u{201d}", 1, "straight quotes"),
        ("time_zone = 'a", 1, "no closing quote"),
        ("time_zone = \"a", 1, "no closing quote"),
        ("time_zone = \"\"\"a", 1, "no closing quotes"),
        ("time_zone = \"a\"b\"", 1, "goes on after its value"),
        ("categories = guide, note", 1, "a text needs quotes"),
        ("categories = [\"a\" \"b\"]", 1, "without a comma"),
        ("categories = [\"a\",", 1, "no closing bracket"),
        ("[sync", 1, "no closing bracket"),
        ("[tables.post]\ncolumns = {slug = 1", 2, "no closing `}`"),
        ("time_zone: UTC", 1, "in place of the colon"),
        ("---\na: 1", 1, "not TOML"),
        ("nonsense", 1, "not TOML"),
        ("= 3", 1, "no key before the `=`"),
        ("time_zone = \"a\\q\"", 1, "a backslash"),
        ("# \u{1}", 1, "control character"),
        ("time_zone\u{a0}= \"UTC\"", 1, "an ordinary one"),
        ("x = 01", 1, "not TOML"),
        ("x = 2024-13-01", 1, "not TOML"),
        (
            "time_zone = \"UTC\"\ntime_zone = \"UTC\"",
            2,
            "`time_zone` is given twice",
        ),
        (
            "[sync]\nmax_prune=1\n[sync]\nmax_prune=2",
            3,
            "`sync` is given twice",
        ),
    ] {
        let error = error(text);
        assert!(
            error.starts_with(&format!("blogctl.toml:{line}: ")),
            "{text}: {error}"
        );
        assert!(error.contains(words), "{text}: {error}");
        for foreign in FOREIGN {
            assert!(!error.contains(foreign), "{text}: {error}");
        }
    }
}
