//! DSSE: signatures over a typed payload.
//! <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use bulkhead_keys::{KeyId, Keypair};

use crate::limits::MAX_SIGNATURES;

/// The only payload type that is taken: an in-toto statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// An envelope that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    #[error("{0}")]
    Shape(String),
    #[error("expected at most {MAX_SIGNATURES} signatures, found {0}")]
    TooMany(usize),
    #[error("expected the payload in base64 with padding")]
    Payload,
}

/// A payload and who signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) payload_type: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) signatures: Vec<Signature>,
}

/// One signature. The key id selects candidate keys and proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signature {
    #[serde(default)]
    pub(crate) keyid: String,
    pub(crate) sig: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OnFile {
    payload_type: String,
    payload: String,
    signatures: Vec<Signature>,
}

impl Envelope {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let on_file: OnFile = serde_json::from_slice(bytes).map_err(|error| EnvelopeError::Shape(error.to_string()))?;
        if on_file.signatures.len() > MAX_SIGNATURES {
            return Err(EnvelopeError::TooMany(on_file.signatures.len()));
        }
        let payload = STANDARD.decode(&on_file.payload).map_err(|_| EnvelopeError::Payload)?;
        Ok(Self { payload_type: on_file.payload_type, payload, signatures: on_file.signatures })
    }

    pub(crate) fn write(&self) -> Result<Vec<u8>, EnvelopeError> {
        let on_file = OnFile {
            payload_type: self.payload_type.clone(),
            payload: STANDARD.encode(&self.payload),
            signatures: self.signatures.clone(),
        };
        serde_json::to_vec(&on_file).map_err(|error| EnvelopeError::Shape(error.to_string()))
    }

    /// What is signed.
    pub(crate) fn signed_bytes(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }

    /// Adds the signature of `key` in place of an earlier one of the same
    /// key. Signatures lie in order of key ids, whoever signs first.
    pub(crate) fn add(&mut self, key: &Keypair) {
        let keyid = key.public().id().hex();
        let sig = STANDARD.encode(key.sign(&self.signed_bytes()));
        self.signatures.retain(|signature| signature.keyid != keyid);
        self.signatures.push(Signature { keyid, sig });
        self.signatures.sort_by(|one, other| one.keyid.cmp(&other.keyid));
    }
}

impl Signature {
    /// The key id, if it is one of ours.
    pub(crate) fn key_id(&self) -> Option<KeyId> {
        format!("sha256:{}", self.keyid).parse().ok()
    }

    /// The 64 bytes of the signature.
    pub(crate) fn bytes(&self) -> Option<[u8; 64]> {
        STANDARD.decode(&self.sig).ok()?.try_into().ok()
    }
}

/// The pre-authentication encoding.
fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_that_of_the_specification() {
        assert_eq!(
            pae("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn an_envelope_has_one_shape() {
        let good = r#"{"payloadType":"t","payload":"aGk=","signatures":[{"keyid":"k","sig":"AA=="}]}"#;
        let envelope = Envelope::parse(good.as_bytes()).unwrap();
        assert_eq!(envelope.write().unwrap(), good.as_bytes());
        for bad in [
            good.replace("aGk=", "aGk"),
            good.replace("aGk=", "aGl="),
            good.replace("\"sig\"", "\"signature\""),
            good.replace("{\"payloadType\":\"t\"", "{\"payloadType\":\"t\",\"payloadType\":\"t\""),
            good.replace("]}", "]} x"),
            good.replace("]}", "],\"more\":1}"),
        ] {
            assert!(Envelope::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        let many = format!("[{}]", vec![r#"{"keyid":"k","sig":"AA=="}"#; MAX_SIGNATURES + 1].join(","));
        let crowded = good.replace(r#"[{"keyid":"k","sig":"AA=="}]"#, &many);
        assert_eq!(Envelope::parse(crowded.as_bytes()), Err(EnvelopeError::TooMany(MAX_SIGNATURES + 1)));
    }
}
