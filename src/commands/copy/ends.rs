//! The two stores of a copy: their addresses, and the names of their tables.

use std::time::Duration;

use anyhow::Result;

use super::Args;
use crate::command_error::CommandError;
use crate::commands::Context;
use crate::project::{Project, TargetKind};
use crate::store::{self, LOCK_TIMEOUT, OpenOptions, Store};
use crate::tables::TableMap;

/// The two stores.
pub(super) struct Ends {
    source: TargetKind,
    target: TargetKind,
    /// The names of the source's tables.
    pub source_tables: TableMap,
    /// The names of the target's tables.
    pub target_tables: TableMap,
}

impl Ends {
    /// Takes the addresses from the options. `[tables]` names the tables of the project's database,
    /// so that it counts for the address that is the same.
    pub fn find(args: &Args, context: &Context, project: &Project) -> Result<Self> {
        let source = project.address(&args.from, &context.cwd, "--from")?;
        let target = project.address(&args.to, &context.cwd, "--to")?;
        if source.is_same_store(&target) {
            return Err(same_store(&source.to_string()).into());
        }
        let tables = &project.config.tables;
        let mut own = TableMap::default();
        if let Some(locales) = tables.locales() {
            own.with_translations(locales.clone());
        }
        let mut ends = Self {
            source,
            target,
            source_tables: own.clone(),
            target_tables: own,
        };
        if tables.is_adopted() {
            let of_project = context.target(project)?.kind;
            if ends.source.is_same_store(&of_project) {
                ends.source_tables = tables.clone();
            } else if ends.target.is_same_store(&of_project) {
                ends.target_tables = tables.clone();
            } else {
                context.ui.hint(format_args!(
                    "[tables] in blogctl.toml is not used: neither address is that of the \
                     project's database, {of_project}"
                ));
            }
        }
        Ok(ends)
    }

    /// Connects to the source.
    pub fn open_source(&self, context: &Context) -> Result<Box<dyn Store>> {
        open(context, &self.source, &self.source_tables, LOCK_TIMEOUT)
    }

    /// Connects to the target, to wait for locks no longer than `lock_timeout`.
    pub fn open_target(&self, context: &Context, lock_timeout: Duration) -> Result<Box<dyn Store>> {
        open(context, &self.target, &self.target_tables, lock_timeout)
    }
}

fn same_store(location: &str) -> CommandError {
    CommandError::usage(format!("--from and --to are the same store: {location}"))
        .help("name another database in one of them")
}

fn open(
    context: &Context,
    kind: &TargetKind,
    tables: &TableMap,
    lock_timeout: Duration,
) -> Result<Box<dyn Store>> {
    let options = OpenOptions {
        lock_timeout,
        ..context.open_options(Duration::MAX, tables)
    };
    let store = store::open(kind, &options)?;
    context.tell_location(kind, &store.location());
    Ok(store)
}
