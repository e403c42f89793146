//! One file a subcommand: its `Args`, then its `run`.

pub mod categories;
pub mod check;
mod connecting;
pub mod copy;
mod counts;
pub mod diff;
pub mod doctor;
mod filter;
pub mod fix;
pub mod globals;
pub mod history;
pub mod init;
pub mod list;
mod locale;
mod paging;
pub mod pull;
mod reading;
mod scanning;
pub mod schema;
pub mod search;
mod shell;
pub mod show;
mod since;
pub mod sync;
pub mod tags;
mod translations;
mod unreadable;

use std::env::{self, VarError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use self::globals::GlobalArgs;
use crate::command_error::CommandError;
use crate::interrupt::Interrupt;
use crate::output::ui::Ui;
use crate::post::PostId;
use crate::project::{self, Project, SecretUrl, Sources, Target, TargetKind, TargetSource};
use crate::store::{self, LOCK_TIMEOUT, OpenOptions, READ_TIMEOUT, Store, WRITE_TIMEOUT};
use crate::tables::TableMap;

/// The subcommands, in the order in which help lists them.
#[derive(clap::Subcommand)]
#[allow(
    missing_docs,
    reason = "help takes the description of each from its `Args`"
)]
pub enum Command {
    Init(init::Args),
    Sync(sync::Args),
    Check(check::Args),
    Fix(fix::Args),
    Diff(diff::Args),
    Pull(pull::Args),
    Copy(copy::Args),
    List(list::Args),
    Search(search::Args),
    Show(show::Args),
    Categories(categories::Args),
    Tags(tags::Args),
    History(history::Args),
    Doctor(doctor::Args),
    Schema(schema::Args),
}

impl Command {
    /// Runs the subcommand.
    ///
    /// # Errors
    /// Whatever ends it; `exit` knows the status.
    pub fn run(self, context: &Context) -> anyhow::Result<()> {
        match self {
            Self::Init(args) => init::run(args, context),
            Self::Sync(args) => sync::run(args, context),
            Self::Check(args) => check::run(args, context),
            Self::Fix(args) => fix::run(args, context),
            Self::Diff(args) => diff::run(args, context),
            Self::Pull(args) => pull::run(args, context),
            Self::Copy(args) => copy::run(args, context),
            Self::List(args) => list::run(args, context),
            Self::Search(args) => search::run(args, context),
            Self::Show(args) => show::run(args, context),
            Self::Categories(args) => categories::run(args, context),
            Self::Tags(args) => tags::run(args, context),
            Self::History(args) => history::run(args, context),
            Self::Doctor(args) => doctor::run(args, context),
            Self::Schema(args) => schema::run(args, context),
        }
    }
}

/// The context of a command: the global options and the directory it was started in.
pub struct Context {
    /// The printer of notes about the work.
    pub ui: Ui,
    /// The global options.
    pub options: GlobalArgs,
    /// The working directory.
    pub cwd: PathBuf,
    /// The interrupt that ends every wait.
    pub interrupt: Interrupt,
}

impl Context {
    /// Takes the options and their writer, and looks where the process was started.
    ///
    /// # Errors
    /// If the working directory was deleted.
    pub fn new(options: GlobalArgs, ui: Ui, interrupt: Interrupt) -> anyhow::Result<Self> {
        let cwd = project::working_directory().context("cannot tell the working directory")?;
        Ok(Self {
            ui,
            options,
            cwd,
            interrupt,
        })
    }

    /// Finds the project that the working directory belongs to.
    ///
    /// # Errors
    /// [`CommandError`] if its settings are not usable.
    pub fn project(&self) -> anyhow::Result<Project> {
        Ok(Project::find(&self.cwd, None)?)
    }

    /// Finds the project that a content directory belongs to.
    ///
    /// # Errors
    /// [`CommandError`] if its settings are not usable.
    pub fn project_of(&self, content: &Path) -> anyhow::Result<Project> {
        Ok(Project::find(&self.cwd, Some(content))?)
    }

    /// Decides where to connect.
    ///
    /// # Errors
    /// [`CommandError`] if the first address that is given is not one.
    pub fn target(&self, project: &Project) -> anyhow::Result<Target> {
        Ok(project.target(&self.sources()?)?)
    }

