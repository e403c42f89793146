//! The store that read-only commands use: a replica, if there is one.

use std::env::{self, VarError};
use std::time::Duration;

use super::Context;
use crate::command_error::CommandError;
use crate::model::SCHEMA_VERSION;
use crate::output::error::in_one_line;
use crate::page::PostKey;
use crate::project::{Project, ReadTarget, Replica, SecretUrl, Target};
use crate::store::fallback::{Fallback, Primary};
use crate::store::{self, Reader, StoreError};

/// The connect timeout of a replica that has a fallback.
pub(super) const REPLICA_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl Context {
    /// Connects to what answers readers: the replica, if one counts and can be reached, else
    /// where posts go. What comes of it may lag behind, and must not decide a write.
    ///
    /// # Errors
    /// [`CommandError`] if an address that counts is not one, [`StoreError`] if nothing that could
    /// answer can be reached.
    pub fn open_reader<'a>(&'a self, project: &Project) -> anyhow::Result<Box<dyn Reader + 'a>> {
        let (replica, primary) = match self.read_target(project)? {
            ReadTarget::Primary(target) => return Ok(self.open(&target)?),
            ReadTarget::Replica { replica, primary } => (replica, primary),
        };
        // With a primary behind it there is something better to do than to wait.
        let patience = match primary {
            Some(_) => REPLICA_CONNECT_TIMEOUT,
            None => Duration::MAX,
        };
        let opened = match self.open_replica(&replica, patience) {
            Err(StoreError::Interrupted(interrupted)) => return Err(interrupted.into()),
            // Waiting does not correct the address, and the primary is no answer to it.
            Err(StoreError::Target { message, help }) => {
                return Err(
                    CommandError::usage(format!("{}: {message}", replica.source))
                        .help(help)
                        .into(),
                );
            }
            opened => opened,
        };
        let Some(target) = primary else {
            return Ok(opened?);
        };
        let mut behind = Behind {
            context: self,
            replica,
            target,
        };
        match opened {
            Ok(opened) => Ok(Box::new(Fallback::new(opened, behind))),
            Err(failure) => {
                behind.stands_in(&failure);
                Ok(behind.open()?)
            }
        }
    }

    /// Decides where commands read that decide nothing.
    ///
    /// # Errors
    /// [`CommandError`] if an address that counts is not one.
    pub(super) fn read_target(&self, project: &Project) -> anyhow::Result<ReadTarget> {
        let mut sources = self.sources()?;
        let database = sources.flag.as_ref().map_or("", SecretUrl::expose);
        // Beside either flag the variable does not count, and may hold what it likes.
        if database.trim().is_empty() && sources.read_flag.is_none() {
            sources.read_variable = match env::var("DATABASE_READ_URL") {
                Ok(address) => Some(SecretUrl::new(address)),
                Err(VarError::NotPresent) => None,
                Err(VarError::NotUnicode(_)) => {
                    return Err(CommandError::usage("DATABASE_READ_URL is not UTF-8")
                        .help("write it as UTF-8, or name the replica with --read-database")
                        .into());
                }
            };
        }
        Ok(project.read_target(&sources)?)
    }

    /// A [`Reader`] is all that a replica ever is, so that nothing can write to it, or ask it
    /// what decides a write.
    fn open_replica(
        &self,
        replica: &Replica,
        patience: Duration,
    ) -> store::Result<Box<dyn Reader>> {
        self.ui.detail(format_args!(
            "reading from {} ({})",
            replica.kind, replica.source
        ));
        let reader =
            store::open_reader(&replica.kind, &self.open_options(patience, &replica.tables))?;
        self.tell_location(&replica.kind, &reader.location());
        Ok(reader)
    }
}

/// The primary behind a replica, and the words for its standing in.
struct Behind<'a> {
    context: &'a Context,
    replica: Replica,
    target: Target,
}

impl Primary for Behind<'_> {
    fn open(&mut self) -> store::Result<Box<dyn Reader>> {
        let Target {
            kind,
            source,
            tables,
        } = &self.target;
        self.context
            .ui
            .detail(format_args!("reading from {kind} ({source})"));
        Ok(self.context.connect(kind, tables)?)
    }

    fn stands_in(&mut self, failure: &StoreError) {
        let (why, remedy) = reason(failure);
        let Replica { kind, source, .. } = &self.replica;
        self.context.ui.warning(format_args!(
            "reading from the primary instead of the replica {kind}: {why}"
        ));
        if let Some(remedy) = remedy {
            self.context.ui.hint(format_args!("{source}: {remedy}"));
        }
    }

    fn cannot_confirm(&mut self, missing: PostKey<'_>) {
        self.context.ui.warning(format_args!(
            "the replica {} has no {missing}, and the primary, which may have \
             it, cannot be asked",
            self.replica.kind
        ));
    }
}

/// Returns the reason for a replica's failure, and the remedy if one is known.
fn reason(failure: &StoreError) -> (String, Option<String>) {
    const BEHIND: &str = "it is far behind, or it is no replica of the primary";
    match failure {
        StoreError::Unreachable { help, source, .. } => {
            (in_one_line(source.as_ref()), help.clone())
        }
        StoreError::SchemaAbsent { .. } => {
            ("it has no blogctl tables yet".into(), Some(BEHIND.into()))
        }
        StoreError::SchemaVersion { found, .. } => {
            let why = format!(
                "its tables are of version {found}, and this blogctl needs version \
                 {SCHEMA_VERSION}"
            );
            (why, Some(BEHIND.into()))
        }
        other => (in_one_line(other), None),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn every_failure_of_a_replica_has_its_words() {
        let location = || "postgresql://r/d".to_owned();
        let unreachable = StoreError::Unreachable {
            location: location(),
            help: Some("check host and port".into()),
            source: Box::new(io::Error::from(io::ErrorKind::ConnectionRefused)),
        };
        assert_eq!(
            reason(&unreachable),
            (
                "connection refused".into(),
                Some("check host and port".into())
            )
        );
        let absent = StoreError::SchemaAbsent {
            location: location(),
        };
        assert_eq!(reason(&absent).0, "it has no blogctl tables yet");
        let version = StoreError::SchemaVersion {
            location: location(),
            found: SCHEMA_VERSION + 1,
        };
        let (why, remedy) = reason(&version);
        let newer = format!("its tables are of version {}", SCHEMA_VERSION + 1);
        assert!(why.starts_with(&newer), "{why}");
        assert!(remedy.unwrap().contains("behind"));
        let broken = StoreError::failed("list the posts")("connection closed");
        assert_eq!(
            reason(&broken),
            ("cannot list the posts: connection closed".into(), None)
        );
    }
}
