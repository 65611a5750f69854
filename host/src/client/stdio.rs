//! Over the standard streams of a server that is started for it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio as Pipes},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{ClientError, Hear, MAX_MESSAGE_BYTES, METHOD_NOT_FOUND, Outgoing, answers, message};

/// How long a server may take to end once its input is closed.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked whether it has.
const LOOK: Duration = Duration::from_millis(10);

/// A server that runs for this conversation alone.
pub(super) struct Stdio {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Stdio {
    pub(super) fn spawn(config: &Path, verbose: u8) -> Result<Self, ClientError> {
        let failed = |why: String| ClientError::Unreachable { to: config.display().to_string(), why };
        let binary = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
        #[expect(clippy::disallowed_methods, reason = "this very binary, with arguments of the person at the terminal")]
        let mut command = Command::new(binary);
        command.args(["serve", "--stdio", "--config"]).arg(config);
        match verbose {
            0 => command.arg("--quiet"),
            _ => command.arg("--verbose"),
        };
        let mut child =
            command.stdin(Pipes::piped()).stdout(Pipes::piped()).spawn().map_err(|error| failed(error.to_string()))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = output.ok_or_else(|| failed("no standard output".to_owned()))?;
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    pub(super) fn exchange(
        &mut self,
        outgoing: &Outgoing<'_>,
        hear: &mut Hear<'_>,
    ) -> Result<Option<Value>, ClientError> {
        self.send(&outgoing.body)?;
        if outgoing.id.is_none() {
            return Ok(None);
        }
        loop {
            let message = self.receive()?;
            if answers(&message, outgoing.id) {
                return Ok(Some(message));
            }
            match (message.get("method"), message.get("id")) {
                (Some(_), Some(id)) => self.decline(id)?,
                _ => hear(&message),
            }
        }
    }

    /// Nothing was declared, so nothing can be asked.
    fn decline(&mut self, id: &Value) -> Result<(), ClientError> {
        let error = json!({"code": METHOD_NOT_FOUND, "message": "method not found"});
        self.send(&json!({"jsonrpc": "2.0", "id": id, "error": error}).to_string())
    }

    fn send(&mut self, body: &str) -> Result<(), ClientError> {
        let written =
            self.input.as_mut().is_some_and(|input| writeln!(input, "{body}").and_then(|()| input.flush()).is_ok());
        if written { Ok(()) } else { Err(self.ended()) }
    }

    fn receive(&mut self) -> Result<Value, ClientError> {
        let mut line = Vec::new();
        let limit = MAX_MESSAGE_BYTES as u64;
        let read = (&mut self.output).take(limit).read_until(b'\n', &mut line);
        match read {
            Ok(0) | Err(_) => Err(self.ended()),
            Ok(_) if !line.ends_with(b"\n") && line.len() == MAX_MESSAGE_BYTES => {
                Err(ClientError::Protocol(format!("a message larger than {MAX_MESSAGE_BYTES} bytes")))
            }
            Ok(_) => message(&line),
        }
    }

    /// Why there is nobody at the other end any more. What went wrong is on
    /// standard error already.
    fn ended(&mut self) -> ClientError {
        self.input = None;
        let status = self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        ClientError::Ended(status)
    }
}

impl Drop for Stdio {
    fn drop(&mut self) {
        self.input = None;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.child.try_wait() {
                Ok(None) => thread::sleep(LOOK),
                Ok(Some(_)) | Err(_) => return,
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
