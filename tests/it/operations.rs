//! What an operator watches and does.

use serde_json::{Value, json};

use crate::harness::{
    Era, House, Plugin,
    http::{Connection, Request, Response},
    ports,
};

/// A house with an admin listener, and its address.
fn watched() -> (House, std::net::SocketAddr) {
    let free = ports::free();
    let house = House::new().with(&Plugin::guest("echo")).set("admin", json!({"listen": free.to_string()}));
    (house, free)
}

fn get(from: std::net::SocketAddr, path: &str) -> Response {
    let exchanged = Connection::open(from).and_then(|mut connection| connection.exchange(&Request::get(path)));
    exchanged.unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn health_readiness_and_metrics_are_on_a_listener_of_their_own() {
    let (house, admin) = watched();
    let server = house.serve();
    assert_eq!(get(admin, "/healthz").head.status, 200);
    let ready = get(admin, "/readyz");
    assert_eq!(ready.head.status, 200, "{}", ready.text());
    let mut client = server.client(Era::Modern);
    for _ in 0..3 {
        assert!(client.call("echo_run", json!({"text": "a"})).is_ok());
    }
    let metrics = get(admin, "/metrics").text();
    assert!(metrics.lines().any(|line| line.contains("echo") || line.contains("kind=\"tool\"")), "{metrics}");
    for path in ["/healthz", "/readyz", "/metrics"] {
        let public = server.exchange(&Request::get(path));
        assert!((400..500).contains(&public.head.status), "{path} is not public: {public:?}");
    }
    let exposed = get(admin, "/mcp");
    assert!((400..500).contains(&exposed.head.status), "{exposed:?}");
}

#[test]
fn one_id_leads_from_a_log_line_to_an_answer() {
    let house = House::new().with(&Plugin::guest("trap"));
    let server = crate::harness::Server::start(house.path(), &["--log-format", "json"]);
    assert!(!server.client(Era::Modern).call("trap_run", json!({})).is_ok());
    server.lines().wait_for(&["trapped"]);
    let line = server.lines().all().into_iter().find(|line| line.contains("trapped")).expect("the line");
    let line: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    assert!(line.to_string().contains("\"call"), "it names the call: {line}");
}

#[test]
fn an_entry_that_cannot_be_loaded_says_why_and_the_others_serve() {
    let mut house = House::new().with(&Plugin::guest("echo")).with(&Plugin::guest("slow"));
    std::fs::write(house.join("plugins/slow.wasm"), b"broken").expect("a file");
    house.edit(|config| config["plugins"]["slow"]["prefix"] = json!("slow"));
    let server = house.serve();
    assert_eq!(server.client(Era::Modern).tools(), ["echo_caller", "echo_fail", "echo_run"]);
    server.lines().wait_for(&["slow"]);
}

#[test]
fn stdio_opens_no_port_so_that_several_clients_start_one_each() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let house = House::new().with(&Plugin::guest("echo")).set("admin", json!({"listen": address}));
    let (_server, mut client) = house.serve_stdio(Era::Modern);
    assert!(client.tools().iter().any(|name| name.starts_with("echo_")), "it serves all the same");
}
