use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use bulkhead_base::Span;
use bulkhead_protocol::{Revision, Revisions};
use url::Url;

use super::{Folder, HOST, PORT};
use crate::config::{
    Admin, ServerLimits, TlsFiles,
    de::At,
    error::Fault,
    raw::{RawAdmin, RawServerLimits, RawState, RawTls, Text},
};

/// Longest that a task is kept. Answers "a list of tasks that only grows".
const MOST_TASK_TTL: Span = Span::secs(7 * 24 * 60 * 60);

pub(super) fn listen(host: Option<At<String>>, port: Option<u16>) -> Result<SocketAddr, Fault> {
    let host = host.map_or(Ok(HOST), |host| address(&host).map_err(|fault| fault.under("host")))?;
    Ok(SocketAddr::new(host, port.unwrap_or(PORT)))
}

/// An address of this machine. Names are not resolved: what is listened on is
/// what is written.
fn address(host: &At<String>) -> Result<IpAddr, Fault> {
    let text = host.value.as_str();
    if text == "localhost" {
        return Ok(HOST);
    }
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    inner
        .parse()
        .map_err(|_| Fault::at(host.at, format!("expected an address such as 127.0.0.1, or localhost, found {text:?}")))
}

pub(super) fn tls(raw: Option<At<RawTls>>, folder: &Folder) -> Result<Option<TlsFiles>, Fault> {
    let Some(At { at, value: raw }) = raw else { return Ok(None) };
    if raw.enabled == Some(false) {
        return Ok(None);
    }
    match (raw.cert_file, raw.key_file) {
        (Some(certificate), Some(key)) => {
            Ok(Some(TlsFiles { certificate: folder.join(&certificate), key: folder.join(&key) }))
        }
        _ => Err(Fault::at(at, "expected certFile and keyFile, both PEM, or enabled: false").under("tls")),
    }
}

pub(super) fn public_url(raw: Option<At<String>>) -> Result<Option<Url>, Fault> {
    let Some(At { at, value }) = raw else { return Ok(None) };
    let error = || {
        Fault::at(at, format!("expected an address such as https://tools.example.com/mcp, found {value:?}"))
            .under("publicUrl")
    };
    let url = Url::parse(&value).map_err(|_| error())?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.fragment().is_none() && url.query().is_none();
    let web = matches!(url.scheme(), "https" | "http") && url.has_host();
    if plain && web { Ok(Some(url)) } else { Err(error()) }
}

pub(super) fn origins(raw: Vec<At<String>>) -> Result<Vec<String>, Fault> {
    let check = |(index, At { at, value }): (usize, At<String>)| {
        let is_origin = Url::parse(&value).is_ok_and(|url| {
            matches!(url.scheme(), "https" | "http")
                && url.origin().ascii_serialization() == value.trim_end_matches('/')
        });
        if is_origin {
            return Ok(value);
        }
        let text = format!(
            "expected an origin such as https://app.example.com, in lower case and without a path, found {value:?}"
        );
        Err(Fault::at(at, text).under(&format!("[{index}]")).under("allowedOrigins"))
    };
    raw.into_iter().enumerate().map(check).collect()
}

/// The admin listener speaks in the clear, so that it stays on this machine.
pub(super) fn admin(raw: Option<At<RawAdmin>>) -> Result<Option<Admin>, Fault> {
    let Some(At { value: raw, .. }) = raw else { return Ok(None) };
    let At { at, value: Text(listen) } = raw.listen;
    if !listen.ip().is_loopback() {
        let text = format!(
            "{listen} is not loopback, and the admin listener has no TLS; listen on 127.0.0.1 and put a proxy before it"
        );
        return Err(Fault::at(at, text).under("listen").under("admin"));
    }
    Ok(Some(Admin { listen, key: raw.key_hash.map(|hash| hash.0) }))
}

pub(super) fn protocols(raw: Option<At<Vec<Text<Revision>>>>) -> Result<Revisions, Fault> {
    let Some(At { at, value }) = raw else { return Ok(Revisions::ALL) };
    if value.is_empty() {
        return Err(
            Fault::at(at, "a server that speaks no revision serves nobody; list at least one").under("protocols")
        );
    }
    Ok(value.into_iter().map(|revision| revision.0).collect())
}

pub(super) fn database(raw: RawState, state_dir: &Path, folder: &Folder) -> Result<PathBuf, Fault> {
    let Some(At { at, value }) = raw.url else { return Ok(state_dir.join("state.db")) };
    match value.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => Ok(folder.join(path)),
        Some(("postgres" | "postgresql", _)) => Err(Fault::not_built(at, "url").under("state")),
        _ => Err(Fault::at(at, "expected sqlite: and a path").under("url").under("state")),
    }
}

pub(super) fn limits(raw: RawServerLimits) -> Result<ServerLimits, Fault> {
    let otherwise = ServerLimits::default();
    let zero = |at, key: &str| Fault::at(at, "expected more than zero").under(key).under("limits");
    let count = |written: Option<At<u32>>, key, otherwise| match written {
        Some(At { at, value: 0 }) => Err(zero(at, key)),
        Some(At { value, .. }) => Ok(value),
        None => Ok(otherwise),
    };
    let request_body = match raw.request_body {
        Some(At { at, value }) if value.get() == 0 => return Err(zero(at, "requestBody")),
        Some(At { value, .. }) => value,
        None => otherwise.request_body,
    };
    let task_ttl = match raw.task_ttl {
        Some(At { at, value }) if value < Span::secs(1) || value > MOST_TASK_TTL => {
            let text = format!("expected 1s to {MOST_TASK_TTL}, found {value}");
            return Err(Fault::at(at, text).under("taskTtl").under("limits"));
        }
        Some(At { value, .. }) => value,
        None => otherwise.task_ttl,
    };
    Ok(ServerLimits {
        request_body,
        in_flight: count(raw.in_flight, "inFlight", otherwise.in_flight)?,
        calls_per_plugin: count(raw.calls_per_plugin, "callsPerPlugin", otherwise.calls_per_plugin)?,
        drain: raw.drain.unwrap_or(otherwise.drain),
        task_ttl,
    })
}
