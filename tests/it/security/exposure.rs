//! What a server refuses to be exposed as, and what a proxy before it changes.

use serde_json::json;

use crate::harness::{
    Era, House, Plugin, Server,
    binary::run,
    http::{Connection, Request},
    server::serve,
};

const KEY: &str = "key-of-whoever-comes-through-the-proxy";

fn house() -> House {
    House::new().with(&Plugin::guest("echo")).set("allowAnonymous", json!(false)).set("apiKey", json!(KEY))
}

/// Serves it on every address of this machine.
fn serve_all(house: &House) -> Server {
    let mut command = serve(house.path());
    command.args(["--listen", "0.0.0.0:0", "-v"]);
    Server::listening(command)
}

fn list(server: &Server) -> Request {
    let client = crate::harness::Client::http(server.address(), Era::Modern, Some(KEY));
    client.http_request(&client.message("tools/list", json!({})))
}

#[test]
fn no_listener_beyond_loopback_without_credentials_and_tls_or_a_proxy() {
    let open = House::new();
    let both = "0.0.0.0:0 is reached from other machines, and";
    for (house, told) in [
        (House::new(), format!("{both} allowAnonymous lets everybody in")),
        (House::new().set("allowAnonymous", json!(false)), format!("{both} no key is asked for: add `apiKey:")),
        (house(), format!("{both} keys would cross the network in the clear: add `tls: {{enabled: true")),
        (open.set("behindProxy", json!(true)), format!("{both} allowAnonymous lets everybody in")),
        (
            House::new().set("allowAnonymous", json!(false)).set("behindProxy", json!(true)),
            format!("{both} no key is asked for: add `apiKey:"),
        ),
    ] {
        let ran = run(house.path(), &["serve", "--listen", "0.0.0.0:0"]);
        assert_eq!(ran.code, 3, "{ran:#?}");
        assert!(ran.stderr.contains(&told), "{told}\n{ran:#?}");
    }
    // Whoever writes down that there is a proxy says that loopback is reached, too.
    let proxied = House::new().set("behindProxy", json!({"trusted": ["10.0.0.0/8"]}));
    let ran = run(proxied.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert!(ran.code == 3 && ran.stderr.contains("behindProxy lets other machines reach 127.0.0.1:0"), "{ran:#?}");
    let ran = run(house().set("behindProxy", json!({"trusted": ["10.1.2.3/8"]})).path(), &["check"]);
    assert!(ran.stderr.contains("behindProxy.trusted[0]: expected 10.0.0.0/8"), "{ran:#?}");
}

#[test]
fn a_proxy_that_is_not_named_is_like_a_client() {
    let house = house().set("behindProxy", json!(true));
    let server = serve_all(&house);
    let request = list(&server).header("X-Forwarded-For", "203.0.113.9");
    assert_eq!(server.exchange(&request).head.status, 200);
    let denied = request.without("Authorization");
    assert_eq!(server.exchange(&denied).head.status, 401);
    server.lines().wait_for(&["turned away", "client=127.0.0.1"]);
}

#[test]
fn a_trusted_proxy_is_believed_in_where_a_request_came_from_and_in_nothing_else() {
    let house = house().set("behindProxy", json!({"trusted": ["127.0.0.0/8"]}));
    let house = house.set("publicUrl", json!("https://tools.example.com/mcp"));
    let server = serve_all(&house);
    let denied = list(&server).without("Authorization").header("X-Forwarded-For", "6.6.6.6, 203.0.113.9");
    assert_eq!(server.exchange(&denied).head.status, 401);
    server.lines().wait_for(&["turned away", "client=203.0.113.9"]);
    assert!(!server.lines().have(&["6.6.6.6"]), "what the client said of itself");
    let public = list(&server).header("Host", "tools.example.com");
    assert_eq!(server.exchange(&public).head.status, 200, "the proxy passes the public name on");
    // Whatever it says of names: they are ours by configuration or not at all.
    for (name, value) in [("X-Forwarded-Host", "tools.example.com"), ("Forwarded", "host=tools.example.com")] {
        let other = list(&server).header("Host", "evil.example.com").header(name, value);
        assert_eq!(server.exchange(&other).head.status, 403, "{name}");
    }
}

#[test]
fn in_the_clear_only_trusted_proxies_connect_from_elsewhere() {
    let Some(elsewhere) = own_address() else { panic!("this machine has no address but loopback") };
    let mut house = house().set("behindProxy", json!({"trusted": ["203.0.113.0/24"]}));
    let server = serve_all(&house);
    let to = std::net::SocketAddr::new(elsewhere, server.address().port());
    let ask = || Connection::open(to).and_then(|mut connection| connection.exchange(&list(&server)));
    assert!(ask().is_err(), "closed without an answer");
    server.lines().wait_for(&["a connection was closed: without TLS only proxies connect"]);
    assert_eq!(server.exchange(&list(&server)).head.status, 200, "from this machine it is answered");
    // The list changes while it serves.
    house.edit(|config| config["behindProxy"]["trusted"] = json!([elsewhere.to_string()]));
    crate::harness::wait_until("the proxy is let in", || ask().is_ok_and(|answer| answer.head.status == 200));
    // And what would expose it is refused: the older configuration holds on.
    house.edit(|config| config["behindProxy"] = json!(false));
    server.lines().wait_for(&["keys would cross the network in the clear"]);
    assert!(ask().is_ok_and(|answer| answer.head.status == 200));
}

/// An address of this machine that is not loopback; nothing is sent.
fn own_address() -> Option<std::net::IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|address| !address.is_loopback())
}
