//! Things that somebody else made, at a store's paths and in its file.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, symlink};
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
fn state(path: &Path) -> Option<(Vec<u8>, u64, i64, i64)> {
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
fn said(error: StoreError) -> String {
    let (message, help) = exit::words(&error.into());
    format!("{message} | {}", help.unwrap_or_default())
}

fn write(store: &mut SqliteStore) -> Result<()> {
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

/// A store that is synced, then changed by statements that SQLite itself would refuse as well
/// where `sqlite_schema` has to be written to.
fn changed_by(folder: &TempDir, sql: &str) -> SqliteStore {
    let path = folder.path().join("content.db");
    let mut store = SqliteStore::open(&path).unwrap();
    write(&mut store).unwrap();
    drop(store);
    let other = Connection::open(&path).unwrap();
    other.execute_batch(sql).unwrap();
    drop(other);
    SqliteStore::open(&path).unwrap()
}

#[test]
fn tables_that_are_none_and_foreign_triggers_are_refused() {
    let endless =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let cases = [
        (
            format!("PRAGMA foreign_keys = 0; DROP TABLE post; CREATE VIEW post AS {endless}"),
            "`post` is a view",
        ),
        (
            format!("PRAGMA foreign_keys = 0; DROP TABLE TAG; CREATE VIEW TAG AS {endless}"),
            "`TAG` is a view",
        ),
        (
            "DROP TABLE blogctl_run; CREATE VIEW blogctl_run AS SELECT 1".to_owned(),
            "`blogctl_run` is a view",
        ),
        (
            "DROP TABLE blogctl_state; CREATE VIEW blogctl_state AS SELECT 1 AS version".to_owned(),
            "`blogctl_state` is a view",
        ),
        (
            "DROP TABLE blogctl_extra_value;
             CREATE VIEW blogctl_extra_value AS SELECT 'a' AS key, 'b' AS value, 1 AS post_id"
                .to_owned(),
            "`blogctl_extra_value` is a view",
        ),
        (
            "DROP TRIGGER blogctl_extra_deleted;
             CREATE TRIGGER blogctl_extra_deleted AFTER DELETE ON post BEGIN DELETE FROM tag; END"
                .to_owned(),
            "trigger that is not blogctl's: `blogctl_extra_deleted`",
        ),
        (
            "DROP TABLE post_tag; CREATE VIRTUAL TABLE post_tag USING fts5 (post_id, tag_id)"
                .to_owned(),
            "`post_tag` is a virtual table",
        ),
        (
            "DROP TABLE blogctl_search;
             CREATE VIRTUAL TABLE blogctl_search USING fts5 (terms, content='sqlite_schema')"
                .to_owned(),
            "`blogctl_search` is a virtual table",
        ),
        (
            "CREATE TRIGGER more AFTER UPDATE ON blogctl_state BEGIN DELETE FROM post; END"
                .to_owned(),
            "`blogctl_state` has a trigger that is not blogctl's: `more`",
        ),
        (
            "DROP TRIGGER blogctl_post_updated;
             CREATE TRIGGER blogctl_post_updated AFTER UPDATE ON post BEGIN SELECT 1; END"
                .to_owned(),
            "trigger that is not blogctl's: `blogctl_post_updated`",
        ),
    ];
    for (sql, expected) in cases {
        let folder = folder();
        let mut store = changed_by(&folder, &sql);
        for error in [
            store.index().map(drop).unwrap_err(),
            store.tags().map(drop).unwrap_err(),
            store.schema_state().map(drop).unwrap_err(),
            store.apply_schema(NO_WAIT).map(drop).unwrap_err(),
            store.examine().map(drop).unwrap_err(),
        ] {
            let said = said(error);
            assert!(
                said.contains(expected) && said.contains("drop it"),
                "{sql}: {said}"
            );
        }
    }
}

#[test]
fn another_programs_triggers_are_its_own_in_its_own_file_alone() {
    let folder = folder();
    let trigger = "CREATE TRIGGER theirs AFTER UPDATE ON post BEGIN SELECT 1; END";
    let mut store = changed_by(&folder, trigger);
    store.index().unwrap();
    let project = super::folder();
    let mut own = embedded(&project).unwrap();
    write(&mut own).unwrap();
    let other = Connection::open(&own.path).unwrap();
    other.execute_batch(trigger).unwrap();
    assert!(said(own.index().unwrap_err()).contains("`theirs`"));
}

/// A store in which others have made a trigger, with little time for each statement.
fn slow(folder: &TempDir, trigger: &str) -> SqliteStore {
    let options = SqliteOptions {
        read_timeout: Duration::from_millis(200),
        write_timeout: Duration::from_millis(200),
        ..SqliteOptions::default()
    };
    let store = changed_by(folder, trigger);
    let path = store.path.clone();
    drop(store);
    SqliteStore::open_with(&path, options).unwrap()
}

const ENDLESS: &str = "
    CREATE TRIGGER endless AFTER INSERT ON post BEGIN
        UPDATE post SET image = (
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
            SELECT max(i) FROM n
        ) WHERE id = NEW.id;
    END";

#[test]
fn a_statement_that_never_ends_is_ended() {
    let folder = folder();
    let mut store = slow(&folder, ENDLESS);
    let index = store.index().unwrap();
    let mut transaction = store.begin(begin(index.generation)).unwrap();
    let error = transaction.write(post_write(8, String::new())).unwrap_err();
    drop(transaction);
    assert!(
        matches!(
            error,
            StoreError::TimedOut {
                operation: "write a post",
                option: "--statement-timeout",
                ..
            }
        ),
        "{error:?}"
    );
    assert!(said(error).contains("--statement-timeout"));
    // Nothing of it is left, and the store goes on.
    assert_eq!(store.index().unwrap(), index);
}

#[test]
fn an_interrupt_ends_a_statement() {
    let folder = folder();
    let path = slow(&folder, ENDLESS).path.clone();
    let options = SqliteOptions::default();
    let interrupt = options.interrupt.clone();
    let mut store = SqliteStore::open_with(&path, options).unwrap();
    let index = store.index().unwrap();
    let mut transaction = store.begin(begin(index.generation)).unwrap();
    interrupt.raise(2);
    let error = transaction.write(post_write(8, String::new())).unwrap_err();
    assert!(matches!(error, StoreError::Interrupted(_)), "{error:?}");
}

#[test]
fn what_a_row_says_of_its_size_takes_no_memory() {
    let folder = folder();
    let sql = "CREATE TABLE new (id INTEGER PRIMARY KEY, title TEXT, description TEXT,
                   created_at INTEGER, updated_at INTEGER, category TEXT,
                   image TEXT AS (hex(zeroblob(40000000))), word_count INTEGER, slug TEXT, extra TEXT, content TEXT);
               INSERT INTO new SELECT id, title, description, created_at, updated_at, category,
                   word_count, slug, extra, content FROM post;
               PRAGMA foreign_keys = 0; DROP TABLE post; ALTER TABLE new RENAME TO post;
               CREATE INDEX post_category_id_idx ON post (category, id DESC)";
    let mut store = changed_by(&folder, sql);
    let error = store.show(PostId::new(7).unwrap().into()).unwrap_err();
    assert!(said(error).contains("too big"));
}

#[test]
fn a_file_that_is_deleted_or_replaced_meanwhile_is_noticed() {
    let put = |from: &Path, to: &Path| {
        fs::copy(from, from.with_extension("copy")).unwrap();
        fs::rename(from.with_extension("copy"), to).unwrap();
    };
    let away = |path: &Path| fs::rename(path, path.with_extension("away")).unwrap();
    type Change<'a> = &'a dyn Fn(&Path);
    let changes: [(&str, Change<'_>); 4] = [
        ("deleted", &|path| fs::remove_file(path).unwrap()),
        ("moved", &away),
        ("replaced", &|path| put(path, path)),
        ("linked", &|path| {
            away(path);
            symlink(path.with_extension("away"), path).unwrap();
        }),
    ];
    for (name, change) in changes {
        // Before the transaction begins.
        let folder = folder();
        let mut store = store_in(&folder);
        write(&mut store).unwrap();
        let (path, index) = (store.path.clone(), store.index().unwrap());
        change(&path);
        let error = store.begin(begin(index.generation)).map(drop).unwrap_err();
        let is_told = match &error {
            StoreError::Replaced { .. } => true,
            // What is there then is seen to be no file before it is tried.
            StoreError::Unreachable { .. } => name == "linked",
            _ => false,
        };
        assert!(is_told, "{name}: {error:?}");

        // And after.
        let folder = super::folder();
        let mut store = store_in(&folder);
        write(&mut store).unwrap();
        let (path, index) = (store.path.clone(), store.index().unwrap());
        let mut transaction = store.begin(begin(index.generation)).unwrap();
        transaction.write(post_write(8, String::new())).unwrap();
        transaction.finish(&finish()).unwrap();
        change(&path);
        let error = transaction.commit().unwrap_err();
        assert!(
            matches!(error, StoreError::Replaced { .. }),
            "{name}: {error:?}"
        );
        assert!(said(error).contains("deleted or replaced"));
    }
}

#[test]
fn a_lock_that_is_deleted_while_it_is_waited_for_is_not_taken_for_the_lock() {
    let folder = folder();
    let database = folder.path().join("content.db");
    let held = SyncLock::acquire(&database, NO_WAIT).unwrap();
    let lock = folder.path().join("content.db.blogctl-lock");
    let waiting = std::thread::spawn({
        let database = database.clone();
        move || SyncLock::acquire(&database, Duration::from_secs(60))
    });
    // Whether the other waits by now or not, it ends with the lock that the path leads to.
    fs::remove_file(&lock).unwrap();
    drop(held);
    let taken = waiting.join().unwrap().unwrap();
    match SyncLock::acquire(&database, NO_WAIT) {
        Err(StoreError::Busy { .. }) => {}
        outcome => panic!("{outcome:?}"),
    }
    drop(taken);
    assert_eq!(fs::metadata(&lock).unwrap().len(), 0);
}

/// Does something as a user who may write nothing that is another's; root otherwise may.
#[cfg(target_os = "linux")]
fn without_rights<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::spawn(|| {
        // SAFETY: these calls take numbers and change this thread alone, which ends here.
        unsafe {
            libc::setfsgid(65_534);
            libc::setfsuid(65_534);
        }
        what()
    });
    thread.join().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn reading_needs_no_permission_to_write() {
    let (whole, logged) = ("every change is in the file", "changes are in the log");
    for (name, is_wal, left) in [
        ("delete", false, None),
        ("wal", true, None),
        ("wal, empty log", true, Some(whole)),
        ("wal, changes in the log", true, Some(logged)),
    ] {
        let (folder, made) = (folder(), super::folder());
        let mut store = store_in(&made);
        write(&mut store).unwrap();
        let mode = if is_wal { "WAL" } else { "DELETE" };
        let connection = &store.opened.as_ref().unwrap().connection;
        let sql = match left {
            Some(left) if left == logged => "SELECT 1",
            _ => "PRAGMA wal_checkpoint(TRUNCATE)",
        };
        connection.query_row(sql, [], |_| Ok(())).unwrap();
        if !is_wal {
            let sql = format!("PRAGMA journal_mode = {mode}");
            connection.query_row(&sql, [], |_| Ok(())).unwrap();
        }
        // As they are while they are open: closing takes the log away.
        for from in files::all(&store.path) {
            let to = folder.path().join(from.file_name().unwrap());
            let is_left = left.is_some() || from == store.path;
            if is_left && from.exists() {
                fs::copy(&from, &to).unwrap();
                fs::set_permissions(&to, fs::Permissions::from_mode(0o444)).unwrap();
            }
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        let path = folder.path().join("content.db");
        let before: Vec<_> = files::all(&path).map(|path| state(&path)).collect();
        let outcome = without_rights({
            let path = path.clone();
            move || -> Result<_> {
                let mut store = SqliteStore::open(&path)?;
                let (post, body) = store.show(PostId::new(7).unwrap().into())?.unwrap();
                assert_eq!((post.tags, body.as_str()), (vec!["a".to_owned()], "Body"));
                store.index()?;
                store.tags()?;
                store.schema_state()?;
                store.examine()?;
                Ok(write(&mut store).map_err(said).unwrap_err())
            }
        });
        match (left, outcome.map_err(said)) {
            (Some(left), Err(said)) if left == logged => {
                assert!(said.contains("content.db-wal holds changes"), "{said}");
                assert!(said.contains("copy the database"), "{said}");
            }
            (_, Ok(said)) => assert!(
                said.contains("must be writable") || said.contains("you may read and write"),
                "{name}: {said}"
            ),
            (_, outcome) => panic!("{name}: {outcome:?}"),
        }
        let after: Vec<_> = files::all(&path).map(|path| state(&path)).collect();
        assert_eq!(after, before, "{name}");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_read_without_locks_must_not_change_meanwhile() {
    let folder = folder();
    let mut store = store_in(&folder);
    write(&mut store).unwrap();
    let path = store.path.clone();
    drop(store);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let mut store = without_rights({
        let path = path.clone();
        move || SqliteStore::open(&path).unwrap()
    });
    assert!(store.opened.as_ref().unwrap().is_frozen());
    store.tags().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    sync_one(&mut SqliteStore::open(&path).unwrap(), 9);
    assert!(said(store.tags().unwrap_err()).contains("run the command again"));
}

#[test]
fn doctor_names_what_others_may_write_to() {
    let folder = folder();
    let mut store = store_in(&folder);
    write(&mut store).unwrap();
    let set = |mode| fs::set_permissions(&store.path, fs::Permissions::from_mode(mode)).unwrap();
    set(0o644);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let named = || files::open_to_others(&store.path);
    assert_eq!(named(), [""; 0]);
    set(0o646);
    assert_eq!(named(), [format!("{} (mode 646)", store.path.display())]);
    set(0o644);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(named(), [format!("{} (mode 777)", folder.path().display())]);
}
