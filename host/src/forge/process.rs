//! Running a language's own tools: what they say as they go, and the end of it
//! where they fail.

use std::{
    collections::VecDeque,
    ffi::OsStr,
    io::{self, BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use super::{BuildError, Step};

/// Most of a tool's output that is kept for the error. Answers "a macro that
/// fails in a loop fills memory".
const MAX_DIAGNOSTICS_BYTES: usize = 64 << 10;

/// Longest line that is read of a tool's output.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// A program that is asked nothing.
#[expect(clippy::disallowed_methods, reason = "the author asked for a build, and these programs are what builds")]
pub(super) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.stdin(Stdio::null());
    command
}

/// The program `name` of a source: of what the source brings (`beside`, folders
/// of its own), or else of this machine.
#[expect(clippy::disallowed_methods, reason = "where the author's own tools lie")]
pub(super) fn find(name: &str, beside: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let everywhere: Vec<PathBuf> = std::env::split_paths(&path).collect();
    beside.iter().chain(&everywhere).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// How a program ended.
struct Run {
    succeeded: bool,
    /// The end of what it said.
    diagnostics: String,
}

/// Runs a program whose output, all of it, is for people.
fn run(mut command: Command, progress: &mut dyn FnMut(Step)) -> io::Result<Run> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(io::Error::other("it has no pipes"));
    };
    let output = thread::spawn(move || {
        let mut kept = Tail::default();
        each_line(BufReader::new(stdout), |line| kept.push(line)).map(|()| kept.text())
    });
    let mut kept = Tail::default();
    each_line(BufReader::new(stderr), |line| {
        kept.push(line);
        progress(Step::Compiling(line.trim().to_owned()));
    })?;
    let output = output.join().map_err(|_| io::Error::other("its output"))??;
    let succeeded = child.wait()?.success();
    let diagnostics = [output, kept.text()].join("\n").trim().to_owned();
    Ok(Run { succeeded, diagnostics })
}

/// Runs a compiler on the source in `dir`. What it says is the reason if it fails.
pub(super) fn compile(
    name: &str,
    dir: &Path,
    command: Command,
    progress: &mut dyn FnMut(Step),
) -> Result<(), BuildError> {
    let run = run(command, progress).map_err(|error| BuildError::tool(name, &error))?;
    if run.succeeded {
        return Ok(());
    }
    Err(BuildError::Compile { path: dir.into(), diagnostics: run.diagnostics })
}

/// Every line of `from`, as text.
pub(super) fn each_line(mut from: impl BufRead, mut then: impl FnMut(&str)) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if from.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        then(String::from_utf8_lossy(&line).trim_end());
    }
}

/// The last lines of a long text.
#[derive(Default)]
pub(super) struct Tail {
    lines: VecDeque<String>,
    bytes: usize,
}

impl Tail {
    pub(super) fn push(&mut self, line: &str) {
        self.bytes += line.len();
        self.lines.push_back(line.to_owned());
        while self.bytes > MAX_DIAGNOSTICS_BYTES
            && let Some(first) = self.lines.pop_front()
        {
            self.bytes -= first.len();
        }
    }

    pub(super) fn text(self) -> String {
        Vec::from(self.lines).join("\n")
    }
}

/// A path below `dir`, if there is something.
pub(super) fn existing(dir: &Path, below: &str) -> Option<PathBuf> {
    Some(dir.join(below)).filter(|path| path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_flood_is_kept() {
        let mut tail = Tail::default();
        for number in 0..100_000 {
            tail.push(&format!("line {number}"));
        }
        let text = tail.text();
        assert!(text.len() <= 2 * MAX_DIAGNOSTICS_BYTES && text.ends_with("line 99999"));
    }

    #[test]
    fn what_a_source_brings_goes_before_what_the_machine_has() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("sh");
        assert_ne!(find("sh", &[folder.path().to_owned()]), Some(own.clone()));
        std::fs::write(&own, "").unwrap();
        assert_eq!(find("sh", &[folder.path().to_owned()]), Some(own));
        assert_eq!(find("no-such-program", &[]), None);
    }

    #[test]
    fn what_a_program_says_is_told_and_kept() {
        let mut command = program("sh");
        command.args(["-c", "echo made; echo line 7: wrong >&2; exit 3"]);
        let mut said = Vec::new();
        let run = run(command, &mut |step| said.push(step)).unwrap();
        assert!(!run.succeeded);
        assert_eq!(run.diagnostics, "made\nline 7: wrong");
        assert_eq!(said, [Step::Compiling("line 7: wrong".to_owned())]);
    }
}
