use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use bulkhead_audit::Mode;
use bulkhead_base::{ByteSize, Operation, OperationKind, Span};
use bulkhead_package::Keypair;
use bulkhead_policy::{LimitOverrides, Limits, MountAccess, decide};

use super::from_text;
use crate::{
    cli::exit::Exit,
    config::{
        BehindProxy, Config, ConfigError, DEFAULT_YAML, Exposed, Hardening, KeptRoot, ServerLimits, Source, de,
        raw::Raw, tree,
    },
};

fn environment(name: &str) -> Option<String> {
    matches!(name, "MCP_API_KEY" | "WEATHER_KEY").then(|| "0123456789abcdef0123456789abcdef".to_owned())
}

fn read(text: &str) -> Result<Config, ConfigError> {
    from_text(Path::new("/srv/mcp.yaml"), text, &environment)
}

fn refusal(text: &str) -> String {
    read(text).map_or_else(|error| error.to_string(), |_| format!("accepted: {text}"))
}

/// The guide's file, key for key.
const GUIDE: &str = "port: 8080
apiKey: ${MCP_API_KEY}
tls:
  enabled: true
  certFile: /certs/server.crt
  keyFile: /certs/server.key
scopes:
  read:file: [file.read]
  invoke:weather_api: [weather.getCurrent]
";

#[test]
fn the_guides_file_is_read() {
    let config = read(GUIDE).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.tls.as_ref().unwrap().key, Path::new("/certs/server.key"));
    assert_eq!(config.exposed(config.listen), Ok(()));
    assert_eq!(config.exposed(([0, 0, 0, 0], 8080).into()), Ok(()));
    let holder = &config.credentials.keys[0].holder;
    let call =
        |item: &str| Operation { kind: OperationKind::CallTool, plugin: "x".parse().unwrap(), item: item.into() };
    assert!(decide(holder, &call("file.read")).is_ok());
    assert!(decide(holder, &call("file.write")).is_err());
    assert!(!format!("{config:?}").contains("0123456789abcdef"));
}

#[test]
fn nothing_written_is_nothing_opened() {
    let config = read("").unwrap();
    assert!(config.credentials.keys.is_empty() && config.credentials.anonymous.is_none());
    assert!(config.plugins.is_empty() && config.trusted_keys.is_empty() && config.plugin_dir.is_none());
    assert!(config.tls.is_none() && config.admin.is_none());
    assert_eq!(config.exposed(config.listen), Err(Exposed::OpenLoopback));
    assert_eq!(config.lock_path(), Path::new("/srv/mcp.lock"));
    assert_eq!(config.database, Path::new("/srv/state/state.db"));
}

#[test]
fn a_listener_that_others_reach_needs_keys_and_tls() {
    let all = ([0, 0, 0, 0], 1).into();
    let loopback = ([127, 0, 0, 1], 1).into();
    let key = "apiKey: ${MCP_API_KEY}\n";
    assert_eq!(read("").unwrap().exposed(all), Err(Exposed::NoKeys { listen: all }));
    assert_eq!(read(key).unwrap().exposed(all), Err(Exposed::NoTls { listen: all }));
    assert_eq!(read(key).unwrap().exposed(loopback), Ok(()));
    let anonymous = read(&format!("{GUIDE}allowAnonymous: true\n")).unwrap();
    assert_eq!(anonymous.exposed(all), Err(Exposed::Anonymous { listen: all }));
    assert_eq!(read("allowAnonymous: true").unwrap().exposed(loopback), Ok(()));
    let off = read(&GUIDE.replace("enabled: true", "enabled: false")).unwrap();
    assert_eq!(off.exposed(all), Err(Exposed::NoTls { listen: all }));
}

