//! `bulkhead audit`: what the record says, and whether it holds.
//!
//! Reads files and nothing else: also while a server writes them, and on a
//! machine that has only a copy of the folder and the public key.

mod export;
mod tail;
mod unused;
mod verify;

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use bulkhead_audit::{AuditError, Filter};
use bulkhead_base::Span;

use super::{
    exit::{Exit, Failure},
    terminal::Terminal,
};
use crate::{config::Config, record};

/// Reads the record.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    pub what: What,
    /// The configuration that says where the record lies.
    #[arg(long, global = true, value_name = "FILE", default_value = "mcp.yaml")]
    pub config: PathBuf,
    /// The folder of the record, without a configuration.
    #[arg(long, global = true, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// What of it.
#[derive(Debug, clap::Subcommand)]
pub enum What {
    Verify(verify::Args),
    Tail(tail::Args),
    Export(export::Args),
    Unused(unused::Args),
}

/// Runs the verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(args: Args, terminal: &Terminal) -> Result<(), Failure> {
    let place = Place { config: args.config, dir: args.dir };
    match args.what {
        What::Verify(args) => verify::run(&args, &place, terminal),
        What::Tail(args) => tail::run(&args, &place, terminal),
        What::Export(args) => export::run(&args, &place),
        What::Unused(args) => unused::run(&args, &place, terminal),
    }
}

/// Where the record lies.
struct Place {
    config: PathBuf,
    dir: Option<PathBuf>,
}

impl Place {
    fn config(&self) -> Result<Config, Failure> {
        Ok(Config::load(&self.config)?)
    }

    /// The folders of the record, one for each server that wrote beside others.
    fn folders(&self) -> Result<Vec<PathBuf>, Failure> {
        let dir = match &self.dir {
            Some(dir) => dir.clone(),
            None => self.config()?.audit.dir,
        };
        let folders = record::folders(&dir);
        if folders.iter().any(|folder| folder.is_dir()) { Ok(folders) } else { Err(no_record(&dir)) }
    }
}

fn no_record(dir: &Path) -> Failure {
    let text =
        format!("{}: there is no record; is audit.mode in mcp.yaml off, or did no server start yet?", dir.display());
    Failure::new(Exit::FAILED, text)
}

/// What cannot be read.
fn unread(error: AuditError) -> Failure {
    Failure::from_error(Exit::FAILED, &error)
}

/// Which entries are wanted.
#[derive(Debug, clap::Args)]
pub struct Wanted {
    /// From this time on: a time (2027-01-31T12:00:00Z), or how long ago (30d).
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub since: Option<SystemTime>,
    /// Before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub until: Option<SystemTime>,
    /// start, stop, intent, said, heard, outcome, decision, alert or change.
    #[arg(long)]
    pub kind: Option<String>,
    /// One call, by its id: `recordId` in the guide's metadata.
    #[arg(long, value_name = "ID")]
    pub call: Option<String>,
    /// Whose.
    #[arg(long, value_name = "NAME")]
    pub principal: Option<String>,
    /// Of one plugin.
    #[arg(long, value_name = "NAME")]
    pub plugin: Option<String>,
    /// Of one tool, prompt or resource.
    #[arg(long, value_name = "NAME")]
    pub item: Option<String>,
}

impl From<&Wanted> for Filter {
    fn from(wanted: &Wanted) -> Self {
        let Wanted { since, until, kind, call, principal, plugin, item } = wanted;
        Self {
            since: *since,
            until: *until,
            kind: kind.clone(),
            call: call.clone(),
            principal: principal.clone(),
            plugin: plugin.clone(),
            item: item.clone(),
        }
    }
}

/// A time, or how long ago it was.
fn time(text: &str) -> Result<SystemTime, String> {
    if let Ok(ago) = text.parse::<Span>() {
        return before(SystemTime::now(), ago.duration()).ok_or_else(|| format!("{text:?} is before all time"));
    }
    let at: jiff::Timestamp =
        text.parse().map_err(|_| format!("{text:?}: expected a time such as 2027-01-31T12:00:00Z, or 30d"))?;
    let since_epoch = u64::try_from(at.as_microsecond()).map_err(|_| format!("{text:?} is before 1970"))?;
    Ok(SystemTime::UNIX_EPOCH + Duration::from_micros(since_epoch))
}

fn before(now: SystemTime, ago: Duration) -> Option<SystemTime> {
    now.checked_sub(ago)
}
