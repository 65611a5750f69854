//! Documents of a server's own under one signature: what is signed says what
//! kind of document it is, so that none is taken for another, nor for a plugin.

use bulkhead_keys::{Keypair, PublicKey};

use crate::dsse::{Envelope, EnvelopeError};

/// A document that is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    #[error("not a DSSE envelope: {0}")]
    Envelope(#[from] EnvelopeError),
    #[error("expected a payload of type {expected}, found {found:?}")]
    Kind { expected: &'static str, found: String },
    #[error("none of its signatures is of a key that was given; it claims {claimed}")]
    Stranger { claimed: String },
    #[error("the signature of {0} does not verify")]
    Altered(String),
}

/// `payload` in an envelope that `key` signed.
///
/// # Errors
/// It cannot be written.
pub fn seal_document(kind: &str, payload: &[u8], key: &Keypair) -> Result<Vec<u8>, EnvelopeError> {
    let mut envelope =
        Envelope { payload_type: kind.to_owned(), payload: payload.to_vec(), signatures: Vec::with_capacity(1) };
    envelope.add(key);
    envelope.write()
}

/// The payload of a document of this kind, and the first of `keys` that signed
/// it. A signature that claims one of `keys` and does not verify refuses it.
///
/// # Errors
/// [`DocumentError`]: nothing of the payload was looked at.
pub fn open_document<'a>(
    kind: &'static str,
    bytes: &[u8],
    keys: &'a [PublicKey],
) -> Result<(Vec<u8>, &'a PublicKey), DocumentError> {
    let envelope = Envelope::parse(bytes)?;
    if envelope.payload_type != kind {
        return Err(DocumentError::Kind { expected: kind, found: envelope.payload_type });
    }
    let signed = envelope.signed_bytes();
    let mut signer = None;
    for key in keys {
        for signature in envelope.signatures.iter().filter(|signature| signature.key_id() == Some(key.id())) {
            let holds = signature.bytes().is_some_and(|bytes| key.verifies(&signed, &bytes));
            if !holds {
                return Err(DocumentError::Altered(format!("key:{}", key.id().hex())));
            }
            signer.get_or_insert(key);
        }
    }
    match signer {
        Some(key) => Ok((envelope.payload, key)),
        None => Err(DocumentError::Stranger { claimed: claimed(&envelope) }),
    }
}

/// The key ids of its signatures, of which nothing is known but their spelling.
fn claimed(envelope: &Envelope) -> String {
    let ids = envelope.signatures.iter().map(|signature| match signature.key_id() {
        Some(id) => format!("key:{}", id.hex()),
        None => "a key without a name".to_owned(),
    });
    let ids: Vec<String> = ids.collect();
    if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::*;

    const KIND: &str = "application/vnd.bulkhead.test+json";

    #[test]
    fn a_document_opens_under_its_key_and_its_kind_alone() {
        let [key, other] = [(); 2].map(|()| Keypair::generate().unwrap());
        let sealed = seal_document(KIND, b"{}", &key).unwrap();
        let keys = [other.public().clone(), key.public().clone()];
        assert_eq!(open_document(KIND, &sealed, &keys).unwrap(), (b"{}".to_vec(), key.public()));
        let stranger = open_document(KIND, &sealed, &keys[..1]);
        assert_eq!(stranger, Err(DocumentError::Stranger { claimed: format!("key:{}", key.public().id().hex()) }));
        let found = KIND.to_owned();
        assert_eq!(
            open_document("text/plain", &sealed, &keys),
            Err(DocumentError::Kind { expected: "text/plain", found })
        );
        assert!(matches!(open_document(KIND, b"{}", &keys), Err(DocumentError::Envelope(_))));
    }

    #[test]
    fn an_altered_document_is_refused_however_it_is_altered() {
        let key = Keypair::generate().unwrap();
        let keys = [key.public().clone()];
        let sealed = String::from_utf8(seal_document(KIND, b"{\"a\":1}", &key).unwrap()).unwrap();
        let altered = sealed.replace(&STANDARD.encode(b"{\"a\":1}"), &STANDARD.encode(b"{\"a\":2}"));
        let refused = DocumentError::Altered(format!("key:{}", key.public().id().hex()));
        assert_eq!(open_document(KIND, altered.as_bytes(), &keys), Err(refused.clone()));
        // A second signature under the same id that does not hold spoils the first.
        let extra = format!("{{\"keyid\":\"{}\",\"sig\":\"AA==\"}}", key.public().id().hex());
        let crowded = sealed.replace("]}", &format!(",{extra}]}}"));
        assert_eq!(open_document(KIND, crowded.as_bytes(), &keys), Err(refused));
        let bare = format!("{{\"payloadType\":\"{KIND}\",\"payload\":\"e30=\",\"signatures\":[]}}");
        assert_eq!(
            open_document(KIND, bare.as_bytes(), &keys),
            Err(DocumentError::Stranger { claimed: "none".into() })
        );
    }
}
