//! A fresh instance and one call of it, inside the sandbox room, beside wasmtime
//! alone: in process, without HTTP and JSON-RPC.
//!
//! What is compared is processor time of all threads of the room: those that guests
//! run on, and the one that hands calls to it, as in a server, and is lent to
//! guests where calls come one at a time.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use bulkhead_base::{Operation, OperationKind};
use bulkhead_net::{Dialler, Roots};
use bulkhead_package::{Keypair, Package, Revocations, Trust, TrustedKey};
use bulkhead_policy::{Access, Allowance, Grants, Permit, Principal, decide, grant};
use bulkhead_sandbox::{
    Ask, Call, CompiledPlugin, Engine, EngineOptions, ReportSender, Services,
    answer::{CallContext, ClientCapabilities, Era},
};
use tokio::runtime::Runtime;

use super::time;
use crate::{
    Args, Failed,
    floor::{ARGUMENTS, Bare, Floor, spent_by},
    house::Built,
    server::words,
    table::{Figure, Goal, against, heading, row},
};

/// Worker processes beside one another, as many as the machine has cores.
const WORKERS: usize = 2;

/// What the threads are called that guests run on, and that hand calls to the room.
const GUEST: &str = "guest";
const WORKER: &str = "tokio-rt-worker";

/// Calls handed over at a time, so that the room never waits for one.
const IN_FLIGHT: usize = 8;

pub fn measure(args: &Args) -> Result<(), Failed> {
    let built = Built::new(args)?;
    let bare = Bare::new(built.component())?;
    let rooms = [Room::new(&built, 1)?, Room::new(&built, 2)?];
    let component = args.folder.join("add.component.wasm");
    fs::write(&component, built.component())?;
    let mut workers = Figure::default();
    let mut floors = [Figure::default(), Figure::default()];
    let mut ours = [Figure::default(), Figure::default()];
    for _ in 0..args.rounds {
        for (at, room) in rooms.iter().enumerate() {
            floors[at].take(bare.cost(at + 1, time(args))?);
            ours[at].take(room.cost(time(args))?);
        }
        workers.take(processes(&component, time(args))?);
    }
    heading(
        &format!("A fresh instance and one call of {}, in process, ns of processor time", built.told()),
        &["threads", "wasmtime alone", "the sandbox", "of wasmtime", "goal"],
    );
    for at in 0..rooms.len() {
        let goal = (at == 0).then_some(Goal::AtMost(1.15));
        let [ratio, goal] = against(ours[at].median() / floors[at].median(), goal);
        row(&[(at + 1).to_string(), floors[at].to_string(), ours[at].to_string(), ratio, goal]);
    }
    row(&["two processes of one".into(), workers.to_string(), String::new(), String::new(), String::new()]);
    let share = |figures: &[Figure; 2]| figures[0].median() / figures[1].median();
    let [ratio, goal] = against(share(&ours) / share(&floors), Some(Goal::AtLeast(0.95)));
    row(&["two, of one".into(), format!("{:.2}", share(&floors)), format!("{:.2}", share(&ours)), ratio, goal]);
    Ok(())
}

/// Nanoseconds of a thread for each call in worker processes, [`WORKERS`] at once.
fn processes(component: &Path, time: Duration) -> Result<f64, Failed> {
    let millis = u64::try_from(time.as_millis())?;
    let start = || {
        let alone = Floor::Alone { component: component.to_owned(), millis };
        let mut worker = Command::new(std::env::current_exe()?);
        worker.args(words(&alone)).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()
    };
    let running = (0..WORKERS).map(|_| start()).collect::<Result<Vec<_>, _>>()?;
    let mut sum = 0.0;
    for worker in running {
        let told = worker.wait_with_output()?;
        sum += String::from_utf8(told.stdout)?.trim().parse::<f64>()?;
    }
    Ok(sum / WORKERS as f64)
}

/// An engine with one plugin.
struct Room {
    runtime: Runtime,
    engine: Arc<Engine>,
    plugin: Arc<CompiledPlugin>,
    permit: Arc<Permit>,
    /// Its threads.
    threads: Vec<String>,
}