#[test]
fn a_fault_has_its_place_and_the_next_step() {
    let cases = [
        ("hsot: a", "/srv/mcp.yaml:1:1: there is no key \"hsot\" here; did you mean \"host\"?"),
        (
            "port: 80\nplugins:\n  a:\n    source: x\n    grants:\n      htpp: []\n",
            "/srv/mcp.yaml:6:7: plugins.a.grants: there is no key \"htpp\" here; did you mean \"http\"?",
        ),
        (
            "plugins:\n  a:\n    source: x\n    grants:\n      http: [{host: a.b, paths: [v1]}]\n",
            "/srv/mcp.yaml:5:34: plugins.a.grants.http[0].paths[0]: \"v1\" is not a path",
        ),
        ("port: 70000", "/srv/mcp.yaml:1:7: port: expected a whole number"),
        ("port: -1", "/srv/mcp.yaml:1:7: port: expected a whole number"),
        ("host: example.com", "/srv/mcp.yaml:1:7: host: expected an address"),
        ("allowAnonymous: yes", "/srv/mcp.yaml:1:17: allowAnonymous: expected true or false"),
        ("scopes:", "/srv/mcp.yaml:1:1: scopes: nothing is written behind this key"),
        ("apiKey: ${NONE}", "/srv/mcp.yaml:1:9: apiKey: the variable NONE is not set"),
        ("apiKey: \"\"", "/srv/mcp.yaml:1:9: apiKey: a key must be visible ASCII"),
        ("watch: never", "/srv/mcp.yaml:1:8: watch: \"never\" is not known here: expected one of auto, poll"),
        ("plugins: {A: {source: x}}", "/srv/mcp.yaml:1:11: plugins: \"A\" is not a name"),
        ("plugins: {a: {}}", "/srv/mcp.yaml:1:14: plugins.a: the key \"source\" is missing"),
        (
            "plugins: {a: {source: x, publisher: acme}}",
            "/srv/mcp.yaml:1:37: plugins.a.publisher: no key of trust.keys has the id \"acme\"",
        ),
        (
            "plugins: {a: {source: \"https://a.b/c\"}}",
            "/srv/mcp.yaml:1:23: plugins.a.source: an address needs its digest",
        ),
        (
            "plugins: {a: {source: x, limits: {time: 10}}}",
            "/srv/mcp.yaml:1:41: plugins.a.limits.time: \"10\" is not a length of time",
        ),
        ("plugins: {a: {source: x, limits: {cpu: 0s}}}", "plugins.a.limits.cpu: expected more than zero"),
        (
            "plugins: {a: {source: x, prefix: p}, b: {source: x, prefix: p}}",
            "plugins.b: the prefix \"p\" is the one of a",
        ),
        (
            "plugins: {a: {source: x, grants: {fs: [{path: a, at: /d}, {path: b, at: /d}]}}}",
            "plugins.a.grants.fs: two folders at /d",
        ),
        (
            "plugins: {a: {source: x, grants: {kv: yes}}}",
            "\"yes\" is not known here: expected one of true, false, shared",
        ),
        ("plugins: {a: {source: x, grants: {http: [{host: \"*\"}]}}}", "\"*\" is not a host"),
        ("plugins: {a: {source: x, grants: {fs: [{at: /d}]}}}", "grants.fs[0]: the key \"path\" is missing"),
        (
            "plugins: {a: {source: x, grants: {fs: [{workspace: true, path: d, at: /d}]}}}",
            "plugins.a.grants.fs[0].path: a workspace lies where its root has it",
        ),
        (
            "plugins: {a: {source: x, grants: {fs: [{workspace: true, at: /d}, {path: a, at: /d}]}}}",
            "plugins.a.grants.fs: two folders at /d",
        ),
        (
            "plugins: {a: {source: x, grants: {fs: [{workspace: true, at: /d}, {workspace: true, at: /e}]}}}",
            "plugins.a.grants.fs: a root has one workspace for each plugin",
        ),
        ("apiKeys: [{name: a, key: x, scopes: [none]}]", "apiKeys[0].scopes: there is no scope \"none\""),
        ("apiKeys: [{name: a}]", "apiKeys[0]: expected either key or keyHash"),
        ("apiKeys: [{name: local, key: x}]", "\"local\" is somebody else already"),
        ("apiKeys: [{name: a, key: x}, {name: b, key: x}]", "have the same key"),
        ("scopes: {s: []}\napiKeys: [{name: a, key: x}]", "the key \"scopes\" is missing"),
        ("scopes: {s: [{resource: \"file:///**\"}]}", "a resource needs its access"),
        ("scopes: {s: [\"admin:all\"]}", "\"admin:all\" opens nothing"),
        ("trust: {keys: [{id: a, publicKey: x, plugins: [a]}]}", "trust.keys[0].publicKey: not an Ed25519 public key"),
        ("admin: {listen: \"0.0.0.0:9090\"}", "/srv/mcp.yaml:1:17: admin.listen: 0.0.0.0:9090 is not loopback"),
        ("tls: {enabled: true}", "tls: expected certFile and keyFile"),
        ("limits: {inFlight: 0}", "limits.inFlight: expected more than zero"),
        ("limits: {taskTtl: 30d}", "limits.taskTtl: expected 1s to 7d, found 30d"),
        ("protocols: []", "protocols: a server that speaks no revision"),
        ("nameSeparator: \"-\"", "expected one of _, ."),
        ("audit: {mode: sometimes}", "audit.mode: "),
        ("audit: {arguments: all}", "audit.arguments: "),
        ("audit: {redact: [card]}", "audit.redact: \"card\": a pattern begins with a slash: /card, /*/card"),
        ("audit: {retain: 10m}", "/srv/mcp.yaml:1:17: audit.retain: expected 1h or more, or forever, found 10m"),
        ("audit: {maxSize: 1MiB}", "/srv/mcp.yaml:1:18: audit.maxSize: expected 16MiB or more, found 1MiB"),
        ("audit: {maxSize: much}", "audit.maxSize: "),
        ("audit: {retain: soon}", "audit.retain: \"soon\" is not a length of time"),
        ("audit: {name: \"a b+c\"}", "audit.name: a record's name has 1 to"),
        ("audit: {folder: x}", "audit: there is no key \"folder\" here"),
        ("stateKeys: []", "stateKeys: expected between 1 and 16 keys"),
        ("stateKeys: [state/seal.key]", "stateKeys[0]: expected"),
        (
            "stateKeys: [{file: none.key}]",
            "/srv/mcp.yaml:1:20: stateKeys[0].file: /srv/none.key: No such file or directory (os error 2); make a new key \
             with `(umask 077 && head -c 32 /dev/urandom > /srv/none.key)`",
        ),
        ("allowedOrigins: [\"https://a.b/c\"]", "allowedOrigins[0]: expected an origin"),
    ];
    for (text, part) in cases {
        assert!(refusal(text).contains(part), "{text}\n{}", refusal(text));
    }
}

