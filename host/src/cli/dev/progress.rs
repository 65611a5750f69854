//! What is being built: a moving line on a terminal, plain lines elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    cli::terminal::{Terminal, Tone},
    forge::Step,
};

/// The line about one build.
pub(super) struct Progress {
    terminal: Terminal,
    label: String,
    begun: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn begin(terminal: &Terminal, label: &str) -> Self {
        let bar = terminal.is_live().then(|| {
            let bar = ProgressBar::new_spinner().with_prefix(label.to_owned());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:.bold} {wide_msg:.dim}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        if bar.is_none() {
            terminal.say(&format!("{label}: building"));
        }
        Self { terminal: *terminal, label: label.to_owned(), begun: Instant::now(), bar }
    }

    pub(super) fn step(&self, step: &Step) {
        let Some(bar) = &self.bar else { return };
        bar.set_message(match step {
            Step::Compiling(line) => line.trim().to_owned(),
            Step::Describing => "asking it what it offers".to_owned(),
            Step::Packing => "packing and signing".to_owned(),
        });
    }

    pub(super) fn built(self, version: &semver::Version) {
        self.clear();
        let mark = self.terminal.paint(Tone::Good, "✔");
        let seconds = self.begun.elapsed().as_secs_f64();
        self.terminal.say(&format!("{mark} {} {version}: built in {seconds:.1} s", self.label));
    }

    pub(super) fn failed(self) {
        self.clear();
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
