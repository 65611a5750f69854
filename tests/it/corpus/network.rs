//! Places that were not granted, and more than was granted of those that were.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};

use serde_json::{Value, json};

use super::{
    run::house,
    table::{Behaviour, Freed, Group, behaviour},
};
use crate::harness::{House, Plugin, Reaction, Upstream};

const ASKS_HTTP: &str = "[[asks.http]]\nscheme = \"http\"\nhost = \"*\"\n";
const REFUSED: &str = "failed: denied: this request to 127.0.0.1 is not granted to this plugin";
const NO_SOCKET: &str = "failed: denied: Permission denied (os error 2)";

/// Answers each path in its own way; `/redirect` leads to `hidden`.
fn upstream(hidden: &str) -> Upstream {
    let hidden = hidden.to_owned();
    Upstream::start(move |request| match request.target.as_str() {
        "/api/redirect" => Reaction::redirect(&hidden),
        "/api/big" => Reaction::ok(&"b".repeat(1 << 20)),
        "/api/headers" => Reaction::Answer {
            status: 200,
            headers: (0..20).map(|n| (format!("X-Flood-{n}"), "h".repeat(3_000))).collect(),
            body: b"ok".to_vec(),
        },
        "/api/rewritten" => Reaction::ok(request.header("x-original-url").unwrap_or("as it was")),
        _ => Reaction::ok(&format!("{} {}", request.method, request.target)),
    })
}

/// Says `pong` to whoever says `ping`.
fn ponging() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut ping = [0; 4];
            if stream.read_exact(&mut ping).is_ok() {
                drop(stream.write_all(b"pong"));
            }
        }
    });
    port
}

fn furnished(port: u16, hidden: u16, pong: u16) -> House {
    let rule = |host: &str, port: u16, paths: &str, methods: Value, private: bool| json!({"scheme": "http", "host": host, "port": port, "methods": methods, "paths": [paths], "allowPrivate": private});
    let get = || json!(["GET"]);
    let api = rule("127.0.0.1", port, "/api/*", get(), true);
    let with = |more: Value| json!({"grants": {"http": [api, more]}});
    let public = rule("localhost", port, "/api/*", get(), false);
    let limits = json!({"time": "60s", "requests": 8, "transfer": "2MiB", "memory": "64MiB"});
    let fetch = Plugin::guest("fetch").asks(ASKS_HTTP).grants(json!({"http": [api, public]})).limits(limits.clone());
    let host = Plugin::guest("hostile_host").asks(ASKS_HTTP).grants(json!({"http": [api]})).limits(limits);
    let asks = format!("[[asks.tcp]]\nhost = \"*\"\nport = {pong}\n");
    let tcp = |host: &str| json!({"tcp": [{"host": host, "port": pong, "allowPrivate": true}]});
    let probe = Plugin::guest("tcp_probe").asks(&asks).grants(tcp("localhost"));
    let mut house = house().with(&fetch).with(&host).with(&probe);
    house.also("fetch", "fetch-hidden", with(rule("127.0.0.1", hidden, "/*", get(), true)));
    house.also("fetch", "fetch-private", with(rule("localhost", port, "/api/*", get(), true)));
    house.also("fetch", "fetch-paths", with(rule("127.0.0.1", port, "/*", get(), true)));
    house.also("fetch", "fetch-posts", with(rule("127.0.0.1", port, "/api/*", json!(["POST"]), true)));
    house.also("hostile-host", "host-hidden", with(rule("127.0.0.1", hidden, "/*", get(), true)));
    house.also("hostile-host", "host-many", json!({"limits": {"requests": 64}}));
    house.also("hostile-host", "host-moving", json!({"limits": {"transfer": "64MiB"}}));
    house.also("hostile-host", "host-headers", json!({"limits": {"headers": "256KiB"}}));
    house.also("tcp-probe", "tcp-address", json!({"grants": tcp("127.0.0.1")}));
    house
}

fn fetch(name: &'static str, arguments: Value, held: &str, freed: Freed) -> Behaviour {
    behaviour(name, ("fetch", "run"), arguments, held, freed)
}

pub fn group() -> Group {
    let hidden = Upstream::always(Reaction::ok("hidden"));
    let upstream = upstream(&hidden.url("/"));
    let (port, pong) = (upstream.port(), ponging());
    let house = furnished(port, hidden.port(), pong);
    let setting = |entry, shows: &str| Freed::Setting(entry, shows.to_owned());
    let without = |defence, shows: &str| Freed::Without(defence, shows.to_owned());
    let url = |path: &str| json!({"url": upstream.url(path)});
    let counted = |path: &str, count: usize| json!({"url": upstream.url(path), "count": count});
    let rewritten = json!({"url": upstream.url("/api/rewritten"), "headers": [["x-original-url", "/admin"]]});
    let behaviours = vec![
        fetch(
            "a host that no grant names",
            json!({"url": hidden.url("/")}),
            REFUSED,
            setting("fetch-hidden", "hidden"),
        ),
        fetch(
            "a public name that resolves inside",
            json!({"url": format!("http://localhost:{port}/api/a")}),
            "failed: denied: the address of localhost is not granted to this plugin",
            setting("fetch-private", "GET /api/a"),
        ),
        fetch("another path of a granted host", url("/admin"), REFUSED, setting("fetch-paths", "GET /admin")),
        fetch(
            "another method",
            json!({"url": upstream.url("/api/a"), "method": "POST"}),
            REFUSED,
            setting("fetch-posts", "POST /api/a"),
        ),
        fetch(
            "a header that has another path served",
            rewritten,
            "failed: a header of the request is refused: HeaderError::Forbidden",
            without("headers", "/admin"),
        ),
        behaviour(
            "a redirect to a hidden host",
            ("hostile-host", "follow"),
            json!({"path": upstream.url("/api/redirect")}),
            "denied: behind the redirect",
            setting("host-hidden", "got: hidden"),
        ),
        behaviour(
            "a cannon of requests",
            ("hostile-host", "cannon"),
            counted("/api/a", 12),
            "denied: after 8",
            setting("host-many", "got: 12"),
        ),
        behaviour(
            "a download without end",
            ("hostile-host", "gather"),
            counted("/api/big", 3),
            "denied: it broke off",
            setting("host-moving", "got: 3145728"),
        ),
        behaviour(
            "a flood of header fields",
            ("hostile-host", "gather"),
            counted("/api/headers", 1),
            "denied: it broke off",
            setting("host-headers", "got: 2"),
        ),
        behaviour(
            "a connection to an address that nothing resolved to",
            ("tcp-probe", "run"),
            json!({"host": "127.0.0.1", "port": pong}),
            NO_SOCKET,
            setting("tcp-address", "pong"),
        ),
        behaviour(
            "the address of a name that no grant names",
            ("tcp-address", "run"),
            json!({"host": "localhost", "port": pong}),
            NO_SOCKET,
            setting("tcp-probe", "pong"),
        ),
        behaviour(
            "listening like a server",
            ("tcp-probe", "listen"),
            json!({}),
            NO_SOCKET,
            without("sockets", "127.0.0.1:"),
        ),
        behaviour(
            "a datagram",
            ("tcp-probe", "datagram"),
            json!({"host": "127.0.0.1", "port": pong}),
            NO_SOCKET,
            without("sockets", "4"),
        ),
    ];
    let untouched = move |_: &House| {
        assert_eq!(hidden.connections(), 0, "the hidden host was reached");
        assert!(upstream.arrived().iter().all(|one| one.target.starts_with("/api/") && one.method == "GET"));
    };
    Group { name: "network", house, behaviours, untouched: Box::new(untouched) }
}