#[test]
fn a_proxy_before_the_server_does_tls_and_makes_it_reachable() {
    let all = ([0, 0, 0, 0], 1).into();
    let loopback = ([127, 0, 0, 1], 1).into();
    let proxied = |more: &str| read(&format!("behindProxy: true\n{more}")).unwrap();
    let keyed = proxied("apiKey: ${MCP_API_KEY}");
    assert_eq!(keyed.behind_proxy, Some(BehindProxy::Somebody));
    assert!(keyed.warnings.iter().any(|warning| warning.contains("behindProxy without publicUrl")));
    assert!(keyed.warnings.iter().any(|warning| warning.contains("in the clear; name the proxies")));
    assert_eq!((keyed.exposed(all), keyed.exposed(loopback)), (Ok(()), Ok(())));
    assert_eq!(proxied("").exposed(loopback), Err(Exposed::ProxiedNoKeys { listen: loopback }));
    assert_eq!(proxied("").exposed(all), Err(Exposed::NoKeys { listen: all }));
    let open = proxied("allowAnonymous: true");
    assert_eq!(open.exposed(loopback), Err(Exposed::ProxiedAnonymous { listen: loopback }));
    assert_eq!(open.exposed(all), Err(Exposed::Anonymous { listen: all }));
    assert_eq!(read("behindProxy: false").unwrap().behind_proxy, None);
    let trusted = read("behindProxy: {trusted: [10.0.0.0/8, 192.0.2.7, \"fd00::/8\"]}").unwrap().behind_proxy;
    let networks = ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8"].map(|network| network.parse().unwrap());
    assert_eq!(trusted, Some(BehindProxy::Trusted(networks.into())));
    for (text, told) in [
        ("behindProxy: yes", "1:14: behindProxy: expected true, or {trusted: [10.0.0.0/8]}"),
        ("behindProxy: {trusted: []}", "1:24: behindProxy.trusted: expected 1 to 64 networks, or behindProxy: true"),
        ("behindProxy: {}", "1:14: behindProxy: the key \"trusted\" is missing"),
        (
            "behindProxy: {trusted: [proxy]}",
            "1:25: behindProxy.trusted[0]: expected a network such as 10.0.0.0/8, found",
        ),
        (
            "behindProxy: {trusted: [10.1.0.0/8]}",
            "behindProxy.trusted[0]: expected 10.0.0.0/8, for that is the network",
        ),
        ("behindProxy: {trusted: [0.0.0.0/0]}", "behindProxy.trusted[0]: 0.0.0.0/0 is everybody"),
    ] {
        assert!(refusal(text).contains(told), "{text}\n{}", refusal(text));
    }
}

