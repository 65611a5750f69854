//! Secrets, looked for wherever they could come out: what the server says, what
//! it answers, what it writes, what a guest can read, and what a crash leaves.

mod planted;

use std::{fs, path::Path, thread, time::Duration};

use serde_json::{Value, json};

use crate::harness::{
    Client, Era, House, Plugin, Server,
    binary::{Ran, bulkhead},
    http::{Connection, Request},
    issuer::{AUDIENCE, ISSUER, Signer, key_set},
    ports,
    server::serve,
    tls::{Issued, place},
    wait_until,
};
use planted::Planted;

/// A seal key that can be read.
const SEAL: &str = "seal-key-of-32-bytes-and-no-more";

/// A house in which a secret stands wherever one can.
struct Scene {
    house: House,
    planted: Planted,
    issued: Issued,
    token: String,
    admin: std::net::SocketAddr,
}

fn scene() -> Scene {
    let mut planted = Planted::default();
    let (issued, signer) = (Issued::new(), Signer::new("ES256", "one"));
    let token = signer.token(json!({"scope": "all"}));
    let key = |planted: &mut Planted, name: &str| planted.plant(name);
    let admin_key = key(&mut planted, "the admin key");
    let hashed = key(&mut planted, "a key of which the hash is written");
    for name in ["MAIN_KEY", "NAMED_KEY", "PLUGIN_SECRET"] {
        planted.plant_in_environment(name);
    }
    let in_file = planted.plant("a plugin's secret in a file");
    let free = ports::free();
    let sha = |text: &str| bulkhead_base::Digest::of(text.as_bytes()).to_string();
    let rule = |value: &str, header: &str| json!({"value": value, "origin": "https://localhost:1", "header": header});
    let asks = "[[asks.http]]\nhost = \"*\"\n[[asks.secrets]]\nname = \"A\"\n[[asks.secrets]]\nname = \"B\"\n";
    let grants = json!({
        "http": [{"host": "localhost", "port": 1, "allowPrivate": true}],
        "secrets": {"A": rule("${PLUGIN_SECRET}", "X-A"), "B": rule("${file:plugin.secret}", "X-B")},
    });
    let house = House::new()
        .with(&Plugin::guest("fetch").asks(asks).grants(grants.clone()))
        .with(&Plugin::guest("memory_probe").asks(asks).grants(grants))
        .with(&Plugin::guest("env_probe"))
        .with(&Plugin::guest("panic"))
        .with(&Plugin::guest("trap"))
        .with(&Plugin::guest("flood_log"))
        .with(&Plugin::guest("spin").limits(json!({"cpu": "100ms"})))
        .set("allowAnonymous", json!(false))
        .set("publicUrl", json!(AUDIENCE))
        .set("scopes", json!({"all": ["*"], "none": ["nothing.*"]}))
        .set("apiKey", json!("${MAIN_KEY}"))
        .set(
            "apiKeys",
            json!([
                {"name": "named", "key": "${NAMED_KEY}", "scopes": ["none"]},
                {"name": "hashed", "keyHash": sha(&hashed), "scopes": ["all"]},
            ]),
        )
        .set("oauth", json!({"issuer": ISSUER, "jwksUri": "keys.json"}))
        .set("tls", json!({"certFile": "certs/tls.crt", "keyFile": "certs/tls.key"}))
        .set("admin", json!({"listen": free.to_string(), "keyHash": sha(&admin_key)}))
        .set("stateKeys", json!([{"file": "seal.key"}]));
    issued.place(&house.join("certs"));
    fs::write(house.join("keys.json"), key_set(&[&signer])).expect("the keys");
    place(&house.join("plugin.secret"), &in_file);
    place(&house.join("seal.key"), SEAL);
    planted.add("the seal key", SEAL);
    planted.add("the TLS key", issued.key().lines().nth(1).expect("its second line"));
    planted.add("the signature of a token", token.rsplit('.').next().expect("its signature"));
    planted.allow(&["certs/tls.key", "plugin.secret", "seal.key", "key.pem"]);
    Scene { house, planted, issued, token, admin: free }
}

