use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_base::{ByteSize, Operation, OperationKind, PluginName, Redacted, Span};
use bulkhead_net::{Dialler, Roots};
use bulkhead_package::{Json, Keypair, ManifestDraft, Package, Requests, Revocations, Trust, TrustedKey, pack, sign};
use bulkhead_policy::{
    Access, Allowance, GrantedPlugin, Grants, HostFolder, HttpRule, Instance, KvScope, Limits, Mount, MountAccess,
    Permit, Principal, Scheme, SecretRule, TcpRule, decide, grant,
};
use bulkhead_sandbox::{
    Ask, Call, CompiledPlugin, Engine, EngineOptions, Failure, Report, ReportSender, Services,
    answer::{CallContext, ClientCapabilities, Era, LogLevel, Outcome},
};
use bulkhead_state::{Holder, Kv, Partition, Store};
use tokio::runtime::Runtime;

use super::{HIDDEN, SECRET, folder::Folder, listeners::Listeners};

/// What one call may use up: little, so that its ends are met.
pub(super) const LIMITS: Limits = Limits {
    memory: ByteSize::mib(16),
    time: Span::millis(400),
    cpu: Span::millis(150),
    concurrency: 1,
    output: ByteSize::kib(256),
    log: ByteSize::kib(4),
    handles: 128,
    streams: 16,
    timers: 16,
    random: ByteSize::kib(4),
    headers: ByteSize::kib(4),
    requests: 8,
    transfer: ByteSize::kib(64),
    host_call: ByteSize::mib(1),
};

/// How long what a call had may take to be gone.
const GONE: Duration = Duration::from_secs(5);

/// Descriptors that the process may come to have besides, whatever is called:
/// connections of the store, the runtimes' own.
const BESIDES: usize = 8;

/// The name that the component is packed under.
const NAME: &str = "probe";

/// Everything that is made once: an engine, the plugin on it, and what it was
/// granted.
pub(super) struct Bench {
    runtime: Runtime,
    engine: Engine,
    plugin: Arc<CompiledPlugin>,
    permit: Permit,
    own: Kv,
    anothers: Kv,
    folder: Folder,
    descriptors: OnceLock<usize>,
    pub(super) token_in_base64: String,
    /// A variable of the process that everybody has.
    pub(super) path_of_programs: String,
    _listeners: Listeners,
}

/// What a call came to, and what it told meanwhile.
pub(super) struct Told {
    pub(super) answer: Result<Outcome, Failure>,
    pub(super) reports: Vec<Report>,
}

