//! TLS, and certificates that change while it serves.

use std::{fs, os::unix::fs::symlink, thread, time::Duration};

use serde_json::json;

use crate::harness::{
    Client, Era, House, Plugin, Server,
    binary::run,
    http::{Connection, Request},
    tls::{Issued, place},
    wait_until,
};

/// Longer than two looks at the files.
const TWO_LOOKS: Duration = Duration::from_secs(6);

const REFUSED: &[&str] = &["the new certificate is refused, the old one stays"];

fn house() -> House {
    House::new()
        .with(&Plugin::guest("echo"))
        .set("tls", json!({"certFile": "certs/tls.crt", "keyFile": "certs/tls.key"}))
}

fn ask(server: &Server) -> Request {
    let client = Client::http(server.address(), Era::Modern, None);
    client.http_request(&client.message("tools/call", json!({"name": "echo_run", "arguments": {"text": "a"}})))
}

fn answers(connection: &mut Connection, server: &Server) -> bool {
    connection.exchange(&ask(server)).is_ok_and(|answer| answer.head.status == 200)
}

fn shows(server: &Server, issued: &Issued) -> bool {
    issued.connect(server.address()).is_ok_and(|mut connection| answers(&mut connection, server))
}

#[test]
fn a_renewed_certificate_is_shown_to_new_connections_and_open_ones_go_on() {
    let (house, first, second) = (house(), Issued::new(), Issued::new());
    first.place(&house.join("certs"));
    let server = house.serve().loaded(1);
    let mut open = first.connect(server.address()).expect("a connection");
    assert!(answers(&mut open, &server) && !shows(&server, &second));
    second.place(&house.join("certs"));
    wait_until("the second is shown", || shows(&server, &second));
    assert!(!shows(&server, &first));
    assert!(answers(&mut open, &server), "it goes on with its own");
    server.lines().wait_for(&["the certificate was replaced"]);
    // Nothing else than HTTP/1.1, nothing in the clear, and no older TLS than 1.2.
    assert!(second.connect_speaking(server.address(), &["h2"]).is_err());
    assert!(second.connect_speaking(server.address(), &["h2", "http/1.1"]).is_ok());
    let plain = Connection::open(server.address()).and_then(|mut connection| connection.exchange(&ask(&server)));
    assert!(plain.is_err(), "{plain:?}");
}

#[test]
fn a_link_that_turns_elsewhere_is_followed() {
    let (house, first, second) = (house(), Issued::new(), Issued::new());
    // As a volume of secrets is laid out: files are links through one that turns.
    let certs = house.join("certs");
    first.place(&certs.join("..1"));
    symlink("..1", certs.join("..data")).expect("a link");
    for name in ["tls.crt", "tls.key"] {
        symlink(format!("..data/{name}"), certs.join(name)).expect("a link");
    }
    let server = house.serve().loaded(1);
    assert!(shows(&server, &first));
    second.place(&certs.join("..2"));
    symlink("..2", certs.join("..new"))
        .and_then(|()| fs::rename(certs.join("..new"), certs.join("..data")))
        .expect("turned");
    fs::remove_dir_all(certs.join("..1")).expect("removed");
    wait_until("the second is shown", || shows(&server, &second));
    assert!(!server.lines().have(REFUSED), "there was nothing to refuse");
}

#[test]
fn what_makes_no_sense_changes_nothing_and_is_said_once() {
    let (house, first, second) = (house(), Issued::new(), Issued::new());
    let (chain, key) = (house.join("certs/tls.crt"), house.join("certs/tls.key"));
    first.place(&house.join("certs"));
    let server = house.serve().loaded(1);
    let said = || server.lines().all().iter().filter(|line| line.contains(REFUSED[0])).count();
    let half = second.key().len() / 2;
    let broken: [(&str, &dyn Fn()); 4] = [
        ("a key of another", &|| place(&chain, &second.certificate())),
        ("half a key", &|| place(&key, &second.key()[..half])),
        ("no certificate", &|| place(&chain, "")),
        ("nothing there", &|| fs::remove_file(&key).expect("removed")),
    ];
    for (number, (what, make)) in (1..).zip(broken) {
        make();
        wait_until(what, || said() == number);
        thread::sleep(TWO_LOOKS);
        assert_eq!(said(), number, "{what}: {}", server.lines());
        assert!(shows(&server, &first), "{what}");
    }
    second.place(&house.join("certs"));
    wait_until("the second is shown", || shows(&server, &second));
    assert!(!server.lines().have(&["BEGIN"]) && !server.lines().have(&[&second.key()[40..80]]), "{}", server.lines());
}

#[test]
fn a_certificate_whose_time_is_over_or_nearly_is_told_of() {
    let house = house();
    for (issued, told) in [(Issued::until(2001, 2, 3), "has expired on 2001-02-03T00:00:00Z"), (soon(), "expires on ")]
    {
        issued.place(&house.join("certs"));
        let ran = run(house.path(), &["check"]);
        assert!(ran.code == 0 && ran.stderr.contains(told), "{told}: {ran:#?}");
        let server = house.serve().loaded(1);
        server.lines().wait_for(&["WARN", "certs/tls.crt", told]);
    }
    Issued::new().place(&house.join("certs"));
    let ran = run(house.path(), &["check"]);
    assert!(!ran.stderr.contains("expire"), "{ran:#?}");
    // While it serves, too.
    let server = house.serve().loaded(1);
    soon().place(&house.join("certs"));
    server.lines().wait_for(&["WARN", "certs/tls.crt", "expires on "]);
}

/// A certificate for three days more.
fn soon() -> Issued {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let then =
        jiff::Timestamp::from_second(i64::try_from(now.as_secs()).expect("soon") + 3 * 24 * 60 * 60).expect("a time");
    let text = then.to_string();
    let mut parts = text.split(['-', 'T']).map(|part| part.parse::<u16>().unwrap_or_default());
    let (year, month, day) =
        (parts.next().expect("a year"), parts.next().expect("a month"), parts.next().expect("a day"));
    Issued::until(year.into(), u8::try_from(month).expect("a month"), u8::try_from(day).expect("a day"))
}
