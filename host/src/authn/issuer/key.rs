//! One public key of an issuer (RFC 7517), and what it verifies.
//!
//! **Invariant:** a key verifies the algorithms of its own type and of its own
//! `alg` alone. There is no algorithm without a signature and none with a
//! shared secret, so that neither can be asked for.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bulkhead_base::Digest;
use bulkhead_protocol::json::{Json, Member};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};

/// Longest name of a key.
pub(in crate::authn) const LONGEST_KID: usize = 256;

/// Longest RSA modulus, 4096 bits. Answers "a key that takes long to verify with".
const LONGEST_MODULUS: usize = 512;

/// How a token may be signed (RFC 7518 3.1, RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::authn) enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    Es384,
    EdDsa,
}

impl Algorithm {
    /// The algorithm of this name, if it may be used.
    pub(in crate::authn) fn parse(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            "ES384" => Some(Self::Es384),
            // RFC 9864 names it by its curve.
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// Uncompressed points.
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// A key that signatures are verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::authn) struct PublicKey {
    /// Of what is verified with: the same key under another name is the same.
    pub(in crate::authn) id: Digest,
    kid: Option<Box<str>>,
    /// The key's own `alg`.
    only: Option<Algorithm>,
    material: Material,
}

/// The members of a key that count, each once.
struct Jwk<'a>(Vec<Member<'a>>);

impl<'a> Jwk<'a> {
    fn get(&self, key: &str) -> Option<Json<'a>> {
        self.0.iter().find(|member| member.key == key).map(|member| member.value)
    }

    fn is(&self, key: &str, text: &str) -> bool {
        self.get(key).and_then(Json::text).is_some_and(|found| found == text)
    }

    fn bytes(&self, key: &str) -> Option<Vec<u8>> {
        BASE64_URL_SAFE_NO_PAD.decode(&*self.get(key)?.text()?).ok()
    }

    /// Whether its owner gave it out for signatures.
    fn is_for_signatures(&self) -> bool {
        let verifies = |ops: Json<'_>| {
            ops.elements().is_some_and(|ops| ops.iter().any(|op| op.text().is_some_and(|op| op == "verify")))
        };
        self.get("use").is_none_or(|_| self.is("use", "sig")) && self.get("key_ops").is_none_or(verifies)
    }

    fn material(&self) -> Option<Material> {
        if self.is("kty", "RSA") {
            let n = self.bytes("n")?;
            let leading = n.iter().take_while(|byte| **byte == 0).count();
            let n = n.get(leading..)?.to_vec();
            return (n.len() <= LONGEST_MODULUS).then_some(Material::Rsa { n, e: self.bytes("e")? });
        }
        if self.is("kty", "OKP") && self.is("crv", "Ed25519") {
            return self.bytes("x").filter(|x| x.len() == 32).map(Material::Ed25519);
        }
        let half = match () {
            () if !self.is("kty", "EC") => return None,
            () if self.is("crv", "P-256") => 32,
            () if self.is("crv", "P-384") => 48,
            () => return None,
        };
        let (x, y) = (self.bytes("x")?, self.bytes("y")?);
        let point = [&[4], x.as_slice(), y.as_slice()].concat();
        let whole = x.len() == half && y.len() == half;
        whole.then_some(if half == 32 { Material::P256(point) } else { Material::P384(point) })
    }
}

impl PublicKey {
    /// The key that `jwk` is, if signatures can be verified with it here.
    pub(super) fn read(jwk: Json<'_>) -> Option<Self> {
        let jwk = Jwk(jwk.members()?);
        let kid = match jwk.get("kid") {
            Some(kid) => Some(kid.text().filter(|kid| kid.len() <= LONGEST_KID)?.into()),
            None => None,
        };
        let only = match jwk.get("alg") {
            Some(name) => Some(Algorithm::parse(&name.text()?)?),
            None => None,
        };
        let material = jwk.is_for_signatures().then(|| jwk.material())??;
        let key = Self { id: material.id(), kid, only, material };
        only.is_none_or(|only| key.serves(only)).then_some(key)
    }

    /// Whether a token that names `kid` and `algorithm` may be its.
    pub(super) fn fits(&self, kid: Option<&str>, algorithm: Algorithm) -> bool {
        kid.is_none_or(|kid| self.kid.as_deref() == Some(kid)) && self.serves(algorithm)
    }

    fn serves(&self, algorithm: Algorithm) -> bool {
        let of_type = match self.material {
            Material::Rsa { .. } => matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256),
            Material::P256(_) => algorithm == Algorithm::Es256,
            Material::P384(_) => algorithm == Algorithm::Es384,
            Material::Ed25519(_) => algorithm == Algorithm::EdDsa,
        };
        of_type && self.only.is_none_or(|only| only == algorithm)
    }

    /// Whether `signature` is this key's, of `message`.
    pub(in crate::authn) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if !self.serves(algorithm) {
            return false;
        }
        let by = |how: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(how, key).verify(message, signature).is_ok()
        };
        match &self.material {
            Material::Rsa { n, e } => {
                let pss = algorithm == Algorithm::Ps256;
                let how = if pss { &RSA_PSS_2048_8192_SHA256 } else { &RSA_PKCS1_2048_8192_SHA256 };
                RsaPublicKeyComponents { n, e }.verify(how, message, signature).is_ok()
            }
            Material::P256(point) => by(&ECDSA_P256_SHA256_FIXED, point),
            Material::P384(point) => by(&ECDSA_P384_SHA384_FIXED, point),
            Material::Ed25519(key) => by(&ED25519, key),
        }
    }
}

impl Material {
    fn id(&self) -> Digest {
        let (kind, parts): (_, [&[u8]; 2]) = match self {
            Self::Rsa { n, e } => (b'R', [n, e]),
            Self::P256(point) => (b'2', [point, &[]]),
            Self::P384(point) => (b'3', [point, &[]]),
            Self::Ed25519(key) => (b'E', [key, &[]]),
        };
        let length = parts[0].len().to_be_bytes();
        Digest::of(&[&[kind], length.as_slice(), parts[0], parts[1]].concat())
    }
}