impl Bench {
    pub(super) fn get() -> &'static Self {
        static BENCH: OnceLock<Bench> = OnceLock::new();
        BENCH.get_or_init(Self::set_up)
    }

    fn set_up() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads");
        let (folder, listeners) = (Folder::lay_out(), Listeners::open());
        let store = Store::open(&folder.place().join("state.db")).expect("a store");
        let key = Keypair::generate().expect("a key");
        let partition = |holder: &str| Partition {
            publisher: key.public().id(),
            plugin: name(),
            holder: Holder::Principal(holder.into()),
        };
        let (own, anothers) = (store.kv(partition("me")), store.kv(partition("you")));
        runtime.block_on(anothers.set("theirs", HIDDEN.into())).expect("a value of another's");
        let services = Services {
            dialler: Dialler::new(Roots::public()).expect("roots"),
            store: Some(store),
            workspaces: None,
            io: runtime.handle().clone(),
        };
        let options = EngineOptions {
            max_instances: 2,
            guest_threads: 1,
            largest_memory: LIMITS.memory,
            ..EngineOptions::default()
        };
        let engine = Engine::new(options, services).expect("an engine");
        let plugin = engine.compile(granted(&key, &grants(&folder, &listeners)), name()).expect("the probe");
        Self {
            runtime,
            engine,
            plugin: Arc::new(plugin),
            permit: permit(),
            own,
            anothers,
            folder,
            descriptors: OnceLock::new(),
            token_in_base64: STANDARD.encode(SECRET),
            path_of_programs: programs(),
            _listeners: listeners,
        }
    }

    /// The folder of everything, as the host has it.
    pub(super) fn place(&self) -> &str {
        self.folder.place().to_str().expect("a plain path")
    }

    /// Has the probe follow a script.
    pub(super) fn call(&self, script: &[u8]) -> Told {
        let arguments = script.iter().map(|byte| char::from(*byte)).collect();
        let ask = Ask::Tool { name: "script".into(), arguments };
        let (sender, mut receiver) = ReportSender::channel();
        let call = Call { context: context(), ask };
        let answer = self.runtime.block_on(self.engine.invoke(&self.plugin, &self.permit, call, sender));
        Told { answer, reports: std::iter::from_fn(|| receiver.try_recv().ok()).collect() }
    }

    /// Nothing of the call is held any more: no descriptor that is counted, and
    /// none that the process has.
    pub(super) fn settles(&self) {
        let until = Instant::now() + GONE;
        loop {
            let (counted, open) = (self.plugin.descriptors(), open_descriptors());
            let before = *self.descriptors.get_or_init(|| open);
            if counted == 0 && open <= before + BESIDES {
                return;
            }
            assert!(
                Instant::now() < until,
                "the host still holds {counted} descriptors, of {open} now and {before} before"
            );
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Looks at what the call may not have touched, and puts back what it may have.
    pub(super) fn clear(&self) {
        self.folder.clear();
        self.runtime.block_on(async {
            let theirs = self.anothers.get("theirs").await.expect("the store works");
            assert_eq!(theirs.as_deref(), Some(HIDDEN.as_bytes()), "another caller's value was touched");
            for key in self.own.keys(None).await.expect("the store works").keys {
                self.own.delete(&key).await.expect("the store works");
            }
        });
    }
}

fn name() -> PluginName {
    NAME.parse().expect("a name")
}

#[expect(clippy::disallowed_methods, reason = "to know that no guest is told it")]
fn programs() -> String {
    std::env::var("PATH").expect("a path of programs")
}

fn open_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// One of everything that can be granted.
fn grants(folder: &Folder, listeners: &Listeners) -> Grants {
    let mount = |path: PathBuf, at: &str, access| Mount {
        host: HostFolder::Path(path),
        at: at.parse().expect("a guest path"),
        access,
        quota: Folder::QUOTA,
        inodes: Folder::INODES,
    };
    let host = || "127.0.0.1".parse().expect("an address");
    let http = |scheme| HttpRule {
        scheme,
        host: host(),
        port: listeners.http,
        methods: HttpRule::reading_methods(),
        paths: vec!["/open/*".parse().expect("a path")],
        allow_private: true,
    };
    let authority = format!("127.0.0.1:{}", listeners.http);
    let origin = format!("https://{authority}").parse().expect("an origin");
    let token = SecretRule::new("TOKEN", Redacted::new(SECRET.to_owned()), origin, "x-token", Vec::new());
    Grants {
        fs: vec![mount(folder.data(), "/data", MountAccess::Write), mount(folder.old(), "/old", MountAccess::Read)],
        http: vec![http(Scheme::Http), http(Scheme::Https)],
        tcp: vec![TcpRule { host: host(), port: listeners.tcp, allow_private: true }],
        env: BTreeMap::from([("UNITS".to_owned(), Redacted::new("metric".to_owned()))]),
        secrets: vec![token.expect("a secret")],
        kv: Some(KvScope::Principal),
        config: BTreeMap::from([
            ("authority".to_owned(), authority),
            ("port".to_owned(), listeners.tcp.to_string()),
            ("elsewhere".to_owned(), listeners.elsewhere.to_string()),
        ]),
        clock_fine: false,
        instance: Instance::Fresh,
        limits: LIMITS,
    }
}

/// The probe, which asks for all that there is, packed, signed and granted.
fn granted(key: &Keypair, grants: &Grants) -> GrantedPlugin {
    // Where the sandbox's own tests build it, and run.sh does.
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/guests/wasm32-wasip2/release/probe.wasm");
    let component = fs::read(&built).unwrap_or_else(|error| panic!("{}: {error}", built.display()));
    let tcp = &grants.tcp[0].port;
    let asks = format!(
        r#"{{"fs":[{{"at":"*","access":"write"}}],"http":[{{"host":"*"}}],"tcp":[{{"host":"*","port":{tcp}}}],
            "env":[{{"name":"UNITS"}}],"secrets":[{{"name":"TOKEN"}}],"kv":{{}},
            "config":[{{"key":"authority"}},{{"key":"port"}},{{"key":"elsewhere"}}]}}"#
    );
    let draft = ManifestDraft {
        name: name(),
        version: semver::Version::new(1, 0, 0),
        wit: "0.1.0".into(),
        description: "does what it is told".into(),
        publisher: "the tests".into(),
        requests: serde_json::from_str::<Requests>(&asks).expect("requests"),
        contract: Json::parse(r#"{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}"#).expect("a contract"),
    };
    let file = sign(&pack(&component, &draft).expect("a package"), key, false).expect("a signed one");
    let trusted = TrustedKey {
        id: "tests".into(),
        public: key.public().clone(),
        plugins: vec![NAME.parse().expect("a pattern")],
        not_after: None,
    };
    let trust = Trust::new(vec![trusted], Revocations::default());
    let package = Package::parse(file, None).expect("what was packed");
    grant(trust.verify(package, jiff::Timestamp::now()).expect("what was signed"), grants)
}

fn permit() -> Permit {
    let me = Principal::new("me".into(), Arc::new(Access::everything()), Allowance::default());
    let operation = Operation { kind: OperationKind::CallTool, plugin: name(), item: format!("{NAME}.script").into() };
    decide(&me, &operation).expect("everything is open to it")
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
        log_level: Some(LogLevel::Debug),
        progress: true,
        as_task: false,
        trace: None,
        root: None,
        sampling: None,
        answers: vec![],
        state: None,
        meta: None,
    }
}
