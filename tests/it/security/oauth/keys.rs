use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{ask, assert_refused, house, house_of, write_keys};
use crate::harness::{
    House, Server,
    http::{Connection, Request},
    issuer::{Documents, ISSUER, Signer, key_set},
    ports, wait_until,
};

/// A house whose issuer is served by `documents`, which its operator knows.
fn house_by(documents: &Documents, oauth: Value) -> House {
    let mut house = house(oauth);
    std::fs::write(house.join("inside.crt"), &documents.authority).expect("the authority");
    house.edit(|config| {
        config["oauth"]["allowPrivate"] = true.into();
        config["oauth"]["caFile"] = "inside.crt".into();
    });
    house
}

fn status(server: &Server, token: &str) -> u16 {
    ask(server, token).head.status
}

#[test]
fn a_new_key_is_fetched_when_a_token_names_it_and_an_old_one_is_forgotten() {
    let (old, new, never) = (Signer::new("ES256", "old"), Signer::new("ES256", "new"), Signer::new("ES256", "never"));
    let (before, after) = (key_set(&[&old]), key_set(&[&new]));
    let documents = Documents::start(move |_| Some(before.clone()));
    let house = house_by(&documents, json!({"issuer": ISSUER, "jwksUri": documents.url("/keys")}));
    let server = house.serve();
    let (by_old, by_new) = (old.token(json!({"scope": "echo"})), new.token(json!({"scope": "echo"})));
    assert_eq!(status(&server, &by_old), 200);
    assert_eq!(documents.requests(), 1);
    documents.turn_to(move |_| Some(after.clone()));
    assert_eq!(status(&server, &by_new), 200, "its key was fetched");
    assert_eq!(documents.requests(), 2);
    wait_until("the old key is worth nothing", || status(&server, &by_old) == 401);
    let asked = documents.requests();
    assert_refused(&server, &never.token(json!({})), "nobody's key");
    assert_eq!(documents.requests(), asked + 1, "one look for it");
}

#[test]
fn made_up_names_of_keys_do_not_hold_a_rotation_off() {
    const STRANGERS: usize = 8;
    let (old, new) = (Signer::new("ES256", "old"), Signer::new("ES256", "new"));
    let (before, after) = (key_set(&[&old]), key_set(&[&new]));
    let documents = Documents::start(move |_| Some(before.clone()));
    let house = house_by(&documents, json!({"issuer": ISSUER, "jwksUri": documents.url("/keys")}));
    let server = house.serve();
    assert_eq!(status(&server, &old.token(json!({"scope": "echo"}))), 200);
    // More than are looked for at once, one after the other.
    for number in 0..4 {
        assert_refused(&server, &Signer::new("ES256", &format!("made-up-{number}")).token(json!({})), "nobody's key");
    }
    let (asked, began) = (documents.requests(), Instant::now());
    std::thread::scope(|scope| {
        let server = &server;
        let stranger = move |number: usize| {
            let made_up = Signer::new("ES256", &format!("another-{number}"));
            assert_refused(server, &made_up.token(json!({})), "nobody's key");
        };
        documents.turn_to(move |_| Some(after.clone()));
        let strangers: Vec<_> = (0..STRANGERS).map(|number| scope.spawn(move || stranger(number))).collect();
        assert_eq!(status(server, &new.token(json!({"scope": "echo"}))), 200, "with all of them before it");
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
        strangers.into_iter().for_each(|stranger| stranger.join().expect("refused"));
    });
    assert!(documents.requests() - asked <= 4, "they share looks: {}", documents.requests() - asked);
}