#[test]
fn a_secret_in_the_wrong_place_is_told_by_its_name() {
    let secret = environment("MCP_API_KEY").unwrap();
    for text in ["port: ${MCP_API_KEY}", "host: ${MCP_API_KEY}", "publicUrl: x${MCP_API_KEY}", "watch: ${MCP_API_KEY}"]
    {
        let refused = refusal(text);
        assert!(refused.contains("${MCP_API_KEY}") && !refused.contains(&secret), "{refused}");
    }
    assert!(refusal("port: ${MCP_API_KEY_IS_NOT_SET:-x}").contains("found \"x\""));
}

#[test]
fn a_holder_has_two_keys_while_they_are_rotated() {
    let keys = |second: &str, third: &str| {
        let old = "{name: a, key: old-key-old-key-old-key-old-key-old, scopes: [s], rate: 5/s}";
        format!("scopes: {{s: [t], u: [v]}}\napiKeys:\n  - {old}\n  - {{name: a, key: new-key, {second}}}\n{third}")
    };
    let two = read(&keys("scopes: [s], rate: 5/s", "")).unwrap().credentials.keys;
    assert_eq!(two.len(), 2);
    assert_eq!(two[0].holder.id(), two[1].holder.id());
    assert_ne!(two[0].hash, two[1].hash);
    for other in ["scopes: [u], rate: 5/s", "scopes: [s, u], rate: 5/s", "scopes: [s]", "scopes: [s], rate: 6/s"] {
        let refused = refusal(&keys(other, ""));
        assert!(refused.contains("4:5: apiKeys[1]: there are two keys called \"a\""), "{other}: {refused}");
    }
    let third = refusal(&keys("scopes: [s], rate: 5/s", "  - {name: a, key: third-key, scopes: [s], rate: 5/s}"));
    assert!(third.contains("apiKeys[2]: there are more than two keys called \"a\""), "{third}");
}

#[test]
fn what_is_not_built_is_refused_and_never_ignored() {
    let cases = ["state: {url: \"postgres://x\"}", "plugins: {a: {source: \"oci://x@sha256:0\"}}"];
    for text in cases {
        let error = read(text).unwrap_err();
        assert_eq!(error.exit(), Exit::NOT_BUILT, "{error}");
        assert!(error.position().is_some());
    }
}

#[test]
fn whose_calls_meet_one_instance_is_nobodys_unless_written() {
    use bulkhead_policy::Instance;
    let written = |line: &str| read(&format!("plugins: {{a: {{source: x{line}}}}}"));
    for (line, instance) in [
        ("", Instance::Fresh),
        (", instance: fresh", Instance::Fresh),
        (", instance: principal", Instance::Principal),
        (", instance: shared", Instance::Shared),
    ] {
        assert_eq!(written(line).unwrap().plugins[0].grants.instance, instance, "{line}");
    }
    assert!(written(", instance: warm").is_err());
}