    /// Returns the inputs of the address; of a replica's, only the options.
    fn sources(&self) -> anyhow::Result<Sources> {
        let variable = match env::var("DATABASE_URL") {
            Ok(address) => Some(SecretUrl::new(address)),
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(_)) => {
                return Err(CommandError::usage("DATABASE_URL is not UTF-8")
                    .help("write it as UTF-8, or name the database with --database")
                    .into());
            }
        };
        Ok(Sources {
            flag: self.options.database.clone(),
            variable,
            read_flag: self.options.read_database.clone(),
            read_variable: None,
            cwd: self.cwd.clone(),
        })
    }

    /// Connects to where the project's posts are.
    ///
    /// # Errors
    /// As [`Self::target`], and [`StoreError`](crate::store::StoreError) if it cannot be
    /// reached.
    pub fn open_store(&self, project: &Project) -> anyhow::Result<Box<dyn Store>> {
        self.open(&self.target(project)?)
    }

    /// The same, to wait for locks no longer than `lock_timeout` while the index is read.
    ///
    /// # Errors
    /// As [`Self::open_store`].
    pub fn open_store_within(
        &self,
        project: &Project,
        lock_timeout: Duration,
    ) -> anyhow::Result<Box<dyn Store>> {
        self.open_within(&self.target(project)?, lock_timeout)
    }

    /// Connects to a target of the project.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError) if it cannot be reached.
    pub fn open(&self, target: &Target) -> anyhow::Result<Box<dyn Store>> {
        self.open_within(target, LOCK_TIMEOUT)
    }

    fn open_within(
        &self,
        target: &Target,
        lock_timeout: Duration,
    ) -> anyhow::Result<Box<dyn Store>> {
        self.ui
            .detail(format_args!("using {} ({})", target.kind, target.source));
        if target.source == TargetSource::Default {
            self.hint_at_variables();
        }
        let options = OpenOptions {
            lock_timeout,
            ..self.open_options(Duration::MAX, &target.tables)
        };
        let store = store::open(&target.kind, &options)?;
        self.tell_location(&target.kind, &store.location());
        Ok(store)
    }

    /// Connects to a store, however long that takes.
    fn connect(&self, target: &TargetKind, tables: &TableMap) -> store::Result<Box<dyn Store>> {
        let store = store::open(target, &self.open_options(Duration::MAX, tables))?;
        self.tell_location(target, &store.location());
        Ok(store)
    }

    /// Prints where a connection led, if asked to say more and if the address did not say it.
    fn tell_location(&self, target: &TargetKind, location: &str) {
        if location != target.to_string() {
            self.ui.detail(format_args!("connected to {location}"));
        }
    }

    /// Variables of libpq fill an address and are none, so that a command here never goes to a
    /// database that was meant for another program; but who set them may expect it.
    fn hint_at_variables(&self) {
        let set = |name: &&&str| env::var_os(name).is_some_and(|value| !value.is_empty());
        if let Some(name) = ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"]
            .iter()
            .find(set)
        {
            self.ui.hint(format_args!(
                "{name} is set and no database is named, so this is the embedded store; \
                 --database postgresql:// takes what the PG variables say"
            ));
        }
    }

    /// Returns the user, for the history and for others who wait: `user@host`.
    pub fn actor(&self) -> String {
        let user = ["USER", "LOGNAME", "USERNAME"]
            .into_iter()
            .find_map(|name| env::var(name).ok());
        let user = user.or_else(|| whoami::username().ok());
        let host = whoami::hostname().ok();
        format!(
            "{}@{}",
            user.as_deref().unwrap_or("unknown"),
            host.as_deref().unwrap_or("unknown")
        )
    }

    /// Returns how to open a store, as the options say. Connecting takes no longer than
    /// `patience`, even if the options allow more.
    fn open_options(&self, patience: Duration, tables: &TableMap) -> OpenOptions {
        let statement_timeout = self.options.statement_timeout.map(Duration::from_secs);
        OpenOptions {
            allow_plaintext: self.options.allow_plaintext,
            actor: self.actor(),
            connect_timeout: self.options.connect_timeout.map(Duration::from_secs),
            patience,
            read_timeout: statement_timeout.unwrap_or(READ_TIMEOUT),
            write_timeout: statement_timeout.unwrap_or(WRITE_TIMEOUT),
            lock_timeout: LOCK_TIMEOUT,
            interrupt: self.interrupt.clone(),
            watcher: connecting::watcher(self.ui),
            tables: tables.clone(),
            locale: tables.locale(),
        }
    }
}

/// Reads a post's id from an argument.
fn post_id(text: &str) -> Result<PostId, String> {
    text.parse()
        .ok()
        .and_then(PostId::new)
        .ok_or_else(|| format!("ids are whole numbers from 1 to {}", PostId::MAX))
}
