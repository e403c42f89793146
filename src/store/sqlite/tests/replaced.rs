//! Files that are replaced meanwhile, and files that may only be read.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::hostile::{said, state, write};
use super::*;

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
                store.tags(None)?;
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
    store.tags(None).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    sync_one(&mut SqliteStore::open(&path).unwrap(), 9);
    assert!(said(store.tags(None).unwrap_err()).contains("run the command again"));
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