impl Scene {
    fn run(&self, args: &[&str]) -> Ran {
        let mut command = bulkhead();
        command.args(args).current_dir(self.house.path()).envs(self.planted.environment());
        let output = command.output().expect("it runs");
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        Ran { code: output.status.code().unwrap_or(-1), stdout, stderr }
    }

    fn start(&self, format: &str) -> Server {
        let mut command = serve(self.house.path());
        command.args(["--listen", "127.0.0.1:0", "-vv", "--log-format", format]).envs(self.planted.environment());
        Server::listening(command).loaded(7)
    }

    /// What comes back for `request`, heads and all.
    fn exchange(&self, server: &Server, request: &Request) -> String {
        let mut connection = self.issued.connect(server.address()).expect("a connection");
        connection.send(request).expect("sent");
        let head = connection.head().expect("a head");
        let body = connection.raw_body(&head).expect("a body");
        format!("{head:?} {}", String::from_utf8_lossy(&body))
    }
}

fn call(server: &Server, key: &str, tool: &str, arguments: Value) -> Request {
    let client = Client::http(server.address(), Era::Modern, Some(key));
    client.http_request(&client.message("tools/call", json!({"name": tool, "arguments": arguments})))
}

/// Everything that a client can make happen, with every credential.
fn everything(scene: &Scene, server: &Server) -> Vec<String> {
    let planted = &scene.planted;
    let (main, hashed) = (planted.get("MAIN_KEY"), planted.get("a key of which the hash is written"));
    let mut told = Vec::new();
    let mut say = |request: &Request| told.push(scene.exchange(server, request));
    for key in [main, hashed, &scene.token, planted.get("NAMED_KEY")] {
        for (tool, arguments) in [
            ("env-probe_run", json!({})),
            ("panic_run", json!({})),
            ("trap_run", json!({})),
            ("spin_run", json!({})),
            ("flood-log_run", json!({"lines": 3, "bytes": 10})),
            ("fetch_run", json!({"url": "https://localhost:1/"})),
            ("fetch_run", json!({"url": "https://localhost:1/", "headers": [["X-A", "mine"]]})),
            ("fetch_run", json!({"url": "https://example.com/"})),
            ("no-such_tool", json!({})),
        ] {
            say(&call(server, key, tool, arguments));
        }
        say(&call(server, key, "env-probe_run", json!({})).header("Mcp-Name", "another"));
        say(&call(server, key, "env-probe_run", json!({})).header("Host", "evil.example.com"));
        say(&call(server, key, "env-probe_run", json!({})).path("/elsewhere"));
        // A key in a wrong place is none, and shows up nowhere.
        let bare = call(server, key, "env-probe_run", json!({})).without("Authorization");
        say(&bare.clone().path(&format!("/mcp?key={key}")));
        say(&bare.clone().header("Cookie", &format!("key={key}")));
        say(&bare.clone().header("Authorization", &format!("Basic {key}")));
        say(&bare.header("Authorization", &format!("Bearer {key}x")));
        let mut broken = call(server, key, "env-probe_run", json!({}));
        broken.body = b"{\"jsonrpc\"".to_vec();
        say(&broken);
        let guide = json!({"jsonrpc": "2.0", "id": 1, "method": "mcp.trust.registry", "params": {}});
        say(&Request::mcp("POST", guide.to_string()).header("Authorization", &format!("Bearer {key}")));
    }
    told
}

fn admin(scene: &Scene) -> Vec<String> {
    let key = scene.planted.get("the admin key");
    let pages = ["/healthz", "/readyz", "/metrics"].into_iter().flat_map(|path| {
        [key.to_owned(), format!("{key}x")].map(|key| {
            let request = Request::get(path).header("Authorization", &format!("Bearer {key}"));
            let exchanged = Connection::open(scene.admin).and_then(|mut connection| connection.exchange(&request));
            format!("{:?}", exchanged.expect("an answer"))
        })
    });
    pages.collect()
}

