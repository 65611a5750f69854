//! An issuer of tokens: keys of every kind, tokens as wrong as a test wants
//! them, and a server for its documents.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
        Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};

/// Whom it says that it is, unless it has a server.
pub const ISSUER: &str = "https://id.example.com";

/// Whom its tokens are for.
pub const AUDIENCE: &str = "https://tools.example.com/mcp";

/// An RSA key of 2048 bits, made for these tests: *ring* makes none.
const RSA: &[u8] = include_bytes!("../fixtures/issuer_rsa.pkcs8");

enum Pair {
    Rsa(RsaKeyPair),
    Ec(&'static str, EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// A key that signs tokens.
pub struct Signer {
    alg: &'static str,
    kid: String,
    pair: Pair,
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn ec(curve: &'static str, how: &'static EcdsaSigningAlgorithm, random: &SystemRandom) -> Pair {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(how, random).expect("a key");
    Pair::Ec(curve, EcdsaKeyPair::from_pkcs8(how, pkcs8.as_ref(), random).expect("a key"))
}

impl Signer {
    /// A fresh key for `alg`, but for RSA, of which there is one.
    pub fn new(alg: &'static str, kid: &str) -> Self {
        let random = SystemRandom::new();
        let pair = match alg {
            "RS256" | "PS256" => Pair::Rsa(RsaKeyPair::from_pkcs8(RSA).expect("a key")),
            "ES256" => ec("P-256", &ECDSA_P256_SHA256_FIXED_SIGNING, &random),
            "ES384" => ec("P-384", &ECDSA_P384_SHA384_FIXED_SIGNING, &random),
            _ => {
                let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
                Pair::Ed(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("a key"))
            }
        };
        Self { alg, kid: kid.to_owned(), pair }
    }

    /// The public half as JSON.
    pub fn jwk(&self) -> Value {
        let mut jwk = json!({"kid": self.kid, "use": "sig"});
        match &self.pair {
            Pair::Rsa(pair) => {
                jwk["kty"] = "RSA".into();
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                (jwk["n"], jwk["e"]) = (encode(public.n).into(), encode(public.e).into());
            }
            Pair::Ec(curve, pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(pair.public_key().as_ref().len() / 2);
                (jwk["kty"], jwk["crv"]) = ("EC".into(), (*curve).into());
                (jwk["x"], jwk["y"]) = (encode(x).into(), encode(y).into());
            }
            Pair::Ed(pair) => {
                (jwk["kty"], jwk["crv"]) = ("OKP".into(), "Ed25519".into());
                jwk["x"] = encode(pair.public_key()).into();
            }
        }
        jwk
    }

    /// Signs these very texts.
    pub fn sign(&self, header: &Value, claims: &str) -> String {
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims));
        let (random, message) = (SystemRandom::new(), signed.as_bytes());
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let how: &dyn ring::signature::RsaEncoding =
                    if self.alg == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                pair.sign(how, &random, message, &mut signature).expect("a signature");
                signature
            }
            Pair::Ec(_, pair) => pair.sign(&random, message).expect("a signature").as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        };
        format!("{signed}.{}", encode(signature))
    }

    /// The header of its tokens.
    pub fn header(&self) -> Value {
        json!({"alg": self.alg, "typ": "at+jwt", "kid": self.kid})
    }

    /// A token with these claims, in place of or besides good ones. `null`
    /// leaves one out.
    pub fn token(&self, claims: Value) -> String {
        self.sign(&self.header(), &good(claims).to_string())
    }
}

/// Good claims, changed by `other`.
pub fn good(other: Value) -> Value {
    let now = now();
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "client_id": "tests", "jti": "1", "iat": now, "exp": now + 600,
    });
    for (name, value) in other.as_object().expect("claims") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("claims").retain(|_, value| !value.is_null());
    claims
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// Keys as a document.
pub fn key_set(signers: &[&Signer]) -> String {
    json!({"keys": signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>()}).to_string()
}

type Script = dyn Fn(&str) -> Option<String> + Send + Sync;

/// A server of documents over TLS, by an authority of its own.
pub struct Documents {
    address: SocketAddr,
    /// The authority, PEM.
    pub authority: String,
    script: Arc<Mutex<Arc<Script>>>,
    requests: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
}

impl Documents {
    /// Serves by `script`, from paths to documents. `None` is status 500.
    pub fn start(script: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_no_client_auth()
            .with_single_cert(vec![issued.cert.der().clone()], key)
            .expect("a certificate");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let script: Arc<Script> = Arc::new(script);
        let documents = Self {
            address: listener.local_addr().expect("its address"),
            authority: issued.cert.pem(),
            script: Arc::new(Mutex::new(script)),
            requests: Arc::default(),
            stopped: Arc::default(),
        };
        let (script, requests, stopped) =
            (documents.script.clone(), documents.requests.clone(), documents.stopped.clone());
        let config = Arc::new(config);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let script = script.lock().expect("no panic").clone();
                // Who does not speak TLS gets no answer.
                let _ = answer(stream, &config, &*script, &requests);
            }
        });
        documents
    }

    /// Its own address.
    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    /// Serves by another script from now on.
    pub fn turn_to(&self, script: impl Fn(&str) -> Option<String> + Send + Sync + 'static) {
        *self.script.lock().expect("no panic") = Arc::new(script);
    }

    /// How many requests were answered.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Documents {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
    }
}

fn answer(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
    script: &Script,
    requests: &AtomicUsize,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(super::PATIENCE))?;
    let connection = ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    requests.fetch_add(1, Ordering::SeqCst);
    let document = script(head.split(' ').nth(1).unwrap_or_default());
    let status = if document.is_some() { "200 OK" } else { "500 Down" };
    let body = document.unwrap_or_default();
    let stream = stream.get_mut();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())?;
    stream.conn.send_close_notify();
    stream.flush()
}
