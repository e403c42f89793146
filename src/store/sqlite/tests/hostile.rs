//! Things that somebody else made, at a store's paths and in its file.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use super::*;
use crate::exit;

/// The database, then everything next to it.
const NAMES: [&str; 5] = [
    "content.db",
    "content.db-journal",
    "content.db-wal",
    "content.db-shm",
    "content.db.blogctl-lock",
];

const KINDS: [&str; 7] = [
    "a link",
    "a link to a database",
    "a dangling link",
    "a named pipe",
    "a directory",
    "a socket",
    "content",
];

const CONTENT: &str = "a file that somebody needs\n";

/// Returns what must stay as it is: a file's bytes, its inode and its time of change.
pub(super) fn state(path: &Path) -> Option<(Vec<u8>, u64, i64, i64)> {
    let found = fs::symlink_metadata(path).ok()?;
    let bytes = if found.is_file() {
        fs::read(path).unwrap()
    } else {
        Vec::new()
    };
    Some((bytes, found.ino(), found.mtime(), found.mtime_nsec()))
}

fn fifo(path: &Path) {
    let name = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: the name ends with a null byte and lives until the call returns.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
}

/// Puts something at a path; what it may lead to is `target`.
fn plant(kind: &str, path: &Path, target: &Path) {
    match kind {
        "a link" => {
            fs::write(target, CONTENT).unwrap();
            symlink(target, path).unwrap();
        }
        "a link to a database" => {
            let other = Connection::open(target).unwrap();
            other.execute_batch("CREATE TABLE other (a)").unwrap();
            symlink(target, path).unwrap();
        }
        "a dangling link" => symlink(target, path).unwrap(),
        "a named pipe" => fifo(path),
        "a directory" => fs::create_dir(path).unwrap(),
        "a socket" => drop(UnixListener::bind(path).unwrap()),
        "content" => fs::write(path, CONTENT).unwrap(),
        other => panic!("{other}"),
    }
}

/// An error and its help, as they are printed.
pub(super) fn said(error: StoreError) -> String {
    let (message, help) = exit::words(&error.into());
    format!("{message} | {}", help.unwrap_or_default())
}

pub(super) fn write(store: &mut SqliteStore) -> Result<()> {
    let index = store.index()?;
    let mut transaction = store.begin(begin(index.generation))?;
    transaction.write(post_write(7, "Body".to_owned()))?;
    transaction.finish(&finish())?;
    transaction.commit()
}

#[test]
fn whatever_is_at_a_path_of_the_store_is_refused_and_left_as_it_is() {
    for is_own in [true, false] {
        for is_there in [true, false] {
            for name in NAMES {
                for kind in KINDS {
                    if is_there && name == "content.db" {
                        continue;
                    }
                    let case = format!("{name}: {kind}, own {is_own}, there {is_there}");
                    let folder = folder();
                    let (place, target) = (folder.path().join(".blogctl"), folder.path().join("t"));
                    let open = || match is_own {
                        true => embedded(&folder),
                        false => SqliteStore::open(&place.join("content.db")),
                    };
                    fs::create_dir(&place).unwrap();
                    if is_there {
                        sync_one(&mut open().unwrap(), 1);
                        let _ = fs::remove_file(place.join(name));
                    }
                    plant(kind, &place.join(name), &target);
                    let before = (state(&place.join(name)), state(&target));
                    let error = open()
                        .and_then(|mut store| write(&mut store))
                        .expect_err(&case);
                    let said = said(error);
                    assert!(said.contains(name), "{case}: {said}");
                    assert!(
                        said.contains("name another") || said.contains("name a file"),
                        "{case}: {said}"
                    );
                    assert_eq!((state(&place.join(name)), state(&target)), before, "{case}");
                    assert!(is_there || !place.join(".gitignore").exists(), "{case}");
                }
            }
        }
    }
}

#[test]
fn a_device_is_refused() {
    let error = SqliteStore::open(Path::new("/dev/zero")).unwrap_err();
    assert!(said(error).contains("/dev/zero is a device, not a regular file"));
    assert!(
        fs::metadata("/dev/zero")
            .unwrap()
            .file_type()
            .is_char_device()
    );
}

#[test]
fn blogctls_own_folder_and_its_gitignore_are_no_links() {
    for (name, is_folder) in [(".blogctl", true), (".blogctl/.gitignore", false)] {
        for exists in [true, false] {
            let (folder, outside) = (folder(), super::folder());
            let target = outside.path().join("target");
            if !is_folder {
                fs::create_dir(folder.path().join(".blogctl")).unwrap();
            }
            match (exists, is_folder) {
                (true, true) => fs::create_dir(&target).unwrap(),
                (true, false) => fs::write(&target, CONTENT).unwrap(),
                (false, _) => {}
            }
            symlink(&target, folder.path().join(name)).unwrap();
            let before = state(&target);
            let error = embedded(&folder)
                .and_then(|mut store| write(&mut store))
                .unwrap_err();
            let said = said(error);
            assert!(
                said.contains(&format!("{name} is a symbolic link")),
                "{said}"
            );
            assert_eq!(state(&target), before);
        }
    }
}

#[test]
fn a_folder_that_a_person_names_may_be_reached_through_links() {
    let folder = folder();
    fs::create_dir(folder.path().join("real")).unwrap();
    symlink("real", folder.path().join("link")).unwrap();
    let mut store = SqliteStore::open(&folder.path().join("link/content.db")).unwrap();
    write(&mut store).unwrap();
    assert!(folder.path().join("real/content.db").is_file());
}

#[test]
fn a_journal_that_names_another_file_is_refused() {
    let folder = folder();
    let mut store = store_in(&folder);
    write(&mut store).unwrap();
    let path = store.path.clone();
    drop(store);
    Connection::open(&path)
        .unwrap()
        .query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
        .unwrap();
    let victim = folder.path().join("victim");
    fs::write(&victim, CONTENT).unwrap();
    let journal = folder.path().join("content.db-journal");
    fs::write(&journal, journal_over(&path, &victim)).unwrap();
    let before = (state(&journal), state(&victim), state(&path));
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(said(error).contains("is of a transaction over several databases"));
    assert_eq!((state(&journal), state(&victim), state(&path)), before);
}

/// A journal of a transaction that changed nothing, and that goes on in the file `other`.
fn journal_over(database: &Path, other: &Path) -> Vec<u8> {
    let pages = u32::try_from(fs::metadata(database).unwrap().len() / 4096).unwrap();
    let magic = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    let mut journal = magic.to_vec();
    for number in [0_u32, 7, pages, 512, 4096] {
        journal.extend(number.to_be_bytes());
    }
    journal.resize(512, 0);
    let name = other.as_os_str().as_bytes();
    let sum: u32 = name.iter().map(|byte| u32::from(*byte)).sum();
    let lock_page = (1_u32 << 30) / 4096 + 1;
    journal.extend(lock_page.to_be_bytes());
    journal.extend(name);
    journal.extend(u32::try_from(name.len()).unwrap().to_be_bytes());
    journal.extend(sum.to_be_bytes());
    journal.extend(magic);
    journal
}