#[test]
fn no_secret_comes_out_anywhere() {
    let mut scene = scene();
    let checked = scene.run(&["check"]);
    assert_eq!(checked.code, 0, "{checked:#?}");
    for format in ["text", "json"] {
        let server = scene.start(format);
        for (number, told) in everything(&scene, &server).iter().enumerate() {
            scene.planted.assert_clean(&format!("answer {number}"), told.as_bytes());
        }
        for page in admin(&scene) {
            scene.planted.assert_clean("the admin listener", page.as_bytes());
        }
        // A configuration that puts every secret where it does not belong.
        let good = fs::read(scene.house.join("mcp.yaml")).expect("the configuration");
        for (member, value) in
            [("port", "${MAIN_KEY}"), ("publicUrl", "${PLUGIN_SECRET}"), ("watch", "${file:plugin.secret}")]
        {
            let said = server.lines().total();
            scene.house.edit(|config| config[member] = json!(value));
            let refused =
                || server.lines().since(said).iter().any(|line| line.contains("mcp.yaml") && line.contains(member));
            wait_until(&format!("{member} is refused"), refused);
            let checked = scene.run(&["check"]);
            assert!(checked.code == 3 && checked.stderr.contains(member), "{checked:#?}");
            scene.planted.assert_clean("check", format!("{checked:?}").as_bytes());
            scene.house.edit(|config| drop(config.as_object_mut().expect("a map").remove(member)));
        }
        fs::write(scene.house.join("mcp.yaml"), good).expect("the configuration");
        scene.house.edit(|config| config["publicUrl"] = json!(AUDIENCE));
        server.terminate();
        let lines = server.lines().to_string();
        assert!(lines.lines().count() > 100, "it says what it does: {lines}");
        scene.planted.assert_clean(&format!("the log as {format}"), lines.as_bytes());
    }
    for args in
        [&["check", "--json"][..], &["inspect", "plugins/fetch.wasm"], &["list", "plugins", "--config", "mcp.yaml"]]
    {
        let ran = scene.run(args);
        scene.planted.assert_clean(&args.join(" "), format!("{ran:?}").as_bytes());
    }
    scene.planted.assert_no_file(scene.house.path());
}

#[test]
fn a_guest_finds_no_secret_in_its_memory() {
    let scene = scene();
    let server = scene.start("text");
    let masked: Vec<Vec<u8>> =
        scene.planted.spellings().map(|bytes| bytes.iter().map(|byte| !byte).collect()).collect();
    let key = scene.planted.get("MAIN_KEY");
    let told = scene.exchange(&server, &call(&server, key, "memory-probe_run", json!({"masked": masked})));
    let body = told.split_once("} {").map(|(_, body)| format!("{{{body}")).expect("a body");
    let found: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {told}"));
    let found = &found["result"]["structuredContent"];
    assert!(found["bytes"].as_u64() > Some(100_000) && found["own"].as_u64() >= Some(1), "it looked: {told}");
    let times = found["times"].as_array().expect("numbers");
    assert_eq!(times.len(), masked.len());
    assert!(times.iter().all(|times| *times == 0), "{told}");
}

#[test]
fn a_crash_leaves_no_memory_behind() {
    for hardening in [json!({"enabled": true}), json!({"enabled": false})] {
        let house = House::new().with(&Plugin::guest("echo")).set("hardening", hardening.clone());
        let mut server = house.serve();
        let limits = fs::read_to_string(format!("/proc/{}/limits", server.id())).expect("its limits");
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("the line");
        assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{hardening}: {core}");
        // What may not be dumped belongs to root in /proc, whoever it runs as; and root is not told from it.
        let dumpable = server.lines().have(&["can still be dumped"]);
        assert!(!dumpable, "{hardening}");
        server.signal(rustix::process::Signal::ABORT);
        assert_eq!(server.ended_by(Duration::from_secs(20)), (6, false), "{hardening}: a signal, and no core");
        assert!(files(house.path()).all(|path| !path.to_string_lossy().contains("core")), "{hardening}");
        thread::yield_now();
    }
}

fn files(folder: &Path) -> impl Iterator<Item = std::path::PathBuf> {
    fs::read_dir(folder).expect("the folder").map_while(Result::ok).map(|entry| entry.path())
}
