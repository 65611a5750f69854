//! Makes a granted plugin out of a component, and calls it.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bulkhead_base::{Operation, OperationKind};
use bulkhead_net::{Dialler, Roots};
use bulkhead_package::{Json, Keypair, ManifestDraft, Package, Requests, Revocations, Trust, TrustedKey, pack, sign};
use bulkhead_policy::{Access, Allowance, GrantedPlugin, Grants, LimitOverrides, Permit, Principal, decide, grant};
use bulkhead_sandbox::{
    Ask, Call, CompiledPlugin, Denial, Engine, EngineOptions, Failure, Report, ReportReceiver, ReportSender, Services,
    answer::{CallContext, ClientCapabilities, Content, Era, Error, LogLevel, Outcome, ToolReply},
};

/// The component in `tests/probe`, built once.
#[expect(clippy::disallowed_methods, reason = "builds the guest from source")]
pub(crate) fn probe() -> &'static [u8] {
    static PROBE: OnceLock<Vec<u8>> = OnceLock::new();
    PROBE.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target = here.join("../../../target/guests");
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--release", "--target", "wasm32-wasip2", "--manifest-path"])
            .arg(here.join("tests/probe/Cargo.toml"))
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .status()
            .unwrap();
        assert!(built.success(), "the probe does not build: is the target wasm32-wasip2 installed?");
        std::fs::read(target.join("wasm32-wasip2/release/probe.wasm")).unwrap()
    })
}

