//! `wasi:cli/{stdin,stdout,stderr,terminal-*}`: input is at its end, output
//! becomes lines of the server's log.
//!
//! **Invariant:** nothing that a guest prints reaches the process's own
//! standard output: that may be carrying a client's frames.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use wasmtime::{
    Result,
    component::{HasSelf, Linker, Resource},
};
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, OutputStream, Pollable, StreamError, StreamResult,
    bindings::cli::{
        stderr, stdin, stdout, terminal_input, terminal_output, terminal_stderr, terminal_stdin, terminal_stdout,
    },
    pipe::ClosedInputStream,
};

use crate::{
    Printed, Report, Source,
    state::{CallState, Holding, Shared},
    undefended::{Defence, switched_off},
};

/// Longest line that is passed on in one piece.
const LINE_BYTES: usize = 4 << 10;

/// Bytes that a guest may hand over in one write.
const WRITE_BYTES: usize = 64 << 10;

type This = HasSelf<CallState>;

/// Links standard streams and terminals.
pub(crate) fn link(l: &mut Linker<CallState>) -> Result<()> {
    stdin::add_to_linker::<_, This>(l, |call| call)?;
    stdout::add_to_linker::<_, This>(l, |call| call)?;
    stderr::add_to_linker::<_, This>(l, |call| call)?;
    terminal_input::add_to_linker::<_, This>(l, |call| call)?;
    terminal_output::add_to_linker::<_, This>(l, |call| call)?;
    terminal_stdin::add_to_linker::<_, This>(l, |call| call)?;
    terminal_stdout::add_to_linker::<_, This>(l, |call| call)?;
    terminal_stderr::add_to_linker::<_, This>(l, |call| call)
}

/// Both outputs of one call, and what was printed without a line end so far.
#[derive(Clone)]
pub(crate) struct Prints(Arc<Mutex<Both>>);

struct Both {
    shared: Arc<Shared>,
    lines: [Vec<u8>; 2],
}

impl Prints {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(Arc::new(Mutex::new(Both { shared, lines: Default::default() })))
    }

    fn write(&self, source: Source, bytes: &[u8]) {
        if switched_off(Defence::Stdout) {
            use std::io::Write as _;
            let _ = std::io::stdout().write_all(bytes).and_then(|()| std::io::stdout().flush());
        }
        self.both().write(source, bytes);
    }

    /// Tells what was printed without a line end, last words of a panic among it.
    pub(crate) fn end(&self) {
        self.both().end();
    }

    fn both(&self) -> MutexGuard<'_, Both> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Both {
    fn write(&mut self, source: Source, bytes: &[u8]) {
        let fits = self.shared.words.take_up_to(bytes.len());
        for byte in &bytes[..fits] {
            let line = &mut self.lines[source as usize];
            if *byte != b'\n' {
                line.push(*byte);
            }
            if *byte == b'\n' || line.len() >= LINE_BYTES {
                self.flush(source);
            }
        }
    }

    fn flush(&mut self, source: Source) {
        let line = std::mem::take(&mut self.lines[source as usize]);
        if !line.is_empty() {
            let line = String::from_utf8_lossy(&line).into_owned();
            self.shared.witness.reports().tell(Report::Printed(Printed { source, line }));
        }
    }

    fn end(&mut self) {
        self.flush(Source::Stdout);
        self.flush(Source::Stderr);
    }
}

impl Drop for Both {
    /// Of a call that was stopped from outside.
    fn drop(&mut self) {
        self.end();
    }
}

/// One open output.
struct Output {
    prints: Prints,
    source: Source,
    _holding: Holding,
}

#[async_trait]
impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if bytes.len() > WRITE_BYTES {
            return Err(StreamError::trap("more was written than was permitted"));
        }
        self.prints.write(self.source, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES)
    }
}

#[async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl CallState {
    fn output(&mut self, source: Source) -> Result<Resource<DynOutputStream>> {
        let holding = self.hold_stream()?;
        let prints = self.prints();
        let output: DynOutputStream = Box::new(Output { prints, source, _holding: holding });
        Ok(self.table.push(output)?)
    }
}

impl stdin::Host for CallState {
    fn get_stdin(&mut self) -> Result<Resource<DynInputStream>> {
        let input: DynInputStream = Box::new(ClosedInputStream);
        Ok(self.table.push(input)?)
    }
}

impl stdout::Host for CallState {
    fn get_stdout(&mut self) -> Result<Resource<DynOutputStream>> {
        self.output(Source::Stdout)
    }
}

impl stderr::Host for CallState {
    fn get_stderr(&mut self) -> Result<Resource<DynOutputStream>> {
        self.output(Source::Stderr)
    }
}

impl terminal_input::Host for CallState {}
impl terminal_input::HostTerminalInput for CallState {
    fn drop(&mut self, terminal: Resource<terminal_input::TerminalInput>) -> Result<()> {
        self.table.delete(terminal)?;
        Ok(())
    }
}

impl terminal_output::Host for CallState {}
impl terminal_output::HostTerminalOutput for CallState {
    fn drop(&mut self, terminal: Resource<terminal_output::TerminalOutput>) -> Result<()> {
        self.table.delete(terminal)?;
        Ok(())
    }
}

impl terminal_stdin::Host for CallState {
    fn get_terminal_stdin(&mut self) -> Result<Option<Resource<terminal_input::TerminalInput>>> {
        Ok(None)
    }
}

impl terminal_stdout::Host for CallState {
    fn get_terminal_stdout(&mut self) -> Result<Option<Resource<terminal_output::TerminalOutput>>> {
        Ok(None)
    }
}

impl terminal_stderr::Host for CallState {
    fn get_terminal_stderr(&mut self) -> Result<Option<Resource<terminal_output::TerminalOutput>>> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_base::ByteSize;
    use bulkhead_policy::Limits;

    use super::*;
    use crate::{ReportSender, grounds::Grounds};

    fn shared(reports: ReportSender, bytes: u64) -> Arc<Shared> {
        Shared::for_test(Grounds::bare(Limits { log: ByteSize::bytes(bytes), ..Limits::default() }), reports)
    }

    fn printed(told: &mut crate::ReportReceiver) -> Vec<String> {
        std::iter::from_fn(|| told.try_recv().ok())
            .map(|report| match report {
                Report::Printed(Printed { line, .. }) => line,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn lines_come_whole_and_the_last_one_too() {
        let (reports, mut told) = ReportSender::channel();
        let prints = Prints::new(shared(reports, 1000));
        prints.write(Source::Stdout, b"one\ntw");
        prints.write(Source::Stderr, b"panicked");
        prints.write(Source::Stdout, b"o\n\n");
        drop(prints);
        assert_eq!(printed(&mut told), ["one", "two", "panicked"]);
    }

    #[test]
    fn a_flood_is_cut() {
        let (reports, mut told) = ReportSender::channel();
        let prints = Prints::new(shared(reports, 10));
        prints.write(Source::Stdout, &[b'x'; 100_000]);
        prints.write(Source::Stdout, b"\nmore\n");
        drop(prints);
        assert_eq!(printed(&mut told), ["x".repeat(10)]);
    }
}
