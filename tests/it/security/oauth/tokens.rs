use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{REST, ask, assert_refused, challenge, house, house_of, list, write_keys};
use crate::harness::{
    Era, Server,
    http::Request,
    issuer::{AUDIENCE, ISSUER, Signer, good, now},
};

#[test]
fn a_good_token_lets_its_subject_in_however_it_is_signed() {
    let signers = ["RS256", "PS256", "ES256", "ES384", "EdDSA"].map(|alg| Signer::new(alg, alg));
    let house = house_of(&signers.each_ref());
    let server = house.serve();
    for signer in &signers {
        let (alg, token) = (&signer.header()["alg"], signer.token(json!({"scope": "echo unknown"})));
        for era in Era::ALL {
            let mut client = server.client_with_key(era, &token);
            assert_eq!(client.tools(), ["echo_caller", "echo_fail", "echo_run"], "{alg} {era:?}");
            assert!(client.call("echo_run", json!({"text": "a"})).is_ok(), "{alg} {era:?}");
        }
        let for_two = signer.token(json!({"aud": ["https://other", AUDIENCE]}));
        let mut nobody = server.client_with_key(Era::Modern, &for_two);
        assert_eq!(nobody.tools(), Vec::<String>::new(), "{alg}: nothing, is what it opens without a scope");
        let nameless = signer.sign(&json!({"alg": alg}), &good(json!({})).to_string());
        let may_be_meant = if alg == "RS256" || alg == "PS256" { 401 } else { 200 };
        assert_eq!(ask(&server, &nameless).head.status, may_be_meant, "{alg}: by the only key of its kind");
    }
}

