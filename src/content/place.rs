//! The place of a key in a file that was read before.

use super::front_matter;
use super::locator::locate;
use super::read_settings::ReadSettings;
use super::scan::bytes;
use super::snapshot::ScannedFile;
use crate::finding::Location;

/// Returns the place of the value of a key in the front matter of a file; `None` if the file
/// states none, or is no longer the one that was scanned.
pub fn place(settings: &ReadSettings, file: &ScannedFile, key: &str) -> Option<Location> {
    let bytes = bytes(settings, file).ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
    let split = front_matter::split(plain).ok()?;
    let document = front_matter::read(plain, &split).ok()?;
    let mut location = locate(plain, document.get(key)?.value.range.clone());
    // Bytes are counted from the start of the file, before a BOM.
    let offset = text.len() - plain.len();
    if let Some(range) = &mut location.range {
        *range = range.start + offset..range.end + offset;
    }
    Some(location)
}

#[cfg(test)]
mod tests {
    use super::super::test_project::Project;
    use super::*;

    #[test]
    fn a_value_is_found_also_after_a_byte_order_mark() {
        let project = Project::with(&[]);
        for (mark, offset) in [("", 0), ("\u{feff}", 3)] {
            let text = "---\nid: 1\ntitle: 제목\n---\nBody\n";
            project.write("content/a.md", &format!("{mark}{text}"));
            let snapshot = project.scan("content");
            let found = |key| place(&project.settings, &snapshot.files[0], key);
            let location = found("title").unwrap();
            assert_eq!((location.start.line, location.start.column), (3, 8));
            assert_eq!(location.range, Some(17 + offset..23 + offset));
            assert_eq!(&location.excerpt[location.span], "제목");
            assert_eq!(found("slug"), None);
        }
    }

    #[test]
    fn a_file_that_changed_has_no_places() {
        let project = Project::with(&["content/a.md"]);
        let snapshot = project.scan("content");
        project.write("content/a.md", "---\nid: 2\ntitle: Other\n---\n");
        assert_eq!(place(&project.settings, &snapshot.files[0], "title"), None);
    }
}
