//! Round trips of a blog with locales: as many as of one without.

use super::{Far, WRITING};

const LOCALES: &str =
    "[locales]\ndefault = \"ko\"\nothers = [\"en\"]\npath = \"{locale}/{name}\"\n";

fn korean(far: &Far, id: i64, title: &str, category: &str) {
    let post = format!(
        "---\nid: {id}\ntitle: {title}\nslug: post-{id}\ncategory: {category}\ntags: [a, \"t{}\"]\n\
         created_at: 2025-01-{:02}\n---\nIts body.\n",
        id % 7,
        id % 28 + 1
    );
    far.project.write(format!("content/ko/{id}.md"), post);
}

fn english(far: &Far, id: i64, title: &str) {
    let post = format!("---\nid: {id}\ntitle: {title}\nslug: post-{id}\n---\nIts body.\n");
    far.project.write(format!("content/en/{id}.md"), post);
}

/// Sixty posts in two languages.
fn blog() -> Far {
    let far = Far::new();
    far.project.write("blogctl.toml", LOCALES);
    for id in 1..=60 {
        korean(&far, id, "A post", "guide");
        english(&far, id, "A post");
    }
    far
}

#[test]
fn every_reader_of_a_locale_takes_one() {
    let far = blog().prepared();
    let en = ["--locale", "en"];
    for args in [
        &["list"][..],
        &["list", "--category", "guide", "--tag", "a"],
        &["list", "--since", "2025-01-05", "--cursor", "50"],
        &["show", "7"],
        &["show", "--slug", "post-7"],
        &["search", "body"],
        &["search", "body", "--category", "guide", "--tag", "a"],
        &["categories"],
        &["tags"],
    ] {
        for args in [args.to_vec(), [args, &en].concat()] {
            let (round_trips, output) = far.round_trips(&args);
            assert_eq!(round_trips, 1, "{args:?}");
            assert!(!output.stdout.is_empty(), "{args:?}");
        }
    }
}

#[test]
fn a_first_sync_takes_three_and_one_without_a_change_takes_one() {
    let far = blog();
    let (round_trips, output) = far.round_trips(&["sync", "content/"]);
    assert!(output.stdout.contains("120 created"), "{output:#?}");
    assert_eq!(round_trips, WRITING);
    for dry_run in [&[][..], &["--dry-run"]] {
        let (round_trips, output) = far.round_trips(&[&["sync", "content/"], dry_run].concat());
        assert!(output.stdout.contains("120 posts"), "{output:#?}");
        assert_eq!(round_trips, 1);
    }
}

#[test]
fn a_sync_of_texts_takes_three_and_no_more_statements_for_more_texts() {
    let far = blog().prepared();
    let sync = |said: &str, options: &[&str]| {
        let args = [&["sync", "content/"], options].concat();
        let (round_trips, output) = far.round_trips(&args);
        assert!(output.stdout.contains(said), "{said}: {output:#?}");
        assert_eq!(round_trips, WRITING, "{said}");
        far.relay.counts().statements
    };
    english(&far, 1, "Changed");
    let one = sync("1 updated", &[]);
    (1..=60).for_each(|id| english(&far, id, "All changed"));
    let all = sync("60 updated", &[]);
    assert!(all <= one, "{one} and {all}");
    // What finds the other texts follows.
    korean(&far, 1, "A post", "note");
    let one = sync("1 updated", &[]);
    (1..=60).for_each(|id| korean(&far, id, "A post", "note"));
    let all = sync("59 updated", &[]);
    assert!(all <= one, "{one} and {all}");
    let move_and_remove = |id: i64| {
        let to = format!("content/a/en/{id}.md");
        far.project
            .rename(format!("content/en/{id}.md"), to)
            .remove(format!("content/en/{}.md", id + 30));
    };
    move_and_remove(1);
    let one = sync("1 moved, 1 removed", &["--prune"]);
    (2..=20).for_each(move_and_remove);
    let all = sync("19 moved, 19 removed", &["--prune", "--force"]);
    assert!(all <= one, "{one} and {all}");
    // Terms of another version are made again.
    let client = far.database.client();
    client.batch("UPDATE blogctl.translation SET terms_version = 0 WHERE post_id = 2");
    let one = sync("nothing changed", &[]);
    client.batch("UPDATE blogctl.translation SET terms_version = 0");
    let all = sync("nothing changed", &[]);
    assert!(all <= one, "{one} and {all}");
}

#[test]
fn texts_to_compare_take_one_more_for_each_locale() {
    let far = blog().prepared();
    far.database
        .client()
        .batch("UPDATE post_translation SET title = 'Another' WHERE post_id IN (3, 4)");
    for id in [3, 4] {
        english(&far, id, "Another");
    }
    let (round_trips, output) = far.round_trips(&["sync", "content/", "--dry-run", "--force"]);
    assert!(output.stdout.contains("2 adopted"), "{output:#?}");
    assert_eq!(round_trips, 3);
}
