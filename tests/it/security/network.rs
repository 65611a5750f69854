//! A plugin reaches what it was granted, by name and by address.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Era, House, Plugin, Reaction, Server, Upstream};

/// A house whose fetching guest asks for everything and is granted `rules`.
fn granted(rules: Value) -> (House, Server, Client) {
    let asks: String = ["http", "https"]
        .iter()
        .map(|scheme| format!("[[asks.http]]\nscheme = \"{scheme}\"\nhost = \"*\"\n"))
        .collect();
    let house = House::new().with(&Plugin::guest("fetch").asks(&asks).grants(json!({"http": rules})));
    let server = house.serve();
    let client = server.client(Era::Modern);
    (house, server, client)
}

fn api(upstream: &Upstream) -> Value {
    json!({"scheme": "http", "host": "127.0.0.1", "port": upstream.port(), "methods": ["GET"], "paths": ["/api/*"], "allowPrivate": true})
}

fn fetch(client: &mut Client, url: &str) -> Answer {
    client.call("fetch_run", json!({"url": url}))
}

#[test]
fn what_is_granted_is_reached_and_nothing_else() {
    let upstream = Upstream::always(Reaction::ok("hello"));
    let other = Upstream::always(Reaction::ok("not for you"));
    let (_house, server, mut client) = granted(json!([api(&upstream)]));
    assert_eq!(fetch(&mut client, &upstream.url("/api/a")).structured()["body"], "hello");
    assert!(client.call("fetch_run", json!({"url": upstream.url("/api/b?c=d")})).is_ok());
    let reached = upstream.arrived().len();
    let port = upstream.port();
    for url in [
        upstream.url("/"),
        upstream.url("/apis"),
        upstream.url("/admin"),
        other.url("/api/a"),
        format!("https://127.0.0.1:{port}/api/a"),
        format!("http://localhost:{port}/api/a"),
        format!("http://[::1]:{port}/api/a"),
        format!("http://[::ffff:127.0.0.1]:{port}/api/a"),
        format!("http://2130706433:{port}/api/a"),
        format!("http://0x7f.1:{port}/api/a"),
        format!("http://127.1:{port}/api/a"),
        format!("http://0.0.0.0:{port}/api/a"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://example.com/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let answer = fetch(&mut client, &url);
        assert!(!answer.is_ok(), "{url}: {answer:?}");
    }
    for method in ["POST", "DELETE", "PUT", "HEAD", "TRACE", "CONNECT", "get"] {
        let answer = client.call("fetch_run", json!({"url": upstream.url("/api/a"), "method": method}));
        assert!(!answer.is_ok(), "{method}: {answer:?}");
    }
    assert_eq!(upstream.arrived().len(), reached, "nothing arrived");
    assert_eq!(other.connections(), 0);
    // The operator reads which line would allow it; the client does not.
    server.lines().wait_for(&["169.254.169.254", "no grant for it. To allow it, add to plugins.fetch.grants.http"]);
    let told = fetch(&mut client, "http://169.254.169.254/").failure();
    assert!(!told.contains("grants") && !told.contains("mcp.yaml"), "{told}");
}

#[test]
fn tricks_with_paths_and_authorities_do_not_help() {
    let upstream = Upstream::always(Reaction::ok("hello"));
    let (_house, _server, mut client) = granted(json!([api(&upstream)]));
    let port = upstream.port();
    for url in [
        upstream.url("/api/../admin"),
        upstream.url("/api/%2e%2e/admin"),
        upstream.url("/api/%2E%2E/admin"),
        upstream.url("/api/.%2e/admin"),
        upstream.url("/api/..%2fadmin"),
        upstream.url("/api/a%2f..%2f..%2fadmin"),
        upstream.url("/api/..\\admin"),
        upstream.url("/api/%5c..%5cadmin"),
        upstream.url("//api/a"),
        upstream.url("/api//../admin"),
        upstream.url("/%61pi/../admin"),
        format!("http://user@127.0.0.1:{port}/api/a"),
        format!("http://user:password@127.0.0.1:{port}/api/a"),
        format!("http://127.0.0.1:{port}@example.com/api/a"),
        format!("http://example.com#@127.0.0.1:{port}/api/a"),
    ] {
        let answer = fetch(&mut client, &url);
        assert!(!answer.is_ok(), "{url}: {answer:?}");
    }
    assert!(upstream.arrived().is_empty(), "{:?}", upstream.arrived());
}

#[test]
fn a_redirect_meets_the_rules_again() {
    let hidden = Upstream::always(Reaction::ok("hidden"));
    let target = hidden.url("/api/a");
    let upstream = Upstream::start(move |_| Reaction::redirect(&target));
    let (_house, _server, mut client) = granted(json!([api(&upstream)]));
    let answer = fetch(&mut client, &upstream.url("/api/a"));
    assert_eq!(answer.structured()["status"], 302, "it goes back to the guest");
    let location = answer.structured()["location"].as_str().expect("a location").to_owned();
    assert!(!fetch(&mut client, &location).is_ok());
    assert_eq!(hidden.connections(), 0);
}

#[test]
fn a_name_that_resolves_to_loopback_is_not_dialled() {
    let upstream = Upstream::always(Reaction::ok("hello"));
    let port = upstream.port();
    let rule = |allow: bool| json!([{"scheme": "http", "host": "localhost", "port": port, "methods": ["GET"], "allowPrivate": allow}]);
    let (_house, _server, mut client) = granted(rule(false));
    let answer = fetch(&mut client, &format!("http://localhost:{port}/"));
    assert!(!answer.is_ok(), "{answer:?}");
    assert_eq!(upstream.connections(), 0);
    let (_house, _server, mut client) = granted(rule(true));
    assert_eq!(fetch(&mut client, &format!("http://localhost:{port}/")).structured()["body"], "hello");
}

#[test]
fn a_secret_is_sent_and_never_held() {
    let upstream = Upstream::start(|request| Reaction::ok(request.header("x-api-key").unwrap_or("none")));
    let asks = "[[asks.http]]\nscheme = \"http\"\nhost = \"*\"\n[[asks.secrets]]\nname = \"API_KEY\"\n";
    let secret = json!({"API_KEY": {"value": "the secret", "origin": upstream.url(""), "header": "X-Api-Key"}});
    let house = House::new()
        .with(&Plugin::guest("fetch").asks(asks).grants(json!({"http": [api(&upstream)], "secrets": secret})));
    // Secrets go over https alone.
    let checked = crate::harness::binary::run(house.path(), &["check", "--config", "mcp.yaml"]);
    assert_eq!(checked.code, 3, "{checked:#?}");
    assert!(!checked.stderr.contains("the secret") && !checked.stdout.contains("the secret"), "{checked:#?}");
}

#[test]
fn tcp_is_opened_where_it_was_granted() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            use std::io::{Read as _, Write as _};
            let mut ping = [0; 4];
            if stream.read_exact(&mut ping).is_ok() {
                drop(stream.write_all(b"pong"));
            }
        }
    });
    let other = Upstream::always(Reaction::Never);
    let asks =
        format!("[[asks.tcp]]\nhost = \"*\"\nport = {port}\n[[asks.tcp]]\nhost = \"*\"\nport = {}\n", other.port());
    let probe = Plugin::guest("tcp_probe").asks(&asks);
    let rule = |allow: bool| json!({"tcp": [{"host": "localhost", "port": port, "allowPrivate": allow}]});
    let house = House::new().with(&probe.clone().grants(rule(true)));
    let server = house.serve();
    let mut client = server.client(Era::Modern);
    let connect =
        |client: &mut Client, host: &str, port: u16| client.call("tcp-probe_run", json!({"host": host, "port": port}));
    assert_eq!(connect(&mut client, "localhost", port).text(), "pong");
    for (host, port) in
        [("127.0.0.1", other.port()), ("localhost", other.port()), ("example.com", port), ("10.0.0.1", port)]
    {
        let answer = connect(&mut client, host, port);
        assert!(!answer.is_ok(), "{host}:{port}: {answer:?}");
    }
    assert!(!client.call("tcp-probe_listen", json!({})).is_ok());
    assert!(!client.call("tcp-probe_datagram", json!({"host": "127.0.0.1", "port": port})).is_ok());
    assert_eq!(other.connections(), 0);

    for grants in [rule(false), json!({})] {
        let house = House::new().with(&probe.clone().grants(grants));
        let server = house.serve();
        let answer = connect(&mut server.client(Era::Modern), "localhost", port);
        assert!(!answer.is_ok(), "{answer:?}");
    }
}
