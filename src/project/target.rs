//! The resolution of the store's address from six sources.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ConfigError;
use super::env_file::{ENV_FILES, EnvLine, env_file};
use super::{CONFIG_FILE, Project, absolute, wrong_address};
use crate::store::{SecretUrl, TargetKind};
use crate::tables::TableMap;

/// The folder of the embedded store, at the project's root.
pub const STORE_FOLDER: &str = ".blogctl";
const STORE_FILE: &str = "content.db";
const VARIABLE: &str = "DATABASE_URL";

/// The inputs of the resolution other than the project's files.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The value of `--database`.
    pub flag: Option<SecretUrl>,
    /// The value of `DATABASE_URL`.
    pub variable: Option<SecretUrl>,
    /// The value of `--read-database`; empty to read from the primary.
    pub read_flag: Option<SecretUrl>,
    /// The value of `DATABASE_READ_URL`; empty to read from the primary.
    pub read_variable: Option<SecretUrl>,
    /// The directory that relative paths in any of them start at.
    pub cwd: PathBuf,
}

/// The store of posts, and the source of its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The store.
    pub kind: TargetKind,
    /// The source of the address.
    pub source: TargetSource,
    /// The names of the tables there.
    pub tables: Arc<TableMap>,
}

/// The source of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetSource {
    /// `--database`.
    Flag,
    /// The environment's `DATABASE_URL`.
    Variable,
    /// `DATABASE_URL` in the project's `.env.local` or `.env`: the name of the file.
    EnvFile(&'static str),
    /// `database` in the project's `blogctl.toml`.
    ConfigFile,
    /// Nothing did.
    Default,
}

impl fmt::Display for TargetSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag => "--database",
            Self::Variable => VARIABLE,
            Self::EnvFile(file) => file,
            Self::ConfigFile => CONFIG_FILE,
            Self::Default => "default",
        })
    }
}

/// Takes the first address there is. Those after it are not looked at, so that a broken
/// one has no effect.
pub(super) fn resolve(project: &Project, sources: &Sources) -> Result<Target, ConfigError> {
    let root = &project.root;
    let cwd = &sources.cwd;
    if let Some(address) = given(sources.flag.as_ref()) {
        return target(project, address, cwd, TargetSource::Flag);
    }
    if let Some(address) = given(sources.variable.as_ref()) {
        return target(project, address, cwd, TargetSource::Variable);
    }
    for file in ENV_FILES {
        let Some(address) = env_file(root, file, &LINE)? else {
            continue;
        };
        // As in Next.js, a line of the first file hides that of the second, even if it is empty.
        match given(Some(&address)) {
            Some(address) => return target(project, address, root, TargetSource::EnvFile(file)),
            None => break,
        }
    }
    if let Some(address) = given(project.config.database.as_ref()) {
        return target(project, address, root, TargetSource::ConfigFile);
    }
    Ok(Target {
        kind: TargetKind::Sqlite {
            path: root.join(STORE_FOLDER).join(STORE_FILE),
            embedded: true,
        },
        source: TargetSource::Default,
        tables: Arc::new(project.config.tables.clone()),
    })
}

/// Takes an address that an option names. The project's own store has its folder, by whatever
/// address.
pub(super) fn named(
    project: &Project,
    address: &SecretUrl,
    cwd: &Path,
    option: &str,
) -> Result<TargetKind, ConfigError> {
    let kind = kind(SecretUrl::new(address.expose().trim()), cwd, &option)?;
    Ok(match kind {
        TargetKind::Sqlite { path, .. } => TargetKind::Sqlite {
            embedded: path == project.root.join(STORE_FOLDER).join(STORE_FILE),
            path,
        },
        server @ TargetKind::Postgres(_) => server,
    })
}

/// An empty address counts as absent: that is how one switches a variable off.
fn given(address: Option<&SecretUrl>) -> Option<SecretUrl> {
    let trimmed = address?.expose().trim();
    (!trimmed.is_empty()).then(|| SecretUrl::new(trimmed))
}

fn target(
    project: &Project,
    address: SecretUrl,
    base: &Path,
    source: TargetSource,
) -> Result<Target, ConfigError> {
    let kind = kind(address, base, &source)?;
    if matches!(source, TargetSource::EnvFile(_) | TargetSource::ConfigFile) {
        require_inside(base, &kind, &source, "--database or DATABASE_URL")?;
    }
    Ok(Target {
        kind,
        source,
        tables: Arc::new(project.config.tables.clone()),
    })
}

