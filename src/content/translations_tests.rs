//! Tests of files in several languages: their locales, their main texts, and what is wrong between
//! them.

use super::test_project::Project;
use super::{Collection, LocaleSettings, collect};
use crate::finding::Level;
use crate::locale::{Locale, Locales};
use crate::model::KnownFile;
use crate::post::{Digest, Field, FieldSet};

fn locale(name: &str) -> Locale {
    Locale::new(name).unwrap()
}

/// A project in Korean and English whose titles and texts are translated.
fn project(files: &[(&str, &str)]) -> Project {
    let mut project = Project::with(&[]);
    let pattern = Some("{locale}/{name}".parse().unwrap());
    project.settings.locales = Some(LocaleSettings {
        locales: Locales::new(locale("ko"), [locale("en")], pattern),
        translated: FieldSet::from_iter([Field::Title, Field::Slug]),
    });
    for (path, front_matter) in files {
        let text = format!("---\n{front_matter}\n---\nBody of {path}\n");
        project.write(&format!("content/{path}"), &text);
    }
    project
}

fn collected<'a>(
    project: &Project,
    path: &str,
    known: impl Iterator<Item = KnownFile<'a>> + Clone,
) -> Collection {
    collect(&project.settings, &project.scan(path), known, false).unwrap()
}

fn read(project: &Project) -> Collection {
    collected(project, "content", std::iter::empty())
}

/// The identity of each text, and whether it is the main one of its post.
fn texts(collection: &Collection) -> Vec<(String, bool)> {
    let files = collection.files.iter();
    files
        .map(|file| (file.text_id().to_string(), file.is_main))
        .collect()
}

fn findings(collection: &Collection) -> Vec<String> {
    let findings = collection.findings.iter();
    findings
        .map(|finding| {
            let line = finding.location.as_ref().map(|place| place.start.line);
            format!(
                "{}:{}: {}: {}",
                finding.path,
                line.unwrap_or_default(),
                finding.rule,
                finding.message
            )
        })
        .collect()
}

