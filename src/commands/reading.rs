//! Where the commands read that decide nothing: from a replica, if there is one.

use std::env::{self, VarError};
use std::error::Error;
use std::time::Duration;

use super::{Context, connect};
use crate::exit::Usage;
use crate::post::PostId;
use crate::project::{Project, ReadTarget, Replica, SecretUrl, Target};
use crate::store::fallback::{Fallback, Primary};
use crate::store::{self, Reader, SCHEMA_VERSION, StoreError};

/// How long a replica that has a primary behind it may take to be connected to.
const REPLICA_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl Context {
    /// Connects to what answers readers: the replica, if one counts and can be reached, else
    /// where posts go. What comes of it may lag behind, and must not decide a write.
    ///
    /// # Errors
    /// [`Usage`] if an address that counts is not one, [`StoreError`] if nothing that could
    /// answer can be reached.
    pub fn open_reader<'a>(&'a self, project: &'a Project) -> anyhow::Result<Box<dyn Reader + 'a>> {
        let (replica, primary) = match self.read_target(project)? {
            ReadTarget::Primary(target) => return Ok(self.open(project, &target)?),
            ReadTarget::Replica { replica, primary } => (replica, primary),
        };
        // With a primary behind it there is something better to do than to wait.
        let patience = match primary {
            Some(_) => REPLICA_CONNECT_TIMEOUT,
            None => Duration::MAX,
        };
        let opened = match self.open_replica(project, &replica, patience) {
            Err(StoreError::Interrupted(interrupted)) => return Err(interrupted.into()),
            // Waiting does not mend the address, and the primary is no answer to it.
            Err(StoreError::Target { message, help }) => {
                return Err(Usage::new(format!("{}: {message}", replica.source))
                    .help(help)
                    .into());
            }
            opened => opened,
        };
        let Some(target) = primary else {
            return Ok(opened?);
        };
        let mut behind = Behind {
            context: self,
            project,
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

    fn read_target(&self, project: &Project) -> anyhow::Result<ReadTarget> {
        let mut sources = self.sources()?;
        let database = sources.flag.as_ref().map_or("", SecretUrl::expose);
        // Beside either flag the variable does not count, and may hold what it likes.
        if database.trim().is_empty() && sources.read_flag.is_none() {
            sources.read_variable = match env::var("DATABASE_READ_URL") {
                Ok(address) => Some(SecretUrl::new(address)),
                Err(VarError::NotPresent) => None,
                Err(VarError::NotUnicode(_)) => {
                    return Err(Usage::new("DATABASE_READ_URL is not UTF-8")
                        .help("write it anew, or name the replica with --read-database")
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
        project: &Project,
        replica: &Replica,
        patience: Duration,
    ) -> store::Result<Box<dyn Reader>> {
        self.detail(format_args!(
            "reading from {} ({})",
            replica.kind, replica.source
        ));
        Ok(connect(self, project, &replica.kind, patience)?)
    }
}

/// The primary behind a replica, and the words for its standing in.
struct Behind<'a> {
    context: &'a Context,
    project: &'a Project,
    replica: Replica,
    target: Target,
}

impl Primary for Behind<'_> {
    fn open(&mut self) -> store::Result<Box<dyn Reader>> {
        let Target { kind, source } = &self.target;
        self.context
            .detail(format_args!("reading from {kind} ({source})"));
        Ok(connect(self.context, self.project, kind, Duration::MAX)?)
    }

    fn stands_in(&mut self, failure: &StoreError) {
        let (why, remedy) = reason(failure);
        let Replica { kind, source } = &self.replica;
        self.context.hint(format_args!(
            "warning: reading from the primary instead of the replica {kind}: {why}"
        ));
        if let Some(remedy) = remedy {
            self.context.hint(format_args!("hint: {source}: {remedy}"));
        }
    }

    fn cannot_confirm(&mut self, missing: PostId) {
        self.context.hint(format_args!(
            "warning: the replica {} has no post {missing}, and the primary, which may have \
             it, cannot be asked",
            self.replica.kind
        ));
    }
}

/// Why a replica failed, and what mends it where that is known.
fn reason(failure: &StoreError) -> (String, Option<String>) {
    const BEHIND: &str = "it is far behind, or it is no replica of the primary";
    match failure {
        StoreError::Unreachable { help, source, .. } => (causes(source.as_ref()), help.clone()),
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
        other => (causes(other), None),
    }
}

/// An error and its causes in one line.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        // The driver of Postgres only announces the server's words, or repeats them.
        if text == "db error" {
            text = words;
        } else if let Some(before) = text.strip_suffix(": db error") {
            text = format!("{before}: {words}");
        } else if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Words(&'static str, #[source] Option<Box<Words>>);

    fn words(chain: &[&'static str]) -> Box<Words> {
        let (first, rest) = chain.split_first().unwrap();
        Box::new(Words(first, (!rest.is_empty()).then(|| words(rest))))
    }

    #[test]
    fn causes_are_told_once_and_without_what_only_announces_them() {
        for (chain, told) in [
            (&["refused"][..], "refused"),
            (&["db error", "FATAL: no such role"], "FATAL: no such role"),
            (
                &["cannot list", "db error", "ERROR: x"],
                "cannot list: ERROR: x",
            ),
            (
                &["cannot list: broken pipe", "broken pipe"],
                "cannot list: broken pipe",
            ),
            (&["a", "b", "c"], "a: b: c"),
        ] {
            assert_eq!(causes(words(chain).as_ref()), told);
        }
    }

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
        assert!(why.starts_with("its tables are of version 2"), "{why}");
        assert!(remedy.unwrap().contains("behind"));
        let broken = StoreError::failed("list the posts")("connection closed");
        assert_eq!(
            reason(&broken),
            ("cannot list the posts: connection closed".into(), None)
        );
    }
}