#[test]
fn what_a_plugin_says_is_flagged_unless_something_else_is_written() {
    use bulkhead_screen::Policy;
    for (written, policy) in [
        ("", Policy::Flag),
        (", screen: \"off\"", Policy::Off),
        (", screen: flag", Policy::Flag),
        (", screen: block", Policy::Block),
    ] {
        let config = read(&format!("plugins: {{a: {{source: x{written}}}}}")).unwrap();
        assert_eq!(config.plugins[0].screen, policy, "{written}");
    }
    let unknown = "plugins.a.screen: \"warn\" is not known here: expected one of off, flag, block";
    assert!(refusal("plugins: {a: {source: x, screen: warn}}").contains(unknown));
}

#[test]
fn state_keys_are_read_in_their_order_and_only_if_they_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for (name, byte) in [("new.key", 2), ("old.key", 1)] {
        let path = folder.path().join(name);
        fs::write(&path, [byte; 32]).unwrap();
        mode(&path, 0o600);
    }
    let file = folder.path().join("mcp.yaml");
    let read = || from_text(&file, "stateKeys: [{file: new.key}, {file: old.key}]", &environment);
    let keys: Vec<u8> = read().unwrap().state_keys.iter().map(|key| key.key.expose()[0]).collect();
    assert_eq!(keys, [2, 1]);
    mode(&folder.path().join("old.key"), 0o644);
    let refused = read().unwrap_err().to_string();
    assert!(refused.contains("stateKeys[1].file: ") && refused.contains("32 random bytes"), "{refused}");
    assert!(refused.contains("old.key") && refused.contains("(mode 0600)"), "{refused}");
}

