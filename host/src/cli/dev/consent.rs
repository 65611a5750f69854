//! Building runs other people's build scripts: that is said, and asked about.

use super::{Args, Home, target::Target};
use crate::cli::{
    exit::Failure,
    terminal::{Terminal, Tone},
};

/// The targets that may be built: those of the project, and those that were agreed to.
pub(super) fn ask(targets: Vec<Target>, home: &Home, args: &Args, terminal: &Terminal) -> Result<Vec<Target>, Failure> {
    if targets.iter().any(|target| matches!(target, Target::Source(_))) {
        let told = "development mode: building runs the sources' build scripts as you, in a process that is not confined; what is built is signed by a key that only this command trusts";
        terminal.say(&terminal.paint(Tone::Faint, told));
    }
    let mut agreed = Vec::new();
    for target in targets {
        let foreign = matches!(target, Target::Source(_)) && !target.path().starts_with(home.project());
        if !foreign || args.yes || agrees(&target, terminal)? {
            agreed.push(target);
        } else {
            let why = "outside of the project, so building it has to be agreed to: add --yes";
            terminal.warn(&format!("{} is left out: {why}", target.path().display()));
        }
    }
    Ok(agreed)
}

fn agrees(target: &Target, terminal: &Terminal) -> Result<bool, Failure> {
    let question = format!("{} lies outside of the project. Run its build scripts as you?", target.path().display());
    terminal.confirm(&question)
}
