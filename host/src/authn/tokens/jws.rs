//! A token in three parts (RFC 7515 7.1), read as far as can be done without a
//! key.
//!
//! **Invariant:** what a header says only narrows: it picks one of the issuer's
//! own keys. Keys and addresses of keys in it are never looked at.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bulkhead_protocol::json::Json;

use crate::authn::issuer::{Algorithm, LONGEST_KID};

/// Longest header. Answers "a header that is read at length before it is refused".
const LONGEST_HEADER: usize = 2 << 10;

/// What a token's `typ` may be (RFC 9068 2.1, RFC 7519 5.1), if it has one.
const TYPES: [&str; 3] = ["at+jwt", "application/at+jwt", "JWT"];

/// A token that has the shape of one.
#[derive(Debug)]
pub(super) struct Jws<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
    /// The claims, as JSON.
    pub(super) payload: String,
    /// What is signed.
    pub(super) signed: &'a str,
    pub(super) signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    pub(super) fn read(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        if payload.contains('.') || header.len() > LONGEST_HEADER {
            return None;
        }
        let (algorithm, kid) = read_header(&text(header)?)?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        Some(Self { algorithm, kid, payload: text(payload)?, signed, signature })
    }
}

fn text(part: &str) -> Option<String> {
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn read_header(header: &str) -> Option<(Algorithm, Option<String>)> {
    let (mut algorithm, mut kid) = (None, None);
    for member in Json::parse(header).ok()?.members()? {
        let value = || member.value.text();
        match &*member.key {
            "alg" => algorithm = Some(Algorithm::parse(&value()?)?),
            "kid" => kid = Some(value().filter(|kid| kid.len() <= LONGEST_KID)?.into_owned()),
            "typ" if !TYPES.iter().any(|kind| value().is_some_and(|typ| typ.eq_ignore_ascii_case(kind))) => {
                return None;
            }
            // An extension that has to be understood, of which none is, or a payload that is not one.
            "crit" | "b64" | "zip" | "enc" => return None,
            _ => {}
        }
    }
    Some((algorithm?, kid))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str, rest: &str) -> Option<Algorithm> {
        let token = format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(header));
        Jws::read(&token).map(|jws| jws.algorithm)
    }

    #[test]
    fn only_a_plain_signed_token_is_read() {
        for fine in [
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"RS256","typ":"at+jwt","kid":"a"}"#,
            r#"{"typ":"APPLICATION/AT+JWT","alg":"RS256"}"#,
            r#"{"typ":"jwt","alg":"RS256","jku":"https://evil.example","jwk":{"kty":"oct","k":"AA"}}"#,
        ] {
            assert_eq!(read(fine, "e30.AA"), Some(Algorithm::Rs256), "{fine}");
        }
        for bad in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"rs256"}"#,
            r#"{"alg":["RS256"]}"#,
            r#"{"typ":"JWT"}"#,
            r#"{"alg":"RS256","alg":"RS256"}"#,
            r#"{"alg":"RS256","typ":"id+jwt"}"#,
            r#"{"alg":"RS256","typ":1}"#,
            r#"{"alg":"RS256","kid":1}"#,
            r#"{"alg":"RS256","crit":["exp"]}"#,
            r#"{"alg":"RS256","b64":false}"#,
            r#"{"alg":"RS256"} {}"#,
            r#"["RS256"]"#,
        ] {
            assert_eq!(read(bad, "e30.AA"), None, "{bad}");
        }
        let fine = r#"{"alg":"RS256"}"#;
        for rest in ["", "e30", "e30.", ".AA", "e30.AA.AA", "e30.AA.AA.AA.AA", "e30=.AA", "e30.A+", "e31.AA", "gICA.AA"]
        {
            let empty = rest == "e30." || rest == ".AA";
            assert_eq!(read(fine, rest).is_some(), empty, "{rest:?}: a signature or claims that are empty fit nothing");
        }
        let long = format!(r#"{{"alg":"RS256","x":"{}"}}"#, "x".repeat(LONGEST_HEADER));
        assert_eq!(read(&long, "e30.AA"), None);
        assert_eq!(read(&format!(r#"{{"alg":"RS256","kid":"{}"}}"#, "x".repeat(LONGEST_KID + 1)), "e30.AA"), None);
    }
}
