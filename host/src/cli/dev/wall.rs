//! What serves is another process than what builds: the one gives up what it
//! does not need, the starting of programs above all, and the other one builds
//! nothing but the sources that it was started with.

use bulkhead_policy::{GivenGrant, Grants};

use super::{bounds, home::Home, target::Target};
use crate::{
    cli::{
        exit::{Exit, Failure},
        terminal::{Terminal, Tone},
    },
    confine::{self, Needs},
    forge::Builder,
};

/// Starts the process that builds, and gives up what serving does not take. To
/// be called before any thread is started.
pub(super) fn raise(
    home: &Home,
    targets: &[Target],
    typed: &[GivenGrant],
    inspects: bool,
    terminal: &Terminal,
) -> Result<Builder, Failure> {
    let (mut sources, mut files) = (Vec::new(), Vec::new());
    for target in targets {
        match target {
            Target::Source(folder) => sources.push(folder.clone()),
            Target::Prebuilt(file) => files.push(file.clone()),
        }
    }
    let mut grants = Grants::default();
    typed.iter().for_each(|grant| grant.clone().add_to(&mut grants, home.project()));
    bounds::check(&grants, home, targets)?;
    let needs = Needs::for_dev(home.folder(), &sources, &files, &grants);
    let builder = Builder::start(sources, inspects)
        .map_err(|error| Failure::new(Exit::FAILED, format!("bulkhead cannot start itself, to build: {error}")))?;
    let report = confine::give_up(&needs);
    tracing::debug!("{report}");
    if !report.missing().is_empty() {
        let told = format!("what serves is less confined than it could be: {}", report.missing().join("; "));
        terminal.say(&terminal.paint(Tone::Faint, &told));
    }
    Ok(builder)
}