#[test]
fn files_of_one_id_in_different_locales_are_translations_of_one_post() {
    let project = project(&[
        ("ko/1.md", "id: 1\ntitle: 하나"),
        ("en/1.md", "id: 1\ntitle: One"),
        ("en/2.md", "id: 2\ntitle: Two"),
        ("3.md", "id: 3\ntitle: Three\nlanguage: EN"),
        ("4.md", "id: 4\ntitle: 넷"),
    ]);
    let collection = read(&project);
    let expected = [
        ("3 (en)", true),
        ("4 (ko)", true),
        ("1 (en)", false),
        ("2 (en)", true),
        ("1 (ko)", true),
    ];
    assert_eq!(
        texts(&collection),
        expected.map(|(id, is_main)| (id.to_owned(), is_main))
    );
    insta::assert_snapshot!(findings(&collection).join("\n"), @r"
    content/3.md:0: translation-missing: post 3 has no text in ko
    content/4.md:0: translation-missing: post 4 has no text in en
    content/en/2.md:0: translation-missing: post 2 has no text in ko
    ");
    assert!(
        collection
            .findings
            .iter()
            .all(|one| one.level == Level::Hint)
    );
}

#[test]
fn two_files_of_one_id_and_locale_are_one_too_many() {
    let project = project(&[
        ("ko/1.md", "id: 1\ntitle: 하나\nslug: one"),
        ("ko/2.md", "id: 1\ntitle: 또\nslug: one"),
        ("en/1.md", "id: 1\ntitle: One\nslug: one"),
    ]);
    let found = findings(&read(&project));
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(
        found[0],
        "content/ko/2.md:2: duplicate-id: id 1 (ko) is also that of content/ko/1.md:2"
    );
    assert!(found[1].contains("duplicate-slug"));
}

#[test]
fn a_draft_is_no_main_text() {
    let project = project(&[
        ("ko/1.md", "id: 1\ntitle: 하나\ndraft: true"),
        ("en/1.md", "id: 1\ntitle: One"),
    ]);
    let collection = read(&project);
    assert_eq!(
        texts(&collection),
        [("1 (en)".to_owned(), true), ("1 (ko)".to_owned(), false)]
    );
}

#[test]
fn a_shared_value_is_stated_by_the_main_text_or_repeated() {
    let project = project(&[
        (
            "ko/1.md",
            "id: 1\ntitle: 하나\ncategory: GUIDE\ntags: [a, b]\nlayout: wide\ncreated_at: 2025-01-01",
        ),
        (
            "en/1.md",
            "id: 1\ntitle: One\ncategory: GUIDE\ntags: [b, a]\nlayout: wide\ncreated_at: 2025-01-01T00:00:00Z",
        ),
        ("ko/2.md", "id: 2\ntitle: 둘\ncategory: GUIDE\nlayout: wide"),
        (
            "en/2.md",
            "id: 2\ntitle: Two\ncategory: CONCEPT\nimage: two.png\nlayout: narrow",
        ),
    ]);
    insta::assert_snapshot!(findings(&read(&project)).join("\n"), @r"
    content/en/2.md:4: translation-differs: category is CONCEPT here and says GUIDE in content/ko/2.md:4, and is one for all locales
    content/en/2.md:5: translation-differs: image is two.png here and has no value in content/ko/2.md, and is one for all locales
    content/en/2.md:6: translation-differs: layout is narrow here and says wide in content/ko/2.md:5, and is one for all locales
    ");
}

#[test]
fn a_file_says_one_language_that_the_blog_has() {
    let project = project(&[
        ("fr/1.md", "id: 1\ntitle: Un"),
        ("ko/2.md", "id: 2\ntitle: 둘\nlang: de"),
        ("en/3.md", "id: 3\ntitle: Three\nlang: ko"),
        ("4.md", "id: 4\ntitle: Four\nlang: ko\nlocale: en"),
        ("5.md", "id: 5\ntitle: Five\nlang: [ko]"),
        ("fr/6.md", "id: 6\ntitle: Six\nlocale: en"),
    ]);
    let mut found = findings(&read(&project));
    found.retain(|line| !line.contains("translation-missing"));
    insta::assert_snapshot!(found.join("\n"), @r#"
    content/4.md:4: locale-mismatch: lang says ko, and another key says en
    content/5.md:4: unknown-locale: lang must be text, but this is a list
    content/en/3.md:4: locale-mismatch: the file says ko, and its path says en
    content/fr/1.md:0: unknown-locale: "fr" is not one of the locales in blogctl.toml
    content/ko/2.md:4: unknown-locale: "de" is not one of the locales in blogctl.toml
    "#);
}

#[test]
fn the_key_of_a_locale_is_no_extra_key_where_there_are_locales() {
    let with = project(&[("1.md", "id: 1\ntitle: One\nlang: en")]);
    let load = |project: &Project| {
        let snapshot = project.scan("content");
        super::load(&project.settings, &snapshot.files[0])
            .unwrap()
            .0
    };
    let post = load(&with);
    assert_eq!(post.locale, Some(locale("en")));
    assert!(post.extra.is_empty());
    let mut without = project(&[("1.md", "id: 1\ntitle: One\nlang: en")]);
    without.settings.locales = None;
    let post = load(&without);
    assert_eq!(post.locale, None);
    assert_eq!(post.extra.0.len(), 1);
}

/// Records the files of a collection as a sync would, the texts made from another main text.
fn records(collection: &Collection) -> Vec<(usize, Digest)> {
    let files = collection.files.iter().enumerate();
    files
        .map(|(number, file)| (number, file.post_digest))
        .collect()
}

fn known<'a>(collection: &'a Collection, made_from: Digest) -> Vec<KnownFile<'a>> {
    let files = collection.files.iter();
    files
        .map(|file| KnownFile {
            id: file.id,
            locale: file.locale,
            is_main: file.is_main,
            text_digest: Some(file.post_digest),
            made_from: (!file.is_main).then_some(made_from),
            path: &file.path,
            file_digest: file.file_digest,
            post_digest: file.post_digest,
            category: None,
        })
        .collect()
}

#[test]
fn a_translation_is_stale_once_its_main_text_is_another() {
    let project = project(&[
        ("ko/1.md", "id: 1\ntitle: 하나"),
        ("en/1.md", "id: 1\ntitle: One"),
    ]);
    let first = read(&project);
    let main = records(&first)[1].1;
    let of = |made_from| {
        let known = known(&first, made_from);
        findings(&collected(&project, "content", known.into_iter()))
    };
    assert_eq!(of(main), Vec::<String>::new());
    let stale = of(Digest::from(&blake3::Hasher::new()));
    insta::assert_snapshot!(stale.join("\n"), @"content/en/1.md:0: translation-stale: content/ko/1.md has changed since this translation was made from it");
}

#[test]
fn a_text_outside_the_directory_keeps_its_part() {
    let project = project(&[
        ("ko/1.md", "id: 1\ntitle: 하나"),
        ("en/1.md", "id: 1\ntitle: One"),
    ]);
    let first = read(&project);
    let main = records(&first)[1].1;
    let known = known(&first, main);
    let english = collected(&project, "content/en", known.clone().into_iter());
    assert_eq!(texts(&english), [("1 (en)".to_owned(), false)]);
    assert_eq!(findings(&english), Vec::<String>::new());
    // Without it the other is the main text, and is read again as such.
    let alone = known.into_iter().filter(|file| !file.is_main);
    let english = collected(&project, "content/en", alone);
    assert_eq!(texts(&english), [("1 (en)".to_owned(), true)]);
    assert_ne!(english.files[0].post_digest, first.files[0].post_digest);
}
