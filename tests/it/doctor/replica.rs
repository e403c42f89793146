//! The replica that answers readers.

use super::{Found, Patient, found, only};
use crate::support::replica::{Replica, primary};

impl Patient {
    /// What is found of the replica at an address.
    #[track_caller]
    fn replica(&self, read: &str, status: i32) -> Found {
        let url = self.database.plain_url();
        let args = ["--read-database", read, "--format", "json"];
        only(found(
            &self.doctor(&url, &args).expect_status(status),
            "replica",
        ))
    }
}

#[test]
fn a_replica_is_told_to_be_there_behind_or_none() {
    let patient = Patient::of(primary().database());
    let replica = Replica::start();
    replica.catch_up();
    let url = replica.url(&patient.database);
    let (level, message, _) = patient.replica(&url, 0);
    assert_eq!(level, "ok");
    assert!(
        message.ends_with("(--read-database) has all that was published"),
        "{message}"
    );

    replica.pause();
    patient.project.post(2, "Two");
    let primary_url = patient.database.plain_url();
    let args = ["sync", "content", "--database", &primary_url];
    patient.project.run(&args).expect_status(0);
    let (level, message, _) = patient.replica(&url, 0);
    assert_eq!(level, "hint");
    assert!(message.contains(" is 1 sync behind"), "{message}");
    replica.resume();
    replica.catch_up();
    assert_eq!(patient.replica(&url, 0).0, "ok");

    // The primary takes over while it cannot be reached.
    drop(replica);
    let (level, message, remedy) = patient.replica(&url, 0);
    assert_eq!(level, "warning");
    assert!(message.contains("refused"), "{message}");
    assert!(remedy.starts_with("check host and port"), "{remedy}");
}

#[test]
fn a_database_that_follows_no_other_is_not_taken_for_a_replica() {
    let patient = Patient::new();
    let other = Patient::new();
    let (level, message, remedy) = patient.replica(&other.database.plain_url(), 0);
    assert_eq!(level, "warning");
    assert!(
        message.ends_with("follows no other server: it is not a replica"),
        "{message}"
    );
    assert!(remedy.contains("--read-database"), "{remedy}");
    other.database.client().batch("DROP SCHEMA blogctl CASCADE");
    let (level, message, _) = patient.replica(&other.database.plain_url(), 0);
    assert_eq!(level, "warning");
    assert!(message.ends_with("has no blogctl tables"), "{message}");
}

#[test]
fn a_read_address_that_is_none_is_an_error_because_readers_end_with_it() {
    let patient = Patient::new();
    for url in [
        "mysql://me:hunter2@h/d",
        "sqlite:copy.db",
        "postgresql://me:hunter2@db.example/d?sslmode=disable",
    ] {
        let (level, message, _) = patient.replica(url, 2);
        assert_eq!(level, "error");
        assert!(message.contains("--read-database"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}
