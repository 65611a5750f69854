//! Follows sources, and builds what changed.

use std::{collections::BTreeSet, path::PathBuf};

use super::{target::Target, workshop::Workshop};
use crate::reload::{Lookout, Manner, Root};

/// Begins to look at the sources. To be called before they are built, so that
/// no save falls between.
pub(super) async fn begin(workshop: &Workshop) -> Lookout {
    Lookout::new(Manner::Auto, roots(workshop.targets())).await.for_sources()
}

/// Builds again on every save, until the house closes.
pub(super) async fn follow(mut workshop: Workshop, mut lookout: Lookout) {
    let closing = workshop.loader().house().closing.clone();
    loop {
        let changed = tokio::select! {
            () = closing.cancelled() => return,
            changed = lookout.next() => changed,
        };
        if changed.is_empty() {
            continue;
        }
        workshop.forget_gone();
        let touched = workshop.targets().iter().filter(|target| is_touched(target, &changed));
        let touched: Vec<Target> = touched.cloned().collect();
        for target in &touched {
            workshop.renew(target).await;
        }
        lookout.turn_to(roots(workshop.targets())).await;
    }
}

fn roots(targets: &[Target]) -> Vec<Root> {
    let root = |target: &Target| match target {
        Target::Source(dir) => Root::Tree(dir.clone()),
        Target::Prebuilt(file) => Root::File(file.clone()),
    };
    targets.iter().map(root).collect()
}

/// Whether somebody wrote to the target; building it writes `Cargo.lock`.
fn is_touched(target: &Target, changed: &BTreeSet<PathBuf>) -> bool {
    let written = changed.iter().filter(|path| path.file_name().is_none_or(|name| name != "Cargo.lock"));
    written.into_iter().any(|path| path.starts_with(target.path()))
}
