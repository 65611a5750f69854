//! What a token says (RFC 7519 4, RFC 9068 2.2), as far as it matters here.

use bulkhead_base::Digest;
use bulkhead_policy::Principal;
use bulkhead_protocol::json::{Json, Kind, Member};

use super::{TokenRules, refused};
use crate::authn::Unknown;

/// How far an issuer's clock may be ahead of ours, in seconds.
const LEEWAY: u64 = 60;

/// Longest subject. Answers "a name that is kept with everything its bearer has".
const LONGEST_SUBJECT: usize = 256;

/// Longest subject that is written as it is.
const LONGEST_PLAIN: usize = 64;

/// Hexadecimal digits that tell issuers apart. The operator picks them, so
/// nobody looks for two that agree.
const MARK: usize = 8;

/// Most audiences, and most scopes, of one token. Answers "a token that is a list".
const MOST_NAMES: usize = 256;

/// Last second that a token may name. Answers "a time that no clock reaches".
const LAST_SECOND: f64 = 4e9;

/// Claims that this server can let somebody in by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Claims {
    /// Whom the issuer names, as a principal's name.
    pub(super) who: String,
    /// The second from which on the token is worth nothing.
    pub(super) until: u64,
    /// The scopes that the configuration knows, each once, in order.
    pub(super) scopes: Vec<String>,
}

impl Claims {
    /// Reads claims that have to be of `issuer` and for us, and to have begun at
    /// `now`. Whether they are over is told to whoever shows a signature.
    pub(super) fn read(text: &str, issuer: &str, rules: &TokenRules, now: u64) -> Result<Self, Unknown> {
        let claims =
            Json::parse(text).ok().and_then(Json::members).ok_or_else(|| refused("its claims are no object"))?;
        let get = |name: &str| claims.iter().find(|claim| claim.key == name).map(|claim| claim.value);
        let need = |fine: bool, why| if fine { Ok(()) } else { Err(refused(why)) };
        let is_of_issuer = get("iss").and_then(Json::text).is_some_and(|iss| iss == issuer);
        need(is_of_issuer, "iss is another issuer")?;
        let is_for_us = get("aud").and_then(names_of_array_or_one).is_some_and(|aud| aud.contains(&rules.audience));
        need(is_for_us, "aud does not name the audience")?;
        let has_begun = get("nbf").is_none_or(|nbf| second(nbf).is_some_and(|nbf| nbf <= now + LEEWAY));
        need(has_begun, "nbf is not over")?;
        // To a key of its bearer's, which nothing here asks for (RFC 7800, RFC 9449).
        need(get("cnf").is_none(), "it is bound to a key")?;
        let until = get("exp").and_then(second).ok_or_else(|| refused("exp is no time"))?;
        let who = who(&claims, issuer).ok_or_else(|| refused("neither sub nor client_id is a name"))?;
        let scopes = match get(&rules.scope_claim) {
            Some(scopes) => scope_names(scopes).ok_or_else(|| refused("its scopes are no names"))?,
            None => Vec::new(),
        };
        let mut scopes: Vec<String> = scopes.into_iter().filter(|name| rules.scopes.has(name)).collect();
        scopes.sort_unstable();
        scopes.dedup();
        Ok(Self { who, until, scopes })
    }
}

/// The principal's name: `oauth:`, a mark of the issuer, and the subject, or its
/// digest where the subject is long or of other characters than names are made
/// of. A token without subject is its client's own. By the mark, another issuer
/// that is configured later does not speak for the subjects of the one before.
fn who(claims: &[Member<'_>], issuer: &str) -> Option<String> {
    let get = |name: &str| claims.iter().find(|claim| claim.key == name).map(|claim| claim.value);
    let (kind, name) = match get("sub") {
        Some(sub) => ("", sub.text()?),
        None => ("client:", get("client_id")?.text()?),
    };
    if name.is_empty() || name.len() > LONGEST_SUBJECT {
        return None;
    }
    let issuer = &Digest::of(issuer.as_bytes()).hex()[..MARK];
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@' | b'|');
    if name.len() <= LONGEST_PLAIN && name.bytes().all(plain) {
        return Some(format!("{}{issuer}:{kind}{name}", Principal::BY_TOKEN));
    }
    // With a colon, which no plain name has.
    Some(format!("{}{issuer}:{kind}{}", Principal::BY_TOKEN, Digest::of(name.as_bytes())))
}

/// A NumericDate, cut to its second.
fn second(date: Json<'_>) -> Option<u64> {
    if date.kind() != Kind::Number {
        return None;
    }
    let date: f64 = date.get().parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between zero and LAST_SECOND")]
    (0.0..=LAST_SECOND).contains(&date).then_some(date as u64)
}

struct Names(Vec<String>);

impl Names {
    fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|other| other == name)
    }
}

fn names_of_array(array: Json<'_>) -> Option<Vec<String>> {
    let elements = array.elements()?;
    let names = || elements.iter().map(|name| name.text().map(|name| name.into_owned())).collect();
    (elements.len() <= MOST_NAMES).then(names)?
}

fn names_of_array_or_one(audience: Json<'_>) -> Option<Names> {
    match audience.text() {
        Some(one) => Some(Names(vec![one.into_owned()])),
        None => names_of_array(audience).map(Names),
    }
}

