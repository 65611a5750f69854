//! The two pipes of a server over stdio.

use std::{
    cell::RefCell,
    io::{BufRead as _, BufReader, Write as _},
    process::{ChildStdin, ChildStdout},
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use serde_json::Value;

use super::{PATIENCE, ledger::Ledger, lines::Lines};

/// A client's ends of the pipes.
pub struct Pipe {
    stdin: Option<ChildStdin>,
    lines: Receiver<Vec<u8>>,
    stderr: Lines,
    ledger: RefCell<Ledger>,
    tap: Arc<Mutex<()>>,
}

impl Pipe {
    pub(super) fn new(stdin: ChildStdin, stdout: ChildStdout, stderr: Lines) -> Self {
        let ((to, lines), tap) = (mpsc::channel(), Arc::<Mutex<()>>::default());
        let open = tap.clone();
        thread::spawn(move || {
            for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
                if to.send(line).is_err() {
                    return;
                }
                drop(open.lock());
            }
        });
        Self { stdin: Some(stdin), lines, stderr, ledger: RefCell::default(), tap }
    }

    /// While it is locked, no more than one further line is read.
    pub fn tap(&self) -> Arc<Mutex<()>> {
        self.tap.clone()
    }

    /// Writes one message.
    pub fn send(&mut self, message: &Value) {
        self.send_raw(format!("{message}\n").as_bytes());
    }

    /// Writes bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        for message in bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()) {
            self.ledger.get_mut().sent(&message);
        }
        let stdin = self.stdin.as_mut().expect("not closed");
        let written = stdin.write_all(bytes).and_then(|()| stdin.flush());
        written.unwrap_or_else(|error| panic!("{error}; {}", self.stderr));
    }

    /// Closes standard input.
    pub fn close(&mut self) {
        self.stdin = None;
    }

    /// The next message. Every line has to be one.
    pub fn receive(&self) -> Value {
        self.receive_within(PATIENCE).unwrap_or_else(|| panic!("nothing within {PATIENCE:?}; {}", self.stderr))
    }

    /// The next message, if one comes in time.
    pub fn receive_within(&self, time: Duration) -> Option<Value> {
        let line = match self.lines.recv_timeout(time) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => panic!("standard output ended; {}", self.stderr),
        };
        let message: Value = serde_json::from_slice(&line)
            .unwrap_or_else(|error| panic!("not a message ({error}): {:?}", String::from_utf8_lossy(&line)));
        self.ledger.borrow_mut().received(&message);
        Some(message)
    }

    /// The answer to `id`, and what came before it.
    pub fn answer_to(&self, id: &Value) -> (Value, Vec<Value>) {
        let mut before = Vec::new();
        loop {
            let message = self.receive();
            if message["id"] == *id && message.get("method").is_none() {
                return (message, before);
            }
            before.push(message);
        }
    }
}
