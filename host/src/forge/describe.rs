//! Asking a component what it offers: in a child process, with nothing.

use std::{
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use bulkhead_package::{Json, component::surface, limits::MAX_MANIFEST_BYTES};
use bulkhead_sandbox::Author;

use super::{BuildError, Comments, foreign};

/// How long the child may take in all. The component itself has a second; the
/// rest is compiling it. Answers "a component that takes for ever to compile".
const PATIENCE: Duration = Duration::from_secs(120);

/// Most that is read of what the child complains about.
const MAX_COMPLAINT_BYTES: u64 = 4 << 10;

/// The contract that `component` tells. It runs in a child process with an
/// empty environment, which is killed if it takes too long. One that knows
/// nothing of Bulkhead does not run: its types say what it offers, and its
/// `comments` if they are wanted.
///
/// # Errors
/// It exports no contract, fails to tell it, or tells something else; or no
/// tools can be made of its types.
pub fn contract(component: &[u8], comments: Comments) -> Result<Json, BuildError> {
    Ok(Json::parse(&told(component, comments, Author::Stranger)?)?)
}

/// As the component tells it.
pub(super) fn told(component: &[u8], comments: Comments, author: Author) -> Result<String, BuildError> {
    let outside = surface(component)?;
    if outside.exports_interface("contract") {
        return ask(component, author).map_err(|error| BuildError::Describe(error.to_string()))?;
    }
    if outside.knows_bulkhead() {
        return Err(BuildError::NoContract);
    }
    Ok(foreign::contract(component, &outside, comments)?.as_str().to_owned())
}

/// This very program, even if its file was replaced since it was started: a
/// child of another version might tell another contract.
pub(super) fn own_program() -> io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if cfg!(target_os = "linux") && running.exists() { Ok(running.into()) } else { std::env::current_exe() }
}

#[expect(clippy::disallowed_methods, reason = "a stranger's component describes itself in a process of its own")]
fn child(author: Author) -> io::Result<Child> {
    Command::new(own_program()?)
        .arg("describe")
        .args((author == Author::Own).then_some("--own"))
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

fn ask(component: &[u8], author: Author) -> io::Result<Result<String, BuildError>> {
    let mut child =
        child(author).map_err(|error| io::Error::other(format!("bulkhead cannot start itself: {error}")))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else {
        return Err(io::Error::other("the child has no pipes"));
    };
    let (done, finished) = mpsc::channel();
    let answer = thread::scope(|scope| {
        scope.spawn(move || {
            // A child that stops reading has said why on its other pipes.
            let _ = stdin.write_all(component);
        });
        let complaint = scope.spawn(move || read_capped(stderr, MAX_COMPLAINT_BYTES));
        let told = scope.spawn(move || {
            let told = read_capped(stdout, MAX_MANIFEST_BYTES as u64);
            let _ = done.send(());
            told
        });
        if finished.recv_timeout(PATIENCE).is_err() {
            child.kill()?;
        }
        let told = told.join().map_err(|_| io::Error::other("its answer"))??;
        let complaint = complaint.join().map_err(|_| io::Error::other("its complaint"))??;
        Ok::<_, io::Error>((told, complaint))
    });
    let (told, complaint) = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let _ = child.kill();
            let _ = child.wait();
            return Err(error);
        }
    };
    if child.wait()?.success() {
        return Ok(Ok(told));
    }
    let complaint = complaint.trim().trim_start_matches("error: ").to_owned();
    let complaint = if complaint.is_empty() { format!("no answer within {} s", PATIENCE.as_secs()) } else { complaint };
    Ok(Err(BuildError::Describe(bulkhead_package::display::safe(&complaint).into_owned())))
}

/// All of a pipe, of which more than `most` bytes are an error.
fn read_capped(pipe: impl io::Read, most: u64) -> io::Result<String> {
    let mut text = Vec::new();
    let mut pipe = pipe.take(most + 1);
    pipe.read_to_end(&mut text)?;
    if text.len() as u64 > most {
        return Err(io::Error::other(format!("longer than {most} bytes")));
    }
    String::from_utf8(text).map_err(|_| io::Error::other("not UTF-8"))
}