impl Room {
    fn new(built: &Built, threads: usize) -> Result<Self, Failed> {
        let (guests, workers) = (threads_named(GUEST)?, threads_named(WORKER)?);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let services = Services {
            dialler: Dialler::new(Roots::public())?,
            store: None,
            workspaces: None,
            io: runtime.handle().clone(),
        };
        let options = EngineOptions { guest_threads: threads, ..EngineOptions::default() };
        let engine = Engine::new(options, services)?;
        let threads = [begun_since(GUEST, &guests, threads)?, begun_since(WORKER, &workers, 1)?].concat();
        let key = Keypair::generate()?;
        let trusted = TrustedKey {
            id: "bench".into(),
            public: key.public().clone(),
            plugins: vec!["add".parse()?],
            not_after: None,
        };
        let trust = Trust::new(vec![trusted], Revocations::default());
        let package = Package::parse(built.named("add", &key)?, None)?;
        let plugin = trust.verify(package, jiff::Timestamp::now())?;
        let plugin = Arc::new(engine.compile(grant(plugin, &Grants::default()), "add".parse()?)?);
        let principal = Principal::new("bench".into(), Arc::new(Access::everything()), Allowance::default());
        let operation = Operation { kind: OperationKind::CallTool, plugin: "add".parse()?, item: "add.add".into() };
        let permit = Arc::new(decide(&principal, &operation).map_err(|_| "the tool is not open")?);
        Ok(Self { runtime, engine: Arc::new(engine), plugin, permit, threads })
    }

    /// Nanoseconds of its threads for each call.
    fn cost(&self, time: Duration) -> Result<f64, Failed> {
        self.run(time / 5)?;
        let before = self.spent()?;
        let calls = self.run(time)?;
        Ok((self.spent()? - before) / calls as f64)
    }

    fn spent(&self) -> Result<f64, Failed> {
        self.threads.iter().map(|thread| spent_by(thread)).sum()
    }

    fn run(&self, time: Duration) -> Result<usize, Failed> {
        let end = Instant::now() + time;
        self.runtime.block_on(async {
            let callers: Vec<_> = (0..IN_FLIGHT)
                .map(|_| {
                    let (engine, plugin, permit) = (self.engine.clone(), self.plugin.clone(), self.permit.clone());
                    tokio::spawn(async move {
                        let mut calls = 0;
                        while Instant::now() < end {
                            let ask = Ask::Tool { name: "add".into(), arguments: ARGUMENTS.into() };
                            let call = Call { context: context(), ask };
                            engine.invoke(&plugin, &permit, call, ReportSender::nobody()).await?;
                            calls += 1;
                        }
                        Ok::<usize, bulkhead_sandbox::Failure>(calls)
                    })
                })
                .collect();
            let mut calls = 0;
            for caller in callers {
                calls += caller.await??;
            }
            Ok(calls)
        })
    }
}

/// The threads of this name, once so many more than `before` are there.
fn begun_since(name: &str, before: &[String], threads: usize) -> Result<Vec<String>, Failed> {
    loop {
        let mut all = threads_named(name)?;
        all.retain(|thread| !before.contains(thread));
        if all.len() >= threads {
            return Ok(all);
        }
        thread::yield_now();
    }
}

fn threads_named(name: &str) -> Result<Vec<String>, Failed> {
    let mut found = Vec::new();
    for thread in fs::read_dir("/proc/self/task")? {
        let thread = thread?;
        if fs::read_to_string(thread.path().join("comm"))?.trim() == name {
            found.push(thread.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(found)
}

fn context() -> CallContext {
    CallContext {
        call_id: "0".repeat(24),
        era: Era::Modern,
        protocol_version: "2026-07-28".into(),
        client: ClientCapabilities {
            elicitation_form: false,
            elicitation_url: false,
            sampling: false,
            sampling_tools: false,
            roots: false,
            tasks: false,
        },
        log_level: None,
        progress: false,
        as_task: false,
        trace: None,
        root: None,
        sampling: None,
        answers: vec![],
        state: None,
        meta: None,
    }
}