/// Refuses a database file outside the project, or in git's own folder, that one of the
/// project's files names: it may come with an untrusted project. A
/// person names such a file with one of `instead`.
pub(super) fn require_inside(
    root: &Path,
    kind: &TargetKind,
    source: &dyn fmt::Display,
    instead: &str,
) -> Result<(), ConfigError> {
    let TargetKind::Sqlite { path, .. } = kind else {
        return Ok(());
    };
    // Links are followed as far as there is something to follow.
    let there = path.ancestors().find_map(|part| {
        let real = part.canonicalize().ok()?;
        Some(real.join(path.strip_prefix(part).ok()?))
    });
    let is_inside = |root: &Path, path: &Path| {
        path.strip_prefix(root).is_ok_and(|rest| {
            !rest
                .components()
                .any(|part| part.as_os_str().eq_ignore_ascii_case(".git"))
        })
    };
    let real_root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let is_there = there.is_some_and(|there| is_inside(&real_root, &there));
    if is_there && is_inside(root, path) {
        return Ok(());
    }
    Err(ConfigError::new(format!(
        "{source} names a database file outside the project: {}",
        path.display()
    ))
    .help(format!("if it is yours, name it with {instead}")))
}

/// Parses an address from `source`; relative paths start at `base`.
pub(super) fn kind(
    address: SecretUrl,
    base: &Path,
    source: &dyn fmt::Display,
) -> Result<TargetKind, ConfigError> {
    if let Some(kind) = understood(&address, base) {
        return Ok(kind);
    }
    // The value is not shown: it may hold a password.
    let wrong = wrong_address::describe(address.expose());
    let mut message = format!("{source} does not hold the address of a database");
    if let Some(what) = wrong.what {
        message += &format!(": it {what}");
    }
    Err(ConfigError::new(message).help(wrong.help))
}

fn understood(address: &SecretUrl, base: &Path) -> Option<TargetKind> {
    if let Some(path) = address.expose().strip_prefix("sqlite:") {
        // sqlite:///a/b and sqlite://b are how other tools write /a/b and b.
        let path = path.strip_prefix("//").unwrap_or(path);
        // SQLite takes these for a store in memory, which would be gone at the end.
        if path.is_empty() || path.starts_with(':') || path.ends_with('/') {
            return None;
        }
        return Some(TargetKind::Sqlite {
            path: absolute(base, Path::new(path)),
            embedded: false,
        });
    }
    address
        .is_postgres()
        .then(|| TargetKind::Postgres(address.clone()))
}