/// What the plugin asks for: everything that it may be given.
fn asks(grants: &Grants) -> Requests {
    let names = |names: Vec<&String>, key: &str| {
        let all: Vec<String> = names.into_iter().map(|name| format!(r#"{{"{key}":"{name}"}}"#)).collect();
        all.join(",")
    };
    let tcp: Vec<String> = grants.tcp.iter().map(|rule| format!(r#"{{"host":"*","port":{}}}"#, rule.port)).collect();
    let secrets: Vec<String> = grants.secrets.iter().map(|rule| format!(r#"{{"name":"{}"}}"#, rule.name())).collect();
    let text = format!(
        r#"{{"fs":[{{"at":"*","access":"write"}}],"http":[{{"host":"*"}}],"tcp":[{}],"env":[{}],"config":[{}],
            "secrets":[{}],"kv":{{}}}}"#,
        tcp.join(","),
        names(grants.env.keys().collect(), "name"),
        names(grants.config.keys().collect(), "key"),
        secrets.join(","),
    );
    serde_json::from_str(&text).unwrap()
}

/// `component`, packed, signed by a trusted key, verified, granted.
pub(crate) fn granted(component: &[u8], grants: &Grants) -> GrantedPlugin {
    let draft = ManifestDraft {
        name: "probe".parse().unwrap(),
        version: "1.0.0".parse().unwrap(),
        wit: "0.1.0".into(),
        description: "does what it is told".into(),
        publisher: "the tests".into(),
        requests: asks(grants),
        contract: Json::parse(
            r#"{"tools":[{"name":"echo","inputSchema":{"type":"object"}}],"prompts":[],"resources":[],"resourceTemplates":[],"schemes":[],"dynamicResources":false}"#,
        )
        .unwrap(),
    };
    let key = Keypair::generate().unwrap();
    let file = sign(&pack(component, &draft).unwrap(), &key, false).unwrap();
    let trusted = TrustedKey {
        id: "tests".into(),
        public: key.public().clone(),
        plugins: vec!["probe".parse().unwrap()],
        not_after: None,
    };
    let trust = Trust::new(vec![trusted], Revocations::default());
    let plugin = trust.verify(Package::parse(file, None).unwrap(), jiff::Timestamp::now()).unwrap();
    grant(plugin, grants)
}

/// Grants written as `bulkhead add --grant` takes them; relative folders lie in `dir`.
pub(crate) fn grants(dir: &Path, lines: &[&str]) -> Grants {
    let mut grants = Grants::default();
    for line in lines {
        line.parse::<bulkhead_policy::GivenGrant>().unwrap().add_to(&mut grants, dir);
    }
    grants
}

/// An engine, and one plugin on it.
pub(crate) struct Bench {
    pub(crate) engine: Arc<Engine>,
    pub(crate) plugin: Arc<CompiledPlugin>,
}

/// What a call came to, and what it told meanwhile.
pub(crate) struct Told {
    pub(crate) answer: Result<Outcome, Failure>,
    pub(crate) reports: Vec<Report>,
}

pub(crate) fn options() -> EngineOptions {
    EngineOptions { max_instances: 16, guest_threads: 2, ..EngineOptions::default() }
}

pub(crate) fn services() -> Services {
    Services {
        dialler: Dialler::new(Roots::public()).unwrap(),
        store: None,
        workspaces: None,
        io: tokio::runtime::Handle::current(),
    }
}

impl Bench {
    /// The probe with these grants.
    pub(crate) fn new(grants: &Grants) -> Self {
        Self::with(grants, services())
    }

    pub(crate) fn with(grants: &Grants, services: Services) -> Self {
        let engine = Engine::new(options(), services).unwrap();
        let plugin = Arc::new(engine.compile(granted(probe(), grants), "probe".parse().unwrap()).unwrap());
        Self { engine: Arc::new(engine), plugin }
    }

    /// The probe with nothing but these limits.
    pub(crate) fn limited(limits: LimitOverrides) -> Self {
        Self::new(&Grants { limits: limits.resolve(), ..Grants::default() })
    }

    pub(crate) async fn call(&self, tool: &str, arguments: &str) -> Told {
        self.call_as("me", tool, arguments).await
    }

    pub(crate) async fn call_as(&self, principal: &str, tool: &str, arguments: &str) -> Told {
        let (sender, receiver) = ReportSender::channel();
        let permit = permit(principal, OperationKind::CallTool, tool);
        let ask = Ask::Tool { name: tool.into(), arguments: arguments.into() };
        let answer = self.engine.invoke(&self.plugin, &permit, Call { context: context(), ask }, sender).await;
        Told { answer, reports: drain(receiver) }
    }

    /// The text that a tool answered.
    pub(crate) async fn text(&self, tool: &str, arguments: &str) -> String {
        self.call(tool, arguments).await.text()
    }

    /// The text that a tool failed with.
    pub(crate) async fn error(&self, tool: &str, arguments: &str) -> String {
        self.call(tool, arguments).await.error()
    }
}

impl Told {
    pub(crate) fn text(self) -> String {
        match self.answer {
            Ok(Outcome::Tool(ToolReply::Done(mut result))) => match result.content.remove(0).content {
                Content::Text(text) => text,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn error(self) -> String {
        match self.answer {
            Err(Failure::Plugin(Error::Failed(text))) => text,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn failure(self) -> Failure {
        self.answer.unwrap_err()
    }

    pub(crate) fn denials(&self) -> Vec<&Denial> {
        self.reports
            .iter()
            .filter_map(|report| match report {
                Report::Denied(denial) => Some(denial),
                _ => None,
            })
            .collect()
    }
}

fn drain(mut receiver: ReportReceiver) -> Vec<Report> {
    std::iter::from_fn(|| receiver.try_recv().ok()).collect()
}

pub(crate) fn permit(principal: &str, kind: OperationKind, item: &str) -> Permit {
    let item = if kind == OperationKind::CallTool { format!("probe.{item}") } else { item.to_owned() };
    permit_for("probe", principal, kind, &item)
}

pub(crate) fn permit_for(plugin: &str, principal: &str, kind: OperationKind, item: &str) -> Permit {
    let principal = Principal::new(principal.into(), Arc::new(Access::everything()), Allowance::default());
    decide(&principal, &Operation { kind, plugin: plugin.parse().unwrap(), item: item.into() }).unwrap()
}

pub(crate) fn context() -> CallContext {
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
        log_level: Some(LogLevel::Info),
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

/// Fails the test instead of hanging it.
pub(crate) async fn soon<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), call).await.unwrap()
}

/// A folder with a file `old` in it.
pub(crate) fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let inside = dir.path().join("data");
    std::fs::create_dir(&inside).unwrap();
    std::fs::write(inside.join("old"), "contents").unwrap();
    (dir, inside)
}