#[test]
fn while_the_issuer_is_down_the_keys_of_before_hold() {
    let (one, two) = (Signer::new("EdDSA", "one"), Signer::new("EdDSA", "two"));
    let keys = key_set(&[&one]);
    let documents = Documents::start(move |_| Some(keys.clone()));
    let house = house_by(&documents, json!({"issuer": ISSUER, "jwksUri": documents.url("/keys")}));
    let free = ports::free();
    let house = house.set("admin", json!({"listen": free.to_string()}));
    let server = house.serve();
    assert_eq!(status(&server, &one.token(json!({}))), 200);
    documents.turn_to(|_| None);
    assert_eq!(status(&server, &two.token(json!({}))), 401);
    server.lines().wait_for(&["the older ones hold for a day", "status 500"]);
    assert_eq!(status(&server, &one.token(json!({"jti": "2"}))), 200);
    let metrics = Connection::open(free).and_then(|mut door| door.exchange(&Request::get("/metrics")));
    let metrics = metrics.expect("metrics").text();
    for line in ["bulkhead_issuer_keys 1", "bulkhead_issuer_failures_total 1"] {
        assert!(metrics.lines().any(|told| told == line), "{line} in\n{metrics}");
    }
}

#[test]
fn an_issuer_that_was_never_reached_lets_nobody_in() {
    let one = Signer::new("EdDSA", "one");
    let documents = Documents::start(|_| None);
    let house = house_by(&documents, json!({"issuer": ISSUER, "jwksUri": documents.url("/keys")}));
    let server = house.serve();
    server.lines().wait_for(&["no token is let in", "status 500"]);
    assert_refused(&server, &one.token(json!({})), "no key is known");
}

#[test]
fn an_issuer_inside_is_reached_if_the_operator_says_so() {
    let one = Signer::new("EdDSA", "one");
    let keys = key_set(&[&one]);
    let documents = Documents::start(move |_| Some(keys.clone()));
    for (missing, told) in [("allowPrivate", "loopback"), ("caFile", "localhost")] {
        let mut house = house_by(&documents, json!({"issuer": ISSUER, "jwksUri": documents.url("/keys")}));
        house.edit(|config| drop(config["oauth"].as_object_mut().expect("a map").remove(missing)));
        let server = house.serve();
        server.lines().wait_for(&["no token is let in", told]);
        assert_refused(&server, &one.token(json!({})), missing);
    }
    assert_eq!(documents.requests(), 0);
}

#[test]
fn where_keys_are_is_what_the_issuer_says_of_itself() {
    let one = Signer::new("EdDSA", "one");
    let keys = key_set(&[&one]);
    let documents = Documents::start(|_| None);
    let (issuer, at) = (documents.url("/realm"), documents.url("/keys"));
    let said = move |issuer: &str| json!({"issuer": issuer, "jwks_uri": at}).to_string();
    let (itself, another) = (said(&issuer), said(ISSUER));
    let serve = |metadata: String| {
        let keys = keys.clone();
        documents.turn_to(move |path| match path {
            "/keys" => Some(keys.clone()),
            "/.well-known/oauth-authorization-server/realm" => Some(metadata.clone()),
            _ => None,
        });
        let house = house_by(&documents, json!({"issuer": issuer}));
        let server = house.serve();
        (house, server)
    };
    let token = one.token(json!({"iss": issuer, "scope": "echo"}));
    let (_house, server) = serve(itself);
    assert_eq!(status(&server, &token), 200);
    let (_house, server) = serve(another);
    assert_eq!(status(&server, &token), 401);
    server.lines().wait_for(&["no token is let in", "is not the metadata of"]);
}

#[test]
fn keys_in_a_file_are_changed_by_changing_the_file() {
    let (old, new) = (Signer::new("ES256", "a"), Signer::new("ES256", "a"));
    let house = house_of(&[&old]);
    let server = house.serve();
    let (by_old, by_new) = (old.token(json!({"scope": "echo"})), new.token(json!({"scope": "echo"})));
    assert_eq!((status(&server, &by_old), status(&server, &by_new)), (200, 401));
    write_keys(&house, &[&new]);
    wait_until("the new key is read", || status(&server, &by_new) == 200);
    assert_eq!(status(&server, &by_old), 401, "of the same name, and not the same");
    std::fs::write(house.join("keys.json"), "{").expect("half a file");
    server.lines().wait_for(&["the older ones hold for a day", "not JSON"]);
    assert_eq!(status(&server, &by_new), 200);
}
