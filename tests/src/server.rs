//! A running `bulkhead serve`. It is ended by its own id when dropped.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    binary::bulkhead,
    client::{Client, Era},
    http::{Connection, Request, Response},
    lines::Lines,
    reasons,
    stdio::Pipe,
    wait_until,
};

/// A running server.
pub struct Server {
    child: Child,
    lines: Lines,
    address: Option<SocketAddr>,
}

impl Server {
    /// Serves `dir/mcp.yaml` over HTTP on a free port.
    pub fn start(dir: &Path, more: &[&str]) -> Self {
        let mut command = serve(dir);
        command.args(["--listen", "127.0.0.1:0"]).args(more);
        Self::listening(command)
    }

    /// Starts `command`, and waits until it listens and has looked at every plugin.
    pub fn listening(command: Command) -> Self {
        let server = Self::opening(command);
        server.lines.settle();
        server
    }

    /// Starts `command` and waits until it listens. On a busy machine, or for a
    /// download, it does so before it has looked at every plugin.
    pub fn opening(command: Command) -> Self {
        let mut server = Self::spawn(command);
        server.opens(|lines| lines.listening().is_some());
        server.address = server.lines.listening();
        server
    }

    fn opens(&mut self, sign: impl Fn(&Lines) -> bool) {
        let lines = self.lines.clone();
        wait_until("the server opens", || {
            assert!(self.is_running(), "the server ended: {lines}");
            sign(&lines)
        });
    }

    /// Serves `dir/mcp.yaml` over standard input and output.
    pub fn stdio(dir: &Path, more: &[&str]) -> (Self, Pipe) {
        let mut command = serve(dir);
        command.arg("--stdio").args(more).stdin(Stdio::piped());
        let mut server = Self::spawn(command);
        let (stdin, stdout): (ChildStdin, ChildStdout) =
            (server.child.stdin.take().expect("piped"), server.child.stdout.take().expect("piped"));
        let pipe = Pipe::new(stdin, stdout, server.lines.clone());
        server.opens(|lines| lines.have(&["standard input is read"]));
        server.lines.settle();
        (server, pipe)
    }

    /// Starts `command` and listens to what it says.
    pub fn spawn(mut command: Command) -> Self {
        reasons::watch();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let lines = Lines::default();
        lines.follow(child.stderr.take().expect("piped"));
        Self { child, lines, address: None }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address.or_else(|| self.lines.listening()).unwrap_or_else(|| panic!("it does not listen: {}", self.lines))
    }

    /// Waits until so many plugins are served: a busy machine opens its doors
    /// before they all are.
    pub fn loaded(self, plugins: usize) -> Self {
        let served =
            |line: &&String| line.contains("served") && (line.contains("plugin=") || line.contains("\"plugin\""));
        wait_until("all is served", || self.lines.all().iter().filter(served).count() >= plugins);
        self
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// A client over HTTP.
    pub fn client(&self, era: Era) -> Client {
        Client::http(self.address(), era, None)
    }

    /// A client over HTTP that holds a key.
    pub fn client_with_key(&self, era: Era, key: &str) -> Client {
        Client::http(self.address(), era, Some(key))
    }

    /// Sends one request on a connection of its own.
    pub fn exchange(&self, request: &Request) -> Response {
        let response = Connection::open(self.address()).and_then(|mut connection| connection.exchange(request));
        response.unwrap_or_else(|error| panic!("{request:?}: {error}; {}", self.lines))
    }

    /// What it said so far.
    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_none()
    }

    /// Asks it to end, as a service manager would.
    pub fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(pid.expect("a process id"), signal).expect("a signal");
    }

    /// Waits until a signal has ended it, and gives its number, and whether
    /// the memory was dumped.
    pub fn ended_by(&mut self, time: Duration) -> (i32, bool) {
        use std::os::unix::process::ExitStatusExt as _;
        self.ended_within(time);
        let status = self.child.wait().expect("its state");
        (status.signal().unwrap_or(0), status.core_dumped())
    }

    /// Waits until it has ended, and gives its exit code.
    pub fn ended_within(&mut self, time: Duration) -> i32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                return status.code().unwrap_or(-1);
            }
            assert!(began.elapsed() < time, "still running after {time:?}: {}", self.lines);
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("the server said:\n{}\nwhat failed:\n{}", self.lines.ending(), reasons::last());
        }
    }
}

/// The command that serves `dir/mcp.yaml`.
pub fn serve(dir: &Path) -> Command {
    let mut command = bulkhead();
    command.args(["serve", "--config", "mcp.yaml"]).current_dir(dir);
    command
}
