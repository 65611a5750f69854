//! A process under test, and what it costs.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{Failed, floor::Floor};

/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server, ended when this is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// `bulkhead serve` in `house`, as its README says.
    pub fn bulkhead(bulkhead: &Path, house: &Path) -> Result<Self, Failed> {
        let mut command = Command::new(bulkhead);
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(house.join("mcp.yaml"));
        Self::start(command)
    }

    /// What says where it listens.
    pub fn start(mut command: Command) -> Result<Self, Failed> {
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("no standard error")?).lines();
        let mut heard = Vec::new();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let address =
                line.split_once("listening on http://").and_then(|(_, rest)| rest.split('/').next()?.parse().ok());
            heard.push(line);
            address
        });
        // Whoever nobody listens to waits for room in the pipe.
        thread::spawn(move || lines.for_each(drop));
        match address {
            Some(address) => Ok(Self { child, address }),
            None => Err(format!("{command:?} does not listen:\n{}", heard.join("\n")).into()),
        }
    }

    /// One of the floors, which is this program.
    pub fn floor(floor: impl FnOnce(u16) -> Floor) -> Result<Self, Failed> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new(std::env::current_exe()?);
        let child = command.args(words(&floor(port))).stdin(Stdio::null()).stderr(Stdio::inherit()).spawn()?;
        let server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], port)) };
        let since = Instant::now();
        while TcpStream::connect(server.address).is_err() {
            if since.elapsed() > PATIENCE {
                return Err("a floor does not listen".into());
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(server)
    }

    /// Processor time it has had so far: its own, and the kernel's for it.
    pub fn cpu(&self) -> Result<Duration, Failed> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is a name, in which anything may stand.
        let fields: Vec<&str> = stat.rsplit_once(')').ok_or("no stat")?.1.split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
    }

    /// Memory of its own that is resident, in KiB.
    pub fn resident(&self) -> Result<f64, Failed> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How the floor is named on a command line.
pub fn words(floor: &Floor) -> Vec<String> {
    match floor {
        Floor::Echo { port } => vec!["echo".into(), port.to_string()],
        Floor::Thin { port } => vec!["thin".into(), port.to_string()],
        Floor::Static { port, file } => vec!["static".into(), port.to_string(), file.display().to_string()],
        Floor::Native { port } => vec!["native".into(), port.to_string()],
        Floor::NativeStdio => vec!["native-stdio".into()],
        Floor::Alone { component, millis } => vec!["alone".into(), component.display().to_string(), millis.to_string()],
    }
}