/// A token that is signed with a shared secret.
fn hs256(header: Value, claims: &Value, secret: &[u8]) -> String {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
    let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

/// The token's three parts.
fn parts(token: &str) -> (&str, &str, &str) {
    let mut parts = token.split('.');
    let mut next = || parts.next().expect("a part");
    (next(), next(), next())
}

#[test]
fn everything_that_can_be_wrong_with_a_token_is_refused() {
    let (rsa, ec, stranger) = (Signer::new("RS256", "rsa"), Signer::new("ES256", "ec"), Signer::new("ES256", "ec"));
    let house = house_of(&[&rsa, &ec]);
    let server = Server::start(house.path(), &["-vv"]);
    let claims = good(json!({"scope": "echo"}));
    let fine = ec.token(json!({"scope": "echo"}));
    assert_eq!(ask(&server, &fine).head.status, 200);
    let (header, payload, signature) = parts(&fine);
    let signed = |header: Value| ec.sign(&header, &claims.to_string());
    let other = ec.token(json!({"sub": "root", "scope": "admin"}));
    let public = rsa.jwk();
    let table = [
        ("no signature", format!("{header}.{payload}.")),
        ("two parts", format!("{header}.{payload}")),
        ("a part too many", format!("{fine}.{signature}")),
        ("other claims", format!("{header}.{}.{signature}", parts(&other).1)),
        ("another signature", format!("{header}.{payload}.{}", parts(&other).2)),
        ("padding", format!("{fine}==")),
        ("alg none", signed(json!({"alg": "none", "kid": "ec"}))),
        ("alg none, unsigned", format!("{}.", signed(json!({"alg": "none"})).rsplit_once('.').expect("parts").0)),
        ("alg None", signed(json!({"alg": "nOnE", "kid": "ec"}))),
        ("no alg", signed(json!({"kid": "ec"}))),
        ("a shared secret", hs256(json!({"alg": "HS256", "kid": "rsa"}), &claims, public.to_string().as_bytes())),
        ("the modulus as secret", hs256(json!({"alg": "HS256"}), &claims, public["n"].as_str().expect("n").as_bytes())),
        ("a key of another type", signed(json!({"alg": "ES256", "kid": "rsa"}))),
        ("another algorithm", signed(json!({"alg": "RS256", "kid": "ec"}))),
        ("PSS for PKCS 1", rsa.sign(&json!({"alg": "PS256", "kid": "rsa"}), &claims.to_string())),
        ("a stranger's key", stranger.token(json!({"scope": "echo"}))),
        ("an unknown key", signed(json!({"alg": "ES256", "kid": "other"}))),
        ("a key of its own", signed(json!({"alg": "ES256", "kid": "own", "jwk": ec.jwk()}))),
        ("an extension", signed(json!({"alg": "ES256", "kid": "ec", "crit": ["exp"]}))),
        ("an identity token", signed(json!({"alg": "ES256", "kid": "ec", "typ": "id_token+jwt"}))),
        ("another issuer", ec.token(json!({"iss": "https://id.example.com/"}))),
        ("no issuer", ec.token(json!({"iss": null}))),
        ("for another", ec.token(json!({"aud": "https://other.example.com/mcp"}))),
        ("for a part of ours", ec.token(json!({"aud": "https://tools.example.com"}))),
        ("for nobody", ec.token(json!({"aud": null}))),
        ("without an end", ec.token(json!({"exp": null}))),
        ("an end in words", ec.token(json!({"exp": (now() + 600).to_string()}))),
        ("not yet", ec.token(json!({"nbf": now() + 120}))),
        ("of nobody", ec.token(json!({"sub": null, "client_id": null}))),
        ("bound to a key", ec.token(json!({"cnf": {"jkt": "x"}}))),
        ("a claim twice", ec.sign(&ec.header(), &claims.to_string().replacen('{', r#"{"sub":"root","#, 1))),
        ("no JSON", ec.sign(&ec.header(), "claims")),
        ("no token", "not-a-token".to_owned()),
    ];
    for (why, token) in &table {
        assert_refused(&server, token, why);
    }
    let expired = ask(&server, &ec.token(json!({"exp": now() - 1})));
    let told =
        format!(r#"Bearer realm="bulkhead", error="invalid_token", error_description="the token has expired", {REST}"#);
    assert_eq!((expired.head.status, challenge(&expired)), (401, told.as_str()));
    assert_eq!(ask(&server, &ec.token(json!({"nbf": now() + 30}))).head.status, 200, "clocks differ");
    server.lines().wait_for(&["a token is refused"]);
    assert!(!server.lines().have(&[payload]), "no token is in the log");
    let unsigned = format!("{}.{signature}", ec.token(json!({"exp": now() - 1})).rsplit_once('.').expect("parts").0);
    assert_refused(&server, &unsigned, "over, which is told to whoever shows a signature");
}

#[test]
fn a_token_comes_in_one_header_and_nowhere_else() {
    let signer = Signer::new("ES256", "one");
    let house = house_of(&[&signer]);
    let server = house.serve();
    let token = signer.token(json!({"scope": "echo"}));
    let bare = list(&server);
    let missing = format!(r#"Bearer realm="bulkhead", {REST}"#);
    for nothing in [
        bare.clone(),
        bare.clone().path(&format!("/mcp?access_token={token}")),
        bare.clone().header("Authorization", &format!("DPoP {token}")),
        bare.clone().header("X-Authorization", &format!("Bearer {token}")),
    ] {
        let response = server.exchange(&nothing);
        assert_eq!((response.head.status, challenge(&response)), (401, missing.as_str()), "{nothing:?}");
    }
    let mut twice = bare.clone().header("Authorization", &format!("Bearer {token}"));
    twice.headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
    let long = bare.clone().header("Authorization", &format!("Bearer {}", "x".repeat((16 << 10) + 1)));
    for malformed in [twice, long, bare.clone().header("Authorization", &format!("Bearer {token} {token}"))] {
        let response = server.exchange(&malformed);
        let told = format!(
            r#"Bearer realm="bulkhead", error="invalid_request", error_description="expected Authorization: Bearer and one token", {REST}"#
        );
        assert_eq!((response.head.status, challenge(&response)), (400, told.as_str()));
    }
}

#[test]
fn keys_of_a_set_that_are_none_for_signatures_verify_nothing() {
    let (signer, other) = (Signer::new("ES256", "one"), Signer::new("ES256", "two"));
    let house = house_of(&[]);
    let secret = b"a-secret-that-somebody-put-into-the-set";
    let encoded = "YS1zZWNyZXQtdGhhdC1zb21lYm9keS1wdXQtaW50by10aGUtc2V0";
    let mut encrypting = other.jwk();
    encrypting["use"] = "enc".into();
    let mut bound = signer.jwk();
    bound["alg"] = "ES384".into();
    let keys = json!({"keys": [{"kty": "oct", "kid": "shared", "alg": "HS256", "k": encoded}, encrypting, bound]});
    std::fs::write(house.join("keys.json"), keys.to_string()).expect("the keys");
    let server = house.serve();
    server.lines().wait_for(&["no key that a token can be verified with"]);
    assert_refused(&server, &hs256(json!({"alg": "HS256", "kid": "shared"}), &good(json!({})), secret), "shared");
    assert_refused(&server, &other.token(json!({})), "for encryption");
    assert_refused(&server, &signer.token(json!({})), "bound to another algorithm");
    write_keys(&house, &[&signer]);
    crate::harness::wait_until("the keys are read", || ask(&server, &signer.token(json!({}))).head.status == 200);
}

#[test]
fn whoever_wants_a_token_reads_where_to_get_one() {
    let house = house_of(&[]);
    let server = house.serve();
    for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"] {
        let response = server.exchange(&Request::get(path).header("Origin", "https://anybody.example"));
        assert_eq!(response.head.status, 200, "{response:?}");
        assert_eq!(response.head.header("content-type"), Some("application/json"));
        assert_eq!(response.head.header("access-control-allow-origin"), Some("*"));
        let document: Value = serde_json::from_slice(&response.body).expect("JSON");
        let expected = json!({
            "resource": AUDIENCE,
            "authorization_servers": [ISSUER],
            "scopes_supported": ["echo", "env"],
            "bearer_methods_supported": ["header"],
            "resource_name": "Bulkhead",
        });
        assert_eq!(document, expected);
        let asked = Request { method: "OPTIONS".to_owned(), ..Request::get(path) };
        assert_eq!(server.exchange(&asked).head.header("access-control-allow-origin"), Some("*"));
        let posted = server.exchange(&Request { method: "POST".to_owned(), ..Request::get(path) });
        assert_eq!((posted.head.status, posted.head.header("allow")), (405, Some("GET, OPTIONS")));
    }
    assert_eq!(server.exchange(&Request::get("/.well-known/oauth-protected-resource/other")).head.status, 404);
    let keys_alone = house_without_oauth();
    let server = keys_alone.serve();
    assert_eq!(server.exchange(&Request::get("/.well-known/oauth-protected-resource")).head.status, 404);
}

fn house_without_oauth() -> crate::harness::House {
    let mut house = house(json!({}));
    house.edit(|config| {
        config.as_object_mut().expect("a map").remove("oauth");
        config["apiKey"] = "correct-horse-battery-staple-and-more".into();
    });
    house
}
