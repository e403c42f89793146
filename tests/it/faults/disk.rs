//! The embedded store on a disk that fills up in the middle of a sync.

use std::fs;

use super::kill::without_times;
use crate::support::figure;
use crate::support::project::Output;
use crate::support::test_blog::TestBlog;

/// A limit to what a sync can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    /// A file system of its own of so many bytes, in a name space where nobody else sees it.
    Disk,
    /// No file may become larger; the system says so instead of ending the process.
    File,
}

/// Runs a sync with a store in `$STORE` that begins as a copy of `before`, under a limit in
/// KiB; the store is then copied to `after`, still with what a later run would find. All three
/// are relative to the project.
fn script(limit: Limit, kib: u64) -> String {
    let sync = "$BLOGCTL sync content --prune --force --database sqlite:store/content.db";
    let kept = "status=$?; cp -a store/. after/ && exit $status; exit 99";
    match limit {
        Limit::Disk => format!(
            "exec unshare {} sh -c 'mount -t tmpfs -o size={kib}k tmpfs store && \
             cp -a before/. store/ || exit 98; {sync}; {kept}'",
            user_name_space()
        ),
        // In blocks of 512 bytes.
        Limit::File => format!(
            "cp -a before/. store/ || exit 98; \
             (trap '' XFSZ; ulimit -f {}; exec {sync}); {kept}",
            kib * 2
        ),
    }
}

/// Root makes a name space for mounts as it is; others need one of users, too.
fn user_name_space() -> &'static str {
    if crate::support::guard::is_root() {
        "-m"
    } else {
        "-rm"
    }
}

/// Returns true if the tests may mount a file system: a container's root may not, and on some
/// machines only root may.
fn can_mount(site: &TestBlog) -> bool {
    let line = format!(
        "exec unshare {} sh -c 'mkdir probe && mount -t tmpfs -o size=64k tmpfs probe'",
        user_name_space()
    );
    site.project.shell(&line).status == 0
}

/// Gives a sync ever more room until it has enough; before that, the old state holds, and the
/// error names the disk.
fn fills_up(site: &TestBlog, limit: Limit) {
    let project = &site.project;
    let dir = |name: &str| project.path(name);
    let clear = |name: &str| {
        let _ = fs::remove_dir_all(dir(name));
        fs::create_dir(dir(name)).expect("the project is ours");
    };
    clear("before");
    if site.file().exists() {
        fs::copy(site.file(), dir("before/content.db")).expect("the project is ours");
    }
    let first_size = site.file().metadata().map_or(0, |file| file.len());
    let old = site.dump();
    let dump = || {
        let found = TestBlog::embedded();
        fs::create_dir_all(found.project.path(".blogctl")).expect("it is ours");
        for file in fs::read_dir(dir("after")).expect("it is ours") {
            let file = file.expect("it is ours");
            let to = found.project.path(".blogctl").join(file.file_name());
            fs::copy(file.path(), to).expect("it is ours");
        }
        found.dump()
    };
    let (mut failures, mut full) = (0, 0);
    // The first size just holds the store as it is.
    let mut kib = first_size / 1024 + 8;
    let new = loop {
        clear("store");
        clear("after");
        let output = project.shell(&script(limit, kib));
        if output.status == 0 {
            break dump();
        }
        failures += 1;
        assert!(failures < 400, "it never has enough");
        assert_eq!(output.status, 3, "{limit:?} {kib} KiB: {output:#?}");
        assert_eq!(output.stdout, "", "{limit:?} {kib} KiB");
        full += u32::from(names_the_disk(&output));
        assert!(dump() == old, "{limit:?} {kib} KiB: not the old state");
        // Where there is room again, the sync that comes next ends right.
        if failures % 8 == 1 {
            let next = "$BLOGCTL sync content --prune --force --database sqlite:after/content.db";
            project.shell(next).expect_status(0);
        }
        kib += 12;
    };
    figure(format_args!(
        "{limit:?}: {failures} syncs had no room, the next needed {kib} KiB"
    ));
    // A file that may not grow is another error than a full disk, and so is too little memory
    // for SQLite's index of its log, which lies on the same file system.
    assert_eq!(
        full > 3,
        limit == Limit::Disk,
        "{full} said that it is full"
    );
    assert!(failures > 5, "{failures} failures");
    site.sync(&["--prune", "--force"]);
    assert!(without_times(&new) == without_times(&site.dump()));
}

/// Demands that an error names the disk, and tells whether it says that it is full.
fn names_the_disk(output: &Output) -> bool {
    let Output { stderr, .. } = output;
    assert!(stderr.starts_with("error: "), "{stderr}");
    let full = stderr.contains("the disk is full; free some space");
    let or_else = stderr.contains("check its health and its free space");
    assert!(full || or_else, "{stderr}");
    full
}

fn changed(site: &TestBlog) {
    for id in 1..=30 {
        let more = format!("created_at: 2025-01-02T03:04:05Z\ntags: [a, t{id}]\ncategory: c{id}");
        site.project.post_with(
            id,
            &format!("Post {id}"),
            &more,
            &"Words of a post. ".repeat(200),
        );
    }
    site.sync(&[]);
    for id in (1..=30).step_by(3) {
        let more = "created_at: 2025-01-02T03:04:05Z\ntags: [b]\ncategory: new";
        site.project
            .post_with(id, "Edited", more, &"Others, and more. ".repeat(900));
        site.project.remove(format!("content/{}.md", id + 1));
        site.project
            .post_with(100 + id, "New", more, &"New ones. ".repeat(600));
    }
}

/// A disk that fills up while the store is changed, and while it is made.
fn both(fill_up: impl Fn(&TestBlog)) {
    let site = TestBlog::embedded();
    changed(&site);
    fill_up(&site);
    let site = TestBlog::embedded();
    for id in 1..=10 {
        let more = "created_at: 2025-01-02T03:04:05Z\ntags: [a]\ncategory: c";
        let body = "Words of a post. ".repeat(200);
        site.project.post_with(id, "A post", more, &body);
    }
    fill_up(&site);
}

#[test]
fn a_full_disk_leaves_the_state_before() {
    let site = TestBlog::embedded();
    if can_mount(&site) {
        both(|site| fills_up(site, Limit::Disk));
    } else {
        // The system then says that the file is too large, which is another error.
        figure(format_args!(
            "no file system of one's own can be mounted here: a limit for files instead"
        ));
        both(|site| fills_up(site, Limit::File));
    }
}

#[test]
fn a_file_that_may_not_grow_leaves_the_state_before() {
    both(|site| fills_up(site, Limit::File));
}