const LINE: EnvLine = EnvLine {
    name: VARIABLE,
    instead: "name the database with --database",
    is_expected: true,
};

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::project::Config;

    fn sources(flag: &str, variable: &str) -> Sources {
        Sources {
            flag: Some(SecretUrl::new(flag)),
            variable: Some(SecretUrl::new(variable)),
            cwd: PathBuf::from("/cwd"),
            ..Sources::default()
        }
    }

    fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Project) {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        let root = dir.path().to_owned();
        let config = Config::read(&root).unwrap();
        (dir, Project { root, config })
    }

    fn resolved(project: &Project, flag: &str, variable: &str) -> (String, String) {
        let target = project.target(&sources(flag, variable)).unwrap();
        (target.kind.to_string(), target.source.to_string())
    }

    fn said(place: &str, source: &str) -> (String, String) {
        (format!("postgresql://{place}"), source.to_owned())
    }

    #[test]
    fn the_first_place_that_says_so_wins() {
        let toml = ("blogctl.toml", "database = \"postgresql://toml/d\"");
        let env = (".env", "OTHER=1\nDATABASE_URL=\"postgresql://file/d\"\n");
        let (_dir, both) = project(&[toml, env]);
        let (flag, variable) = ("postgresql://flag/d", "postgres://variable/d");
        assert_eq!(
            resolved(&both, flag, variable),
            said("flag/d", "--database")
        );
        assert_eq!(
            resolved(&both, "", variable),
            said("variable/d", "DATABASE_URL")
        );
        assert_eq!(resolved(&both, " ", "\n"), said("file/d", ".env"));
        let (_dir, only_toml) = project(&[toml, (".env", "DATABASE_URL=\n")]);
        assert_eq!(resolved(&only_toml, "", ""), said("toml/d", "blogctl.toml"));
    }

    #[test]
    fn env_local_comes_before_env() {
        let env = (".env", "DATABASE_URL=postgresql://env/d\n");
        let local = (".env.local", "\u{feff}DATABASE_URL=postgresql://local/d\n");
        let (_dir, both) = project(&[env, local]);
        assert_eq!(resolved(&both, "", ""), said("local/d", ".env.local"));
        let (_dir, other) = project(&[env, (".env.local", "A=1\n")]);
        assert_eq!(resolved(&other, "", ""), said("env/d", ".env"));
        let toml = ("blogctl.toml", "database = \"postgresql://toml/d\"");
        let (_dir, empty) = project(&[toml, env, (".env.local", "DATABASE_URL=\n")]);
        assert_eq!(resolved(&empty, "", ""), said("toml/d", "blogctl.toml"));
        let (_dir, bad) = project(&[env, (".env.local", "DATABASE_URL=mysql://h/d\n")]);
        let error = bad.target(&Sources::default()).unwrap_err();
        assert!(
            error
                .message
                .starts_with(".env.local does not hold the address of a database: it names"),
            "{error}"
        );
    }

    #[test]
    fn without_an_address_the_embedded_store_is_at_the_root() {
        let (dir, project) = project(&[]);
        let target = project.target(&Sources::default()).unwrap();
        assert_eq!(
            target,
            Target {
                kind: TargetKind::Sqlite {
                    path: dir.path().join(".blogctl/content.db"),
                    embedded: true
                },
                source: TargetSource::Default,
                tables: Arc::default(),
            }
        );
        assert_eq!(target.source.to_string(), "default");
    }

    #[test]
    fn a_relative_path_starts_where_it_was_written() {
        let path = |project: &Project, flag: &str, variable: &str| match project
            .target(&sources(flag, variable))
            .unwrap()
            .kind
        {
            TargetKind::Sqlite { path, embedded } => {
                assert!(!embedded);
                path
            }
            kind => panic!("{kind}"),
        };
        let (dir, env) = project(&[(".env", "DATABASE_URL=sqlite:a.db")]);
        assert_eq!(path(&env, "", ""), dir.path().join("a.db"));
        let (dir, toml) = project(&[("blogctl.toml", "database = \"sqlite:sub/a.db\"")]);
        assert_eq!(path(&toml, "", ""), dir.path().join("sub/a.db"));
        assert_eq!(path(&toml, "sqlite:b.db", ""), Path::new("/cwd/b.db"));
        assert_eq!(path(&toml, "", "sqlite:../b.db"), Path::new("/b.db"));
        assert_eq!(path(&toml, "sqlite:/abs/b.db", ""), Path::new("/abs/b.db"));
        assert_eq!(
            path(&toml, "sqlite:///abs/b.db", ""),
            Path::new("/abs/b.db")
        );
        assert_eq!(path(&toml, "sqlite://b.db", ""), Path::new("/cwd/b.db"));
    }

    #[test]
    fn an_option_names_the_projects_own_store_by_any_address() {
        let (dir, project) = project(&[]);
        let named =
            |address: &str, cwd: &Path| project.address(&SecretUrl::new(address), cwd, "--from");
        let own = named("sqlite:.blogctl/content.db", dir.path()).unwrap();
        assert_eq!(own, project.target(&Sources::default()).unwrap().kind);
        let other = named("sqlite:content.db", Path::new("/cwd")).unwrap();
        assert_eq!(
            other,
            TargetKind::Sqlite {
                path: PathBuf::from("/cwd/content.db"),
                embedded: false
            }
        );
        let refused = named("me:hunter2@host", dir.path()).unwrap_err();
        let message = refused.to_string();
        assert_eq!(
            message,
            "--from does not hold the address of a database: it has no postgresql:// at its start"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_of_the_project_names_no_database_outside_it() {
        let outside = tempfile::tempdir().unwrap();
        let elsewhere = outside.path().join("a.db");
        let absolute = format!("sqlite:{}", elsewhere.display());
        for address in [
            &absolute,
            "sqlite:../a.db",
            "sqlite:sub/../../a.db",
            "sqlite:link/a.db",
            "sqlite:link/new/a.db",
            "sqlite:.git/a.db",
            "sqlite:.GIT/hooks/post-checkout",
        ] {
            let toml = format!("database = \"{address}\"\n");
            let env = format!("DATABASE_URL={address}\n");
            for (name, text) in [
                ("blogctl.toml", &toml),
                (".env", &env),
                (".env.local", &env),
            ] {
                let (dir, project) = project(&[(name, text)]);
                std::os::unix::fs::symlink(outside.path(), dir.path().join("link")).unwrap();
                let error = project.target(&Sources::default()).expect_err(address);
                let said = format!("{name} names a database file outside the project");
                assert!(error.message.starts_with(&said), "{}", error.message);
                assert!(error.help.unwrap().contains("--database"));
            }
            // A person may.
            let (dir, project) = project(&[]);
            std::os::unix::fs::symlink(outside.path(), dir.path().join("link")).unwrap();
            project.target(&sources(address, "")).unwrap();
            project.target(&sources("", address)).unwrap();
        }
        let (dir, inside) = project(&[("blogctl.toml", "database = \"sqlite:link/a.db\"")]);
        fs::create_dir(dir.path().join("data")).unwrap();
        std::os::unix::fs::symlink("data", dir.path().join("link")).unwrap();
        inside.target(&Sources::default()).unwrap();
    }

    #[test]
    fn pairs_are_an_address_too() {
        let (_dir, project) = project(&[]);
        let shown = resolved(&project, "host=h dbname=d user=me password=hunter2", "");
        assert_eq!(shown, said("me@h/d", "--database"));
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_shown() {
        let (_dir, project) = project(&[]);
        for bad in [
            "hunter2",
            "mysql://me:hunter2@h/d",
            "user=me password=hunter2",
            "sqlite:",
            "sqlite::memory:",
            "sqlite:dir/",
            "hunter2.db",
        ] {
            for sources in [sources(bad, ""), sources("", bad)] {
                let error = project.target(&sources).expect_err(bad);
                let text = format!("{error:?}");
                assert!(!text.contains("hunter2"), "{text}");
                assert!(error.help.is_some(), "{text}");
            }
        }
    }

    #[test]
    fn the_source_of_a_bad_address_is_named() {
        let (_dir, project) = project(&[("blogctl.toml", "database = \"nonsense\"")]);
        let error = project.target(&Sources::default()).unwrap_err();
        assert_eq!(
            error.message,
            "blogctl.toml does not hold the address of a database"
        );
    }

    #[test]
    fn a_broken_env_file_is_named_and_none_of_it_shown() {
        for text in [
            "DATABASE_URL=postgresql://me:hun ter2@h/d\n",
            "DATABASE_URL: postgresql://me:hunter2@h/d\n",
            "A=1\nnonsense hunter2\n",
        ] {
            let (_dir, project) = project(&[(".env", text)]);
            let error = project.target(&Sources::default()).expect_err(text);
            let text = format!("{error:?}");
            assert!(
                text.contains(".env") && text.contains("--database"),
                "{text}"
            );
            assert!(!text.contains("ter2"), "{text}");
        }
    }

    #[test]
    fn a_line_that_only_another_program_understands_is_in_nobodys_way() {
        let (_dir, project) = project(&[(".env", "what is this\nDATABASE_URL=postgresql://h/d")]);
        assert_eq!(resolved(&project, "", ""), said("h/d", ".env"));
    }

    #[test]
    fn a_broken_file_after_the_first_address_does_not_matter() {
        let (_dir, project) = project(&[(".env", "DATABASE_URL=a b c")]);
        let shown = resolved(&project, "postgresql://flag/d", "");
        assert_eq!(shown, said("flag/d", "--database"));
    }

    #[test]
    fn no_form_of_a_target_shows_its_password() {
        let (_dir, project) = project(&[]);
        let address = "postgresql://me:hunter2@h/d?sslmode=require";
        let sources = sources(address, address);
        let target = project.target(&sources).unwrap();
        assert!(!format!("{target:?} {sources:?} {}", target.kind).contains("hunter2"));
        assert!(matches!(target.kind, TargetKind::Postgres(url) if url.expose() == address));
    }
}