/// Names apart by spaces (RFC 9068 2.2.3), or an array of them.
fn scope_names(scopes: Json<'_>) -> Option<Vec<String>> {
    match scopes.text() {
        Some(text) => Some(text.split(' ').take(MOST_NAMES).map(str::to_owned).collect()),
        None => names_of_array(scopes),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bulkhead_policy::{Allowance, Scopes};

    use super::*;

    const NOW: u64 = 1_000_000;

    fn read(claims: &str) -> Result<Claims, Unknown> {
        let scopes = ["read", "write"].map(|name| (name.into(), Vec::new()));
        let rules = TokenRules {
            audience: "https://us".into(),
            scope_claim: "scope".into(),
            scopes: Arc::new(Scopes::new(scopes)),
            allowance: Allowance::default(),
        };
        Claims::read(claims, "https://id", &rules, NOW)
    }

    fn with(more: &str) -> Result<Claims, Unknown> {
        read(&format!(r#"{{"iss":"https://id","aud":"https://us","exp":1000001{more}}}"#))
    }

    #[test]
    fn claims_are_of_the_issuer_for_us_and_of_now() {
        let fine = with(r#","sub":"ann","scope":"write read other write","nbf":1000060"#);
        let scopes = vec!["read".to_owned(), "write".to_owned()];
        assert_eq!(fine, Ok(Claims { who: "oauth:797e28bd:ann".to_owned(), until: 1_000_001, scopes }));
        assert_eq!(with(r#","sub":"a","scope":["read"]"#).unwrap().scopes, ["read"]);
        assert_eq!(with(r#","sub":"a""#).unwrap().scopes, [""; 0]);
        for bad in [
            r#"{"iss":"https://id/","aud":"https://us","exp":1000001,"sub":"a"}"#,
            r#"{"aud":"https://us","exp":1000001,"sub":"a"}"#,
            r#"{"iss":"https://id","exp":1000001,"sub":"a"}"#,
            r#"{"iss":"https://id","aud":"https://us/","exp":1000001,"sub":"a"}"#,
            r#"{"iss":"https://id","aud":["https://them"],"exp":1000001,"sub":"a"}"#,
            r#"{"iss":"https://id","aud":[["https://us"]],"exp":1000001,"sub":"a"}"#,
            r#"{"iss":"https://id","aud":"https://us","sub":"a"}"#,
            r#"{"iss":"https://id","aud":"https://us","exp":"1000001","sub":"a"}"#,
            r#"{"iss":"https://id","aud":"https://us","exp":null,"sub":"a"}"#,
            r#"{"iss":"https://id","aud":"https://us","exp":1e300,"sub":"a"}"#,
            r#"{"iss":"https://id","aud":"https://us","exp":-1,"sub":"a"}"#,
            r#"{"iss":"https://id","aud":"https://us","exp":1000001}"#,
            r#"{"iss":"https://id","aud":"https://us","exp":1000001,"sub":""}"#,
            r#"{"iss":"https://id","aud":"https://us","exp":1000001,"sub":7,"client_id":"a"}"#,
            r#"{"iss":"https://id","aud":"https://us","exp":1000001,"sub":"a","nbf":1000061}"#,
            r#"{"iss":"https://id","aud":"https://us","exp":1000001,"sub":"a","nbf":"0"}"#,
            r#"{"iss":"https://id","aud":"https://us","exp":1000001,"sub":"a","scope":7}"#,
            r#"{"iss":"https://id","iss":"https://id","aud":"https://us","exp":1000001,"sub":"a"}"#,
            r#"{"iss":"https://id","aud":"https://us","exp":1000001,"sub":"a","cnf":{"jkt":"x"}}"#,
            "[]",
            "",
        ] {
            assert_eq!(read(bad), Err(Unknown::Invalid), "{bad}");
        }
        let over = r#"{"iss":"https://id","aud":["x","https://us"],"exp":1000000.9,"sub":"a"}"#;
        assert_eq!(read(over).map(|claims| claims.until), Ok(NOW), "its bearer has shown no signature yet");
    }

    #[test]
    fn no_two_subjects_have_one_name() {
        let who = |subject: &str| with(&format!(r#","sub":{subject}"#)).unwrap().who;
        assert_eq!(who(r#""auth0|7f@x.org""#), "oauth:797e28bd:auth0|7f@x.org");
        assert_eq!(with(r#","client_id":"agent""#).unwrap().who, "oauth:797e28bd:client:agent");
        let digest = |text: &str| format!("oauth:797e28bd:{}", Digest::of(text.as_bytes()));
        assert_eq!(who(r#""client:agent""#), digest("client:agent"));
        assert_eq!(who(r#""a\n\"b""#), digest("a\n\"b"));
        let digested = digest("x");
        let forged = digested.strip_prefix("oauth:797e28bd:").unwrap();
        assert_eq!(who(&format!("{forged:?}")), digest(forged));
        assert_ne!(who(&format!("{:?}", "x".repeat(65))), who(&format!("{:?}", "x".repeat(66))));
        assert_eq!(with(&format!(r#","sub":"{}""#, "x".repeat(257))), Err(Unknown::Invalid));
    }
}
