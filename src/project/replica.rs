//! The address that commands read from: a replica, if one is configured for the primary.
//!
//! Sources of addresses have an order. A primary that is named in a stronger source is not the
//! one whose replica a weaker source names: a read address counts only if its source is that of
//! the primary's address or a stronger one.

use std::fmt;
use std::sync::Arc;

use super::ConfigError;
use super::env_file::{ENV_FILE, ENV_LOCAL_FILE, EnvLine, env_file};
use super::target::{self, Sources, Target, TargetSource};
use super::{CONFIG_FILE, Project};
use crate::store::{SecretUrl, TargetKind};
use crate::tables::TableMap;

const VARIABLE: &str = "DATABASE_READ_URL";

const LINE: EnvLine = EnvLine {
    name: VARIABLE,
    instead: "name the replica with --read-database",
    is_expected: false,
};

/// The store that a read-only command reads from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadTarget {
    /// The primary: no read address applies.
    Primary(Target),
    /// A replica.
    Replica {
        /// The replica.
        replica: Replica,
        /// The fallback if the replica fails; none if only a read address is given, since the
        /// default store has other posts.
        primary: Option<Target>,
    },
}

/// A replica, and who named it. It is no [`Target`], so that nothing can write to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replica {
    /// The address.
    pub kind: TargetKind,
    /// The source of the address.
    pub source: ReplicaSource,
    /// The names of the tables there.
    pub tables: Arc<TableMap>,
}

/// The sources of a replica's address, by precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicaSource {
    /// `--read-database`.
    Flag,
    /// The environment's `DATABASE_READ_URL`.
    Variable,
    /// `DATABASE_READ_URL` in the project's `.env.local` or `.env`: the name of the file.
    EnvFile(&'static str),
    /// `read_database` in the project's `blogctl.toml`.
    ConfigFile,
}

impl fmt::Display for ReplicaSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("--read-database"),
            Self::Variable => f.write_str(VARIABLE),
            Self::EnvFile(file) => write!(f, "{VARIABLE} in {file}"),
            Self::ConfigFile => write!(f, "read_database in {CONFIG_FILE}"),
        }
    }
}

impl ReplicaSource {
    /// Returns the sources of a read address that count with the primary's, the strongest first.
    fn beside(primary: TargetSource) -> &'static [Self] {
        use ReplicaSource::{ConfigFile, EnvFile, Flag, Variable};
        const LOCAL: ReplicaSource = EnvFile(ENV_LOCAL_FILE);
        const ENV: ReplicaSource = EnvFile(ENV_FILE);
        match primary {
            TargetSource::Flag => &[Flag],
            TargetSource::Variable => &[Flag, Variable],
            TargetSource::EnvFile(ENV_LOCAL_FILE) => &[Flag, Variable, LOCAL],
            TargetSource::EnvFile(_) => &[Flag, Variable, LOCAL, ENV],
            TargetSource::ConfigFile | TargetSource::Default => {
                &[Flag, Variable, LOCAL, ENV, ConfigFile]
            }
        }
    }

    /// Returns the value in this source, even if it is empty.
    fn address(
        self,
        project: &Project,
        sources: &Sources,
    ) -> Result<Option<SecretUrl>, ConfigError> {
        match self {
            Self::Flag => Ok(sources.read_flag.clone()),
            Self::Variable => Ok(sources.read_variable.clone()),
            Self::EnvFile(file) => env_file(&project.root, file, &LINE),
            Self::ConfigFile => Ok(project.config.read_database.clone()),
        }
    }
}

/// Takes the first read address among those that count. The others are not looked at, so
/// that a broken one has no effect.
pub(super) fn resolve(project: &Project, sources: &Sources) -> Result<ReadTarget, ConfigError> {
    let primary = target::resolve(project, sources)?;
    let Some(replica) = replica(project, sources, primary.source)? else {
        return Ok(ReadTarget::Primary(primary));
    };
    if primary.source == TargetSource::Default {
        return Ok(ReadTarget::Replica {
            replica,
            primary: None,
        });
    }
    if replica.kind == primary.kind {
        return Ok(ReadTarget::Primary(primary));
    }
    check_kinds(&replica, &primary)?;
    Ok(ReadTarget::Replica {
        replica,
        primary: Some(primary),
    })
}

fn replica(
    project: &Project,
    sources: &Sources,
    primary: TargetSource,
) -> Result<Option<Replica>, ConfigError> {
    for &source in ReplicaSource::beside(primary) {
        let Some(address) = source.address(project, sources)? else {
            continue;
        };
        let address = address.expose().trim();
        // Unlike a primary, one can do without: who empties it here means none at all.
        if address.is_empty() {
            return Ok(None);
        }
        let base = match source {
            ReplicaSource::Flag | ReplicaSource::Variable => &sources.cwd,
            ReplicaSource::EnvFile(_) | ReplicaSource::ConfigFile => &project.root,
        };
        let kind = target::kind(SecretUrl::new(address), base, &source)?;
        if matches!(
            source,
            ReplicaSource::EnvFile(_) | ReplicaSource::ConfigFile
        ) {
            target::require_inside(base, &kind, &source, "--read-database or DATABASE_READ_URL")?;
        }
        return Ok(Some(Replica {
            kind,
            source,
            tables: Arc::new(project.config.tables.clone()),
        }));
    }
    Ok(None)
}

/// A replica holds what the primary sent it, which a store of another kind cannot take.
fn check_kinds(replica: &Replica, primary: &Target) -> Result<(), ConfigError> {
    if replica.kind.dialect() == primary.kind.dialect() {
        return Ok(());
    }
    let message = format!(
        "{} names {}, which cannot be a replica of {} ({})",
        replica.source, replica.kind, primary.kind, primary.source
    );
    let help = format!(
        "name a replica of that database, or switch {} off with an empty value",
        replica.source
    );
    Err(ConfigError::new(message).help(help))
}

#[cfg(test)]
mod tests;
