use std::fs;
use std::path::PathBuf;

use super::*;
use crate::project::Config;

/// The values of the sources: `None` if unset, an empty text for an empty value.
#[derive(Clone, Copy, Default)]
struct Given {
    flag: Option<&'static str>,
    variable: Option<&'static str>,
    env_file: Option<&'static str>,
    config_file: Option<&'static str>,
}

/// Puts a name in the place of a letter: flag, variable, `.env`, `blogctl.toml`.
fn given(names: &[(char, &'static str)]) -> Given {
    let mut given = Given::default();
    for (place, name) in names {
        let slot = match place {
            'f' => &mut given.flag,
            'v' => &mut given.variable,
            'e' => &mut given.env_file,
            't' => &mut given.config_file,
            place => panic!("{place}"),
        };
        *slot = Some(name);
    }
    given
}

fn url(name: &str) -> String {
    match name {
        "" => String::new(),
        name if name.contains(':') || name.contains(' ') => name.to_owned(),
        name => format!("postgresql://{name}/d"),
    }
}

fn resolved(primary: Given, read: Given) -> Result<ReadTarget, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let line = |name: &str, value: Option<&str>| {
        value.map_or_else(String::new, |value| format!("{name}=\"{}\"\n", url(value)))
    };
    let env = line("DATABASE_URL", primary.env_file) + &line("DATABASE_READ_URL", read.env_file);
    let toml = line("database", primary.config_file) + &line("read_database", read.config_file);
    fs::write(dir.path().join(".env"), env).unwrap();
    fs::write(dir.path().join("blogctl.toml"), toml).unwrap();
    let root = dir.path().to_owned();
    let config = Config::read(&root).unwrap();
    let secret = |name: Option<&str>| name.map(|name| SecretUrl::new(url(name)));
    Project { root, config }.read_target(&Sources {
        flag: secret(primary.flag),
        variable: secret(primary.variable),
        read_flag: secret(read.flag),
        read_variable: secret(read.variable),
        cwd: PathBuf::from("/cwd"),
    })
}

/// Returns the replica and its fallback: `replica < primary`, names alone.
fn shown(primary: &[(char, &'static str)], read: &[(char, &'static str)]) -> String {
    let name = |kind: &TargetKind| match kind {
        TargetKind::Postgres(url) => url.to_string().split('/').nth(2).unwrap().to_owned(),
        TargetKind::Sqlite { embedded: true, .. } => "embedded".into(),
        TargetKind::Sqlite { path, .. } => path.display().to_string(),
    };
    match resolved(given(primary), given(read)).unwrap() {
        ReadTarget::Primary(primary) => name(&primary.kind),
        ReadTarget::Replica { replica, primary } => {
            let primary = primary.map_or("nothing".into(), |primary| name(&primary.kind));
            format!("{} < {primary}", name(&replica.kind))
        }
    }
}

#[test]
fn a_read_address_counts_in_the_primarys_place_and_in_stronger_ones() {
    let places = ['f', 'v', 'e', 't'];
    for (n, primary) in places.into_iter().enumerate() {
        for (m, read) in places.into_iter().enumerate() {
            let counts = m <= n;
            let expected = if counts { "r < p" } else { "p" };
            assert_eq!(
                shown(&[(primary, "p")], &[(read, "r")]),
                expected,
                "the primary in {primary}, the replica in {read}"
            );
        }
    }
}

#[test]
fn the_strongest_read_address_wins_and_an_empty_one_switches_it_off() {
    let read = [('f', "rf"), ('v', "rv"), ('e', "re"), ('t', "rt")];
    for (primary, read, expected) in [
        (&[('t', "p")][..], &read[..], "rf < p"),
        (&[('t', "p")], &read[1..], "rv < p"),
        (&[('t', "p")], &read[2..], "re < p"),
        (&[('t', "p")], &read[3..], "rt < p"),
        // The primary's place is that of the address which is used.
        (&[('f', "pf"), ('t', "pt")], &read[1..], "pf"),
        (&[('v', "pv"), ('t', "pt")], &read[1..], "rv < pv"),
        (&[('v', "pv"), ('e', "pe")], &read[2..], "pv"),
        (&[('f', ""), ('v', " "), ('e', "pe")], &read[2..], "re < pe"),
        // Empty is off, whatever the weaker places say.
        (&[('t', "p")], &[('f', ""), ('v', "rv")], "p"),
        (&[('t', "p")], &[('v', " "), ('e', "re")], "p"),
        (&[('e', "p")], &[('e', ""), ('t', "rt")], "p"),
        (&[('t', "p")], &[('t', "")], "p"),
        (&[], &[('f', ""), ('t', "rt")], "embedded"),
        (&[], &[], "embedded"),
    ] {
        assert_eq!(shown(primary, read), expected);
    }
}

#[test]
fn the_default_store_stands_in_for_no_replica() {
    for place in ['f', 'v', 'e', 't'] {
        assert_eq!(shown(&[], &[(place, "r")]), "r < nothing", "{place}");
    }
}

#[test]
fn a_replica_that_is_the_primary_is_no_replica() {
    assert_eq!(shown(&[('v', "same")], &[('v', "same")]), "same");
    assert_eq!(
        shown(&[('f', "sqlite:a.db")], &[('f', "sqlite:./a.db")]),
        "/cwd/a.db"
    );
}

#[test]
fn a_file_may_be_a_copy_of_a_file() {
    let shown = shown(&[('v', "sqlite:a.db")], &[('v', "sqlite:copy.db")]);
    assert_eq!(shown, "/cwd/copy.db < /cwd/a.db");
}

fn refused(primary: &[(char, &'static str)], read: &[(char, &'static str)]) -> String {
    let error = resolved(given(primary), given(read)).unwrap_err();
    format!("{error}\n{}", error.help.as_deref().unwrap_or_default())
}

#[test]
fn a_store_of_another_kind_is_no_replica() {
    insta::assert_snapshot!(refused(&[('v', "sqlite:/a.db")], &[('v', "postgresql://me:hunter2@r/d")]), @"
    DATABASE_READ_URL names postgresql://me@r/d, which cannot be a replica of sqlite:/a.db (DATABASE_URL)
    name a replica of that database, or switch DATABASE_READ_URL off with an empty value
    ");
    insta::assert_snapshot!(refused(&[('f', "p")], &[('f', "sqlite:a.db")]), @"
    --read-database names sqlite:/cwd/a.db, which cannot be a replica of postgresql://p/d (--database)
    name a replica of that database, or switch --read-database off with an empty value
    ");
}

#[test]
fn a_file_of_the_project_names_no_replica_outside_it() {
    insta::assert_snapshot!(refused(&[], &[('t', "sqlite:/a.db")]), @"
    read_database in blogctl.toml names a database file outside the project: /a.db
    if it is yours, name it with --read-database or DATABASE_READ_URL
    ");
}

#[test]
fn what_is_no_address_is_named_by_its_place_and_not_shown() {
    for (place, name) in [
        ('f', "--read-database does"),
        ('v', "DATABASE_READ_URL does"),
        ('e', "DATABASE_READ_URL in .env does"),
        ('t', "read_database in blogctl.toml does"),
    ] {
        for primary in [&[][..], &[('t', "p")]] {
            let text = refused(primary, &[(place, "mysql://me:hunter2@h/d")]);
            assert!(text.starts_with(name), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}

#[test]
fn a_broken_address_that_does_not_count_is_in_nobodys_way() {
    let bad = "mysql://h/d";
    assert_eq!(shown(&[('f', "p")], &[('v', bad), ('e', bad)]), "p");
    assert_eq!(shown(&[('t', "p")], &[('f', "r"), ('v', bad)]), "r < p");
}

#[test]
fn a_relative_path_starts_where_it_was_written() {
    let file =
        |source, read: &[(char, &'static str)]| match resolved(given(&[]), given(read)).unwrap() {
            ReadTarget::Replica { replica, .. } => {
                assert_eq!(replica.source, source);
                replica.kind.to_string()
            }
            other => panic!("{other:?}"),
        };
    for (source, place) in [(ReplicaSource::Flag, 'f'), (ReplicaSource::Variable, 'v')] {
        let shown = file(source, &[(place, "sqlite:a.db")]);
        assert_eq!(shown, "sqlite:/cwd/a.db");
    }
    for (source, place) in [
        (ReplicaSource::EnvFile(".env"), 'e'),
        (ReplicaSource::ConfigFile, 't'),
    ] {
        let shown = file(source, &[(place, "sqlite:a.db")]);
        assert!(
            shown.ends_with("/a.db") && !shown.contains("cwd"),
            "{shown}"
        );
    }
}

fn in_env_file(text: &str) -> Result<ReadTarget, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(".env"), text).unwrap();
    let root = dir.path().to_owned();
    let config = Config::default();
    Project { root, config }.read_target(&Sources::default())
}

#[test]
fn a_line_of_the_env_file_matters_where_it_may_be_the_read_address() {
    let fine = in_env_file("what is this\nDATABASE_URL=postgresql://p/d\n").unwrap();
    assert!(matches!(fine, ReadTarget::Primary(_)), "{fine:?}");
    let broken = "DATABASE_URL=postgresql://p/d\nDATABASE_READ_URL=postgresql://me:hun ter2@r/d\n";
    let error = in_env_file(broken).unwrap_err();
    let text = format!("{error:?}");
    assert!(text.contains("--read-database"), "{text}");
    assert!(!text.contains("ter2"), "{text}");
}

#[test]
fn a_read_address_in_env_counts_only_for_a_primary_there_or_below() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().to_owned();
    let read = |env: &str, local: &str| {
        fs::write(root.join(".env"), env).unwrap();
        fs::write(root.join(".env.local"), local).unwrap();
        let project = Project {
            root: root.clone(),
            config: Config::default(),
        };
        match project.read_target(&Sources::default()).unwrap() {
            ReadTarget::Primary(_) => None,
            ReadTarget::Replica { replica, .. } => Some(replica.source.to_string()),
        }
    };
    let primary = "DATABASE_URL=postgresql://p/d\n";
    let replica = "DATABASE_READ_URL=postgresql://r/d\n";
    // A primary of this machine has not the replica of the one that all share.
    assert_eq!(read(replica, primary), None);
    assert_eq!(
        read(primary, replica).as_deref(),
        Some("DATABASE_READ_URL in .env.local")
    );
    let both = format!("{primary}{replica}");
    assert_eq!(
        read(&both, "").as_deref(),
        Some("DATABASE_READ_URL in .env")
    );
    assert_eq!(read(&both, "DATABASE_READ_URL=\n"), None);
}
