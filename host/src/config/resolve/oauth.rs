use std::sync::Arc;

use bulkhead_policy::{Allowance, Scopes};
use url::{Host, Url};

use super::Folder;
use crate::{
    authn::{IssuerSource, KeySource, OAuth, TokenRules, is_scope_token, well_formed_issuer},
    config::{Role, de::At, error::Fault, raw::RawOAuth},
};

/// `scopeClaim` when nothing is written.
const SCOPE_CLAIM: &str = "scope";

/// Whose tokens let somebody in. Without scopes a token would open everything
/// or nothing, and without an address of ours it could be for anybody.
pub(super) fn resolve(
    raw: Option<At<RawOAuth>>,
    scopes: Option<&Arc<Scopes>>,
    public_url: Option<&Url>,
    folder: &mut Folder,
) -> Result<Option<OAuth>, Fault> {
    let Some(At { at, value: raw }) = raw else { return Ok(None) };
    let fault = |text: &str| Fault::at(at, text).under("oauth");
    let scopes = scopes.ok_or_else(|| {
        fault("a token opens what its scopes do, and there are none: write `scopes:`, with what each of them opens")
    })?;
    let public_url = public_url.ok_or_else(|| {
        fault(
            "tokens are for one address: write it as `publicUrl:`, as clients know it (https://tools.example.com/mcp)",
        )
    })?;
    if public_url.scheme() != "https" && !is_loopback(public_url) {
        return Err(fault("tokens would cross the network in the clear: `publicUrl` has to be https"));
    }
    if let Some((name, _)) = scopes.iter().find(|(name, _)| !is_scope_token(name)) {
        let text =
            format!("the scope {name:?} cannot be asked for: expected visible ASCII without spaces, `\"` and `\\`");
        return Err(fault(&text));
    }
    read(raw, scopes, public_url, folder).map(Some).map_err(|fault| fault.under("oauth"))
}

fn read(raw: RawOAuth, scopes: &Arc<Scopes>, public_url: &Url, folder: &mut Folder) -> Result<OAuth, Fault> {
    let At { at, value: issuer } = raw.issuer;
    if well_formed_issuer(&issuer).is_none() {
        let text =
            format!("expected an address such as https://id.example.com, as the tokens spell it, found {issuer:?}");
        return Err(Fault::at(at, text).under("issuer"));
    }
    if let Some(At { at, value: 0 }) = raw.concurrency {
        return Err(Fault::at(at, "expected a number above zero").under("concurrency"));
    }
    let written = |text: Option<At<String>>, key: &str, otherwise: &str| match text {
        Some(At { at, value }) if value.is_empty() => Err(Fault::at(at, "expected some text").under(key)),
        Some(At { value, .. }) => Ok(value.into_boxed_str()),
        None => Ok(otherwise.into()),
    };
    let allowance =
        Allowance { rate: raw.rate.map(|rate| rate.0), concurrency: raw.concurrency.map(|number| number.value) };
    Ok(OAuth {
        issuer: IssuerSource {
            issuer: issuer.into(),
            keys: keys(raw.jwks_uri, folder).map_err(|fault| fault.under("jwksUri"))?,
            private: raw.allow_private,
            authorities: folder
                .authorities(raw.ca_file, Role::IssuerAuthority)
                .map_err(|fault| fault.under("caFile"))?,
        },
        rules: TokenRules {
            audience: written(raw.audience, "audience", public_url.as_str())?,
            scope_claim: written(raw.scope_claim, "scopeClaim", SCOPE_CLAIM)?,
            scopes: scopes.clone(),
            allowance,
        },
    })
}

/// An https address, or a file.
fn keys(written: Option<At<String>>, folder: &Folder) -> Result<KeySource, Fault> {
    let Some(At { at, value }) = written else { return Ok(KeySource::Metadata) };
    if value.starts_with("https://") && Url::parse(&value).is_ok() {
        return Ok(KeySource::Url(value.into()));
    }
    if value.is_empty() || value.contains("://") {
        return Err(Fault::at(at, format!("expected an https address, or a file, found {value:?}")));
    }
    Ok(KeySource::File(folder.join(&value)))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(v4)) => v4.is_loopback(),
        Some(Host::Ipv6(v6)) => v6.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{Config, ConfigError, Exposed, resolve::from_text};

    fn read(text: &str) -> Result<Config, ConfigError> {
        from_text(Path::new("/srv/mcp.yaml"), text, &|_| None)
    }

    fn refusal(text: &str) -> String {
        read(text).map_or_else(|error| error.to_string(), |_| format!("accepted: {text}"))
    }

    #[test]
    fn tokens_need_scopes_an_address_and_an_issuer_of_their_own() {
        let fine =
            |oauth: &str| format!("oauth: {oauth}\npublicUrl: https://us.example/mcp\nscopes: {{read: [a.b]}}\n");
        let config = read(&fine("{issuer: https://id.example, jwksUri: keys.json}")).unwrap();
        let oauth = config.credentials.oauth.as_ref().unwrap();
        assert_eq!((&*oauth.rules.audience, &*oauth.rules.scope_claim), ("https://us.example/mcp", "scope"));
        assert_eq!(config.issuer_keys(), Some(Path::new("/srv/keys.json")));
        assert_eq!(config.exposed(([0, 0, 0, 0], 1).into()), Err(Exposed::NoTls { listen: ([0, 0, 0, 0], 1).into() }));
        let minimal = "{issuer: https://id.example}";
        assert!(read(&fine(minimal)).unwrap().issuer_keys().is_none());
        let cases = [
            (
                fine(minimal).replace("scopes: {read: [a.b]}", ""),
                "/srv/mcp.yaml:1:8: oauth: a token opens what its scopes do",
            ),
            (
                fine(minimal).replace("publicUrl: https://us.example/mcp", ""),
                "/srv/mcp.yaml:1:8: oauth: tokens are for one address",
            ),
            (
                fine(minimal).replace("https://us", "http://us"),
                "/srv/mcp.yaml:1:8: oauth: tokens would cross the network",
            ),
            (
                fine(minimal).replace("read:", "\"a b\":"),
                "/srv/mcp.yaml:1:8: oauth: the scope \"a b\" cannot be asked for",
            ),
            (fine("{issuer: http://id.example}"), "/srv/mcp.yaml:1:17: oauth.issuer: expected an address such as"),
            (
                fine("{issuer: https://a.b, jwksUri: http://a.b/k}"),
                "/srv/mcp.yaml:1:39: oauth.jwksUri: expected an https address, or a file",
            ),
            (fine("{issuer: https://a.b, audience: ''}"), "/srv/mcp.yaml:1:40: oauth.audience: expected some text"),
            (
                fine("{issuer: https://a.b, concurrency: 0}"),
                "/srv/mcp.yaml:1:43: oauth.concurrency: expected a number above zero",
            ),
            (fine("{issuer: https://a.b, caFile: none.pem}"), "/srv/mcp.yaml:1:38: oauth.caFile: /srv/none.pem: "),
            (fine("{audience: a}"), "/srv/mcp.yaml:1:8: oauth: the key \"issuer\" is missing"),
        ];
        for (text, told) in cases {
            let refused = refusal(&text);
            assert!(refused.starts_with(told), "{refused}\n{told}");
        }
    }
}
