//! Where an issuer's keys are, and how they are had.

use std::{io, path::PathBuf, time::Duration};

use bulkhead_base::ByteSize;
use bulkhead_net::{
    CertificateDer, Dialler, Reach,
    fetch::{FetchError, Limits},
};
use bulkhead_protocol::json::Json;
use tokio::{fs::File, io::AsyncReadExt as _};
use url::Url;

/// Largest document about an issuer or its keys, and longest that it is waited
/// for. Answers "an issuer that sends for ever".
const LIMITS: Limits = Limits { size: ByteSize::kib(256), time: Duration::from_secs(10), redirects: 3 };

/// Whose tokens are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerSource {
    /// As its tokens spell it.
    pub issuer: Box<str>,
    pub keys: KeySource,
    /// Whether it may be reached under a private address.
    pub private: bool,
    /// Authorities that are believed besides those of the public web.
    pub authorities: Vec<CertificateDer<'static>>,
}

impl IssuerSource {
    /// The addresses that the configuration says are dialled for keys.
    pub fn addresses(&self) -> impl Iterator<Item = Url> {
        let written = match &self.keys {
            KeySource::Metadata => Some(&self.issuer),
            KeySource::Url(url) => Some(url),
            KeySource::File(_) => None,
        };
        written.and_then(|url| Url::parse(url).ok()).into_iter()
    }
}

/// Where keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// Where the issuer's own metadata says (RFC 8414).
    Metadata,
    /// At an https address.
    Url(Box<str>),
    /// In a file of the operator's.
    File(PathBuf),
}

/// Why keys are not had.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unavailable {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{at} is larger than {most}", most = LIMITS.size)]
    TooLarge { at: String },
    #[error("{0} is not UTF-8")]
    Text(String),
    #[error("{at} is not the metadata of {issuer:?} with a jwks_uri")]
    Metadata { at: String, issuer: Box<str> },
}

/// The address that `text` is, if an issuer may have it: https, and nothing
/// behind the path.
#[must_use]
pub fn well_formed_issuer(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    (url.scheme() == "https" && url.has_host() && plain && url.fragment().is_none()).then_some(url)
}

impl IssuerSource {
    /// The document that the keys stand in.
    pub(super) async fn document(&self, dialler: &Dialler) -> Result<String, Unavailable> {
        match &self.keys {
            KeySource::Metadata => self.fetch(dialler, &self.discover(dialler).await?).await,
            KeySource::Url(url) => self.fetch(dialler, url).await,
            KeySource::File(path) => {
                let failed = |source| Unavailable::File { path: path.clone(), source };
                let (mut bytes, most) = (Vec::new(), LIMITS.size.get());
                let file = File::open(path).await.map_err(failed)?;
                file.take(most + 1).read_to_end(&mut bytes).await.map_err(failed)?;
                if bytes.len() as u64 > most {
                    return Err(Unavailable::TooLarge { at: path.display().to_string() });
                }
                String::from_utf8(bytes).map_err(|_| Unavailable::Text(path.display().to_string()))
            }
        }
    }

    async fn fetch(&self, dialler: &Dialler, url: &str) -> Result<String, Unavailable> {
        let reach = if self.private { Reach::PRIVATE } else { Reach::PUBLIC };
        let fetched = dialler.fetch(url, reach, LIMITS, None).await?;
        String::from_utf8(fetched.bytes).map_err(|_| Unavailable::Text(url.to_owned()))
    }

    /// Where the issuer says that its keys are. What it says is believed if it
    /// says it of itself (RFC 8414 3.3).
    async fn discover(&self, dialler: &Dialler) -> Result<String, Unavailable> {
        let mut last = None;
        for at in metadata_addresses(&self.issuer) {
            let text = match self.fetch(dialler, &at).await {
                Ok(text) => text,
                Err(Unavailable::Fetch(missing @ FetchError::Status { .. })) => {
                    last = Some(missing.into());
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Ok(metadata) = Json::parse(&text) else {
                return Err(Unavailable::Metadata { at, issuer: self.issuer.clone() });
            };
            let said = |key| metadata.member(key).and_then(Json::text);
            return match (said("issuer"), said("jwks_uri")) {
                (Some(issuer), Some(keys)) if *issuer == *self.issuer => Ok(keys.into_owned()),
                _ => Err(Unavailable::Metadata { at, issuer: self.issuer.clone() }),
            };
        }
        Err(last.unwrap_or_else(|| Unavailable::Metadata { at: String::new(), issuer: self.issuer.clone() }))
    }
}

/// RFC 8414 3.1 and 5, and where OpenID providers have had it since before.
fn metadata_addresses(issuer: &str) -> Vec<String> {
    let Some(url) = well_formed_issuer(issuer) else { return Vec::new() };
    let (origin, path) = (url.origin().ascii_serialization(), url.path().trim_end_matches('/'));
    let mut addresses = vec![
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{origin}/.well-known/openid-configuration{path}"),
        format!("{origin}{path}/.well-known/openid-configuration"),
    ];
    addresses.dedup();
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_lies_where_the_standards_say() {
        assert_eq!(
            metadata_addresses("https://id.example.com/realms/a/"),
            [
                "https://id.example.com/.well-known/oauth-authorization-server/realms/a",
                "https://id.example.com/.well-known/openid-configuration/realms/a",
                "https://id.example.com/realms/a/.well-known/openid-configuration",
            ]
        );
        assert_eq!(metadata_addresses("https://id.example.com").len(), 2);
        for bad in ["http://id.example.com", "id.example.com", "https://a@b.c", "https://b.c/?d", "https://b.c/#d"] {
            assert!(well_formed_issuer(bad).is_none(), "{bad}");
        }
    }
}
