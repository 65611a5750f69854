//! One caller over standard input and output.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{Failed, load::Question};

pub struct Pipe {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Pipe {
    pub fn start(command: &mut Command) -> Result<Self, Failed> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        Ok(Self { child, input, output })
    }

    /// One question and its answer.
    pub fn ask(&mut self, question: &Question) -> Result<Duration, Failed> {
        let mut line = String::new();
        let asked = Instant::now();
        self.input.write_all(&question.body)?;
        self.input.write_all(b"\n")?;
        self.output.read_line(&mut line)?;
        let took = asked.elapsed();
        if line.contains(&question.expect) { Ok(took) } else { Err(format!("no answer: {line:?}").into()) }
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