#[test]
fn an_entry_is_resolved_whole() {
    let key = Keypair::generate().unwrap();
    let text = format!(
        "trust: {{keys: [{{id: acme, publicKey: {:?}, plugins: [weather], notAfter: 2027-12-31}}]}}
plugins:
  weather:
    source: plugins/weather.wasm
    publisher: acme
    prefix: \"\"
    tools: {{allow: []}}
    grants:
      fs: [{{path: ./data, at: /data}}]
      secrets: {{API_KEY: {{value: \"${{WEATHER_KEY}}\", origin: \"https://a.b\", header: X-Key}}}}
      kv: shared
    config: {{language: en}}
",
        key.public().to_base64()
    );
    let config = read(&text).unwrap();
    let entry = &config.plugins[0];
    assert_eq!(entry.publisher.as_ref().unwrap().key, key.public().id());
    assert_eq!(entry.source, Source::File("/srv/plugins/weather.wasm".into()));
    assert_eq!(entry.prefix.as_str(), "");
    assert_eq!(entry.tools.deny.len(), 1, "an empty `allow` opens nothing");
    assert_eq!(entry.grants.fs[0].host.path(), Some(Path::new("/srv/data")));
    assert_eq!(entry.grants.limits, Limits::default());
    assert_eq!(entry.grants.config["language"], "en");
    assert!(!format!("{config:?}").contains("0123456789abcdef"));
}

/// The documentation with every key set.
fn uncommented() -> String {
    let lines = DEFAULT_YAML.lines().map(|line| match line.strip_prefix('#') {
        Some(prose) if prose.starts_with(' ') && !prose.starts_with("  ") => "",
        Some(key) => key,
        None => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_key_is_documented() {
    let tree = tree::parse(&uncommented()).unwrap();
    de::coverage::take();
    de::read::<Raw>(&tree).unwrap();
    let keys = de::coverage::take();
    for (map, (known, written)) in &keys {
        for key in known {
            assert!(written.contains(*key), "default.yaml does not show {key} of {map}");
        }
    }
    for map in [
        "Raw",
        "RawKey",
        "RawOAuth",
        "RawTls",
        "RawAdmin",
        "RawTrust",
        "RawTrustedKey",
        "RawPlugin",
        "RawToolFilter",
        "RawGrants",
        "RawFs",
        "RawHttp",
        "RawTcp",
        "RawSecret",
        "RawLimits",
        "RawState",
        "RawStateKey",
        "RawServerLimits",
        "RawAudit",
        "RawManifest",
        "RawHardening",
    ] {
        assert!(keys.contains_key(map), "default.yaml shows no {map}");
    }
    // Maps that may also be words are read past the note-taker.
    for key in ["url: ", "digest: ", "resource: ", "access: ", "prompt: "] {
        assert!(DEFAULT_YAML.contains(key), "default.yaml does not show {key}");
    }
}

#[test]
fn the_documented_defaults_are_the_defaults() {
    let tree = tree::parse(&uncommented()).unwrap();
    let raw: Raw = de::read(&tree).unwrap();
    let weather = &raw.plugins.0[0].1.value;
    let written: LimitOverrides = super::grants::overrides(&weather.limits.as_ref().unwrap().value);
    assert_eq!(written.resolve(), Limits::default());
    assert_eq!(super::server::limits(raw.limits).unwrap(), ServerLimits::default());
    let (documented, nothing) = (super::server::listen(raw.host, raw.port).unwrap(), read("").unwrap());
    assert_eq!(documented, nothing.listen);
    assert_eq!(raw.shutdown_grace, Some(nothing.shutdown_grace));
    assert!(!raw.allow_anonymous);
    let mount = &weather.grants.fs[0].value;
    assert_eq!(
        (mount.quota, mount.inodes),
        (Some(bulkhead_policy::Mount::QUOTA), Some(bulkhead_policy::Mount::INODES))
    );
}

#[test]
fn the_documentation_itself_is_a_configuration() {
    let config = read(DEFAULT_YAML).unwrap();
    assert!(config.plugins.is_empty());
}

#[test]
fn the_wall_stands_unless_somebody_writes_otherwise() {
    let hardening = |text: &str| read(text).map(|config| config.hardening);
    assert_eq!(hardening("").unwrap(), Hardening::default());
    assert!(Hardening::default().enabled);
    let written =
        hardening("hardening: {require: true, roots: [data, {path: /srv, access: read}], ports: [25]}").unwrap();
    let root = |path: &str, access| KeptRoot { path: path.into(), access };
    assert_eq!(written.roots, [root("/srv/data", MountAccess::Write), root("/srv", MountAccess::Read)]);
    assert_eq!((written.require, written.ports), (true, vec![25]));
    for (wrong, told) in [
        ("hardening: {enabled: false, require: true}", "mcp.yaml:1:38: hardening.require: nothing can be required"),
        ("hardening: {ports: [0]}", "mcp.yaml:1:21: hardening.ports: expected a port"),
        ("hardening: {root: [/srv]}", "roots"),
        ("hardening: {roots: [{path: /srv, access: all}]}", "hardening.roots"),
    ] {
        let error = hardening(wrong).unwrap_err().to_string();
        assert!(error.contains(told), "{wrong}: {error}");
    }
}

#[test]
fn a_record_is_kept_beside_the_configuration_unless_it_is_said_otherwise() {
    let audit = read("host: 127.0.0.1").unwrap().audit;
    assert_eq!(
        (audit.mode, &*audit.dir, &*audit.key),
        (Some(Mode::Batch), Path::new("/srv/audit"), Path::new("/srv/state/audit.key"))
    );
    assert_eq!(
        (audit.full, audit.redact, audit.retain),
        (false, vec!["/card".to_owned()], Some(Span::secs(90 * 86_400)))
    );
    assert_eq!(audit.max_size, None);
    let text = "audit: {mode: record, dir: /var/audit, arguments: full, redact: [/a, /b/*], retain: forever, maxSize: 2GiB, keyFile: k.pem, checkpointTo: out/, name: tools.example.com/audit}";
    let audit = read(text).unwrap().audit;
    assert_eq!((audit.mode, audit.full, audit.retain), (Some(Mode::Record), true, None));
    assert_eq!(audit.max_size, Some(ByteSize::mib(2048)));
    assert_eq!((&*audit.dir, &*audit.key), (Path::new("/var/audit"), Path::new("/srv/k.pem")));
    assert_eq!(audit.checkpoint_to.unwrap().as_os_str(), "/srv/out/", "what ends with a slash is a folder");
    assert_eq!(read("audit: {mode: \"off\"}").unwrap().audit.mode, None);
}
