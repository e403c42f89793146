//! The checks of `doctor`, each declared once.

use super::{Kind, Level, Rule};

/// Declares checks as a list; the level is that of a check that finds nothing wrong.
macro_rules! checks {
    ($($name:literal $summary:literal $explanation:literal;)*) => {
        /// Every check of `doctor`, in the order in which a sync depends on them.
        pub const CHECKS: &[&Rule] = &[$(&Rule {
            name: $name,
            kind: Kind::Check,
            level: Level::Ok,
            summary: $summary,
            explanation: $explanation,
            example: "",
        }),*];
    };
}

checks! {
    "setting"
    "The source of the database's address, and whether the address can be used."
    "An error if the address is not one, or if `CI` is set and no database is named.";

    "secrets"
    "The exposure of `.env.local`, `.env` and `blogctl.toml` where they contain a password."
    "A warning if other users can read the file, or if git tracks it. Git's index is read; git \
     is not run.";

    "connection"
    "The address that answered, and how long each phase of connecting took."
    "An error names the stage that failed: the host's name, the network, TLS or the login.";

    "tls"
    "The version of TLS and the cipher."
    "A warning if the connection is not encrypted.";

    "certificate"
    "The names and the end of the server's certificate."
    "A warning three weeks before the certificate ends.";

    "channel-binding"
    "Whether the login is tied to the TLS channel."
    "A hint if it is not: another server with a valid certificate could then pass the login on.";

    "pooler"
    "Whether the server itself answers, or a pooler in front of it."
    "Both work.";

    "round-trip"
    "The median duration of five statements."
    "A far database makes every command slower by this duration.";

    "timeouts"
    "The bounds on connecting and on statements."
    "They are set with `--connect-timeout` and `--statement-timeout`.";

    "server"
    "The version of PostgreSQL, and the role of the login."
    "A warning or an error if the version is older than blogctl is made for.";

    "writable"
    "Whether the server takes writes."
    "An error on a replica, or where `default_transaction_read_only` is set.";

    "schema"
    "The version of blogctl's tables."
    "Before the first sync, whether the role may create them. `blogctl schema apply` upgrades \
     tables of an older version.";

    "tables"
    "The tables that the posts are kept in."
    "An error if one that `[tables]` in `blogctl.toml` names is missing, or is a view.";

    "unmapped-table"
    "Tables that look like a blog's, in a database without blogctl's own."
    "An error, so that no second set of tables appears next to the one that the site reads: \
     `blogctl init` writes `[tables]`, `blogctl schema apply` makes blogctl's own.";

    "required-column"
    "Columns that need a value and get none."
    "An error: `[tables.post.values]` in `blogctl.toml` gives a column a value.";

    "unique-key"
    "The unique indexes that tell posts, tags and links apart."
    "An error if one is missing, with the statement that makes it.";

    "row-security"
    "Row-level security on the tables of the posts."
    "An error if policies decide which rows the role sees: a sync would take a hidden row for \
     one that is gone.";

    "encoding"
    "The encoding of the database."
    "An error unless it is UTF8, which alone holds every text.";

    "columns"
    "The types of the tables' columns."
    "An error if a column that blogctl writes is missing or has a type that it cannot use.";

    "permissions"
    "The permissions that a sync needs, and row-level security; for a file, who may write to it."
    "An error names the missing permissions with the statement that grants them.";

    "indexes"
    "The indexes that queries and writes rely on."
    "An error or a warning if one is missing or not valid, with the statement that makes it.";

    "queries"
    "The plan of every query that reads."
    "A warning if the server would read a whole table.";

    "lock"
    "A sync that is running."
    "Another sync waits for it, up to `--lock-timeout`.";

    "history"
    "The last sync that changed something."
    "`blogctl history` lists all of them.";

    "file"
    "The file of the embedded store."
    "An error if it cannot be written to.";

    "journal"
    "The journal mode of the embedded store."
    "With `wal`, readers do not wait for a sync.";

    "integrity"
    "The result of SQLite's check of the file."
    "An error if the file is damaged.";

    "replica"
    "Whether the replica answers, is one, and has everything that was published."
    "A warning if it does not: the primary answers in its place.";

    "content"
    "Errors and warnings in the files."
    "`blogctl check` shows each with its line.";

    "drift"
    "The differences between files and rows."
    "A hint says what a sync would change.";

    "conflicts"
    "Rows that were changed in the database since the last sync."
    "An error, since a sync would refuse to overwrite them without `--force`.";
}
