use std::collections::{BTreeMap, HashSet};

use bulkhead_base::{ByteSize, Span};
use bulkhead_policy::{
    Grants, HostFolder, HttpRule, LimitOverrides, Limits, Mount, PathRule, SecretRule, TcpRule, variable_name,
};

use super::Folder;
use crate::config::{
    de::At,
    error::{Fault, Position},
    raw::{Ordered, RawClock, RawFs, RawGrants, RawHttp, RawKv, RawLimits, RawSecret, RawTcp, Secret},
};

/// Most memory that a 32-bit guest can address.
const MOST_MEMORY: ByteSize = ByteSize::mib(4096);
/// Longest call. Answers "a span in the wrong unit keeps calls for years".
const LONGEST: Span = Span::secs(24 * 60 * 60);

pub(super) fn resolve(
    raw: RawGrants,
    limits: Option<&At<RawLimits>>,
    config: Ordered<String, String>,
    folder: &Folder,
) -> Result<Grants, Fault> {
    let under = |fault: Fault| fault.under("grants");
    Ok(Grants {
        fs: mounts(raw.fs, folder).map_err(|fault| under(fault.under("fs")))?,
        http: list(raw.http, http).map_err(|fault| under(fault.under("http")))?,
        tcp: list(raw.tcp, tcp).map_err(|fault| under(fault.under("tcp")))?,
        env: variables(raw.env).map_err(|fault| under(fault.under("env")))?,
        secrets: secrets(raw.secrets).map_err(|fault| under(fault.under("secrets")))?,
        kv: raw.kv.and_then(RawKv::scope),
        config: config.0.into_iter().collect(),
        clock_fine: matches!(raw.clock, Some(RawClock::Fine)),
        limits: limits.map_or_else(|| Ok(Limits::default()), resolve_limits)?,
        ..Grants::default()
    })
}

fn list<R, T>(raw: Vec<At<R>>, one: impl Fn(R, Position) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    let place = |index: usize| format!("[{index}]");
    raw.into_iter()
        .enumerate()
        .map(|(index, At { at, value })| one(value, at).map_err(|fault| fault.under(&place(index))))
        .collect()
}

fn mounts(raw: Vec<At<RawFs>>, folder: &Folder) -> Result<Vec<Mount>, Fault> {
    let places: Vec<Position> = raw.iter().map(|mount| mount.at).collect();
    let mounts = list(raw, |raw, at| {
        let host = match (raw.path, raw.workspace == Some(true)) {
            (None, true) => HostFolder::Workspace,
            (Some(_), true) => return Err(Fault::at(at, "a workspace lies where its root has it").under("path")),
            (None, false) => return Err(Fault::at(at, "the key \"path\" is missing")),
            (Some(path), false) if path.is_empty() => return Err(Fault::at(at, "expected a folder").under("path")),
            (Some(path), false) => HostFolder::Path(folder.join(&path)),
        };
        Ok(Mount {
            host,
            at: raw.at.0,
            access: raw.access.map_or_else(Default::default, |access| access.0),
            quota: raw.quota.unwrap_or(Mount::QUOTA),
            inodes: raw.inodes.unwrap_or(Mount::INODES),
        })
    })?;
    let mut workspaces = mounts.iter().zip(&places).filter(|(mount, _)| mount.host == HostFolder::Workspace);
    if let Some((_, at)) = workspaces.nth(1) {
        return Err(Fault::at(*at, "a root has one workspace for each plugin"));
    }
    let mut taken = HashSet::new();
    match mounts.iter().zip(places).find(|(mount, _)| !taken.insert(&mount.at)) {
        Some((mount, at)) => Err(Fault::at(at, format!("two folders at {}; give one another `at`", mount.at))),
        None => Ok(mounts),
    }
}

fn http(raw: RawHttp, at: Position) -> Result<HttpRule, Fault> {
    let scheme = raw.scheme.map_or_else(Default::default, |scheme| scheme.0);
    let methods = match raw.methods {
        Some(list) if list.is_empty() => {
            return Err(Fault::at(at, "a rule without methods admits nothing").under("methods"));
        }
        Some(list) => list.into_iter().map(|method| method.0).collect(),
        None => HttpRule::reading_methods(),
    };
    let paths = match raw.paths {
        Some(list) if list.is_empty() => {
            return Err(Fault::at(at, "a rule without paths admits nothing").under("paths"));
        }
        Some(list) => list.into_iter().map(|path| path.0).collect(),
        None => vec![PathRule::all()],
    };
    let port = match raw.port {
        Some(written) => port(written, at)?,
        None => scheme.default_port(),
    };
    Ok(HttpRule { scheme, host: raw.host.0, port, methods, paths, allow_private: raw.allow_private })
}

fn tcp(raw: RawTcp, at: Position) -> Result<TcpRule, Fault> {
    Ok(TcpRule { host: raw.host.0, port: port(raw.port, at)?, allow_private: raw.allow_private })
}

fn port(port: u16, at: Position) -> Result<u16, Fault> {
    if port == 0 { Err(Fault::at(at, "expected 1 to 65535").under("port")) } else { Ok(port) }
}

fn variables(raw: Ordered<String, At<Secret>>) -> Result<BTreeMap<String, bulkhead_base::Redacted<String>>, Fault> {
    let one = |(name, At { at, value }): (String, At<Secret>)| {
        let name = variable_name(&name).map_err(|error| Fault::at(at, error.to_string()))?;
        if value.0.expose().contains('\0') {
            return Err(Fault::at(at, "a variable cannot hold a zero byte").under(&name));
        }
        Ok((name, value.0))
    };
    raw.0.into_iter().map(one).collect()
}

fn secrets(raw: Ordered<String, At<RawSecret>>) -> Result<Vec<SecretRule>, Fault> {
    let one = |(name, At { at, value: raw }): (String, At<RawSecret>)| {
        let paths = raw.paths.into_iter().map(|path| path.0).collect();
        SecretRule::new(&name, raw.value.0, raw.origin.0, &raw.header, paths)
            .map_err(|error| Fault::at(at, error.to_string()).under(&name))
    };
    raw.0.into_iter().map(one).collect()
}

fn resolve_limits(raw: &At<RawLimits>) -> Result<Limits, Fault> {
    let told = |(key, text): (&str, String)| Fault::at(raw.at, text).under(key).under("limits");
    check(overrides(&raw.value).resolve()).map_err(told)
}

pub(super) fn overrides(raw: &RawLimits) -> LimitOverrides {
    LimitOverrides {
        memory: raw.memory,
        time: raw.time,
        cpu: raw.cpu,
        concurrency: raw.concurrency,
        output: raw.output,
        log: raw.log,
        handles: raw.handles,
        streams: raw.streams,
        timers: raw.timers,
        random: raw.random,
        headers: raw.headers,
        requests: raw.requests,
        transfer: raw.transfer,
        host_call: raw.host_call,
    }
}

/// Limits under which a plugin can run at all, and that are limits.
fn check(limits: Limits) -> Result<Limits, (&'static str, String)> {
    let nothing = [
        ("memory", limits.memory.get() == 0),
        ("time", limits.time == Span::millis(0)),
        ("cpu", limits.cpu == Span::millis(0)),
        ("concurrency", limits.concurrency == 0),
        ("output", limits.output.get() == 0),
        ("hostCall", limits.host_call.get() == 0),
    ];
    if let Some((key, _)) = nothing.into_iter().find(|(_, is_zero)| *is_zero) {
        return Err((key, "expected more than zero".to_owned()));
    }
    if limits.memory > MOST_MEMORY {
        return Err(("memory", format!("expected at most {MOST_MEMORY}, all that a guest can address")));
    }
    if limits.time > LONGEST {
        return Err(("time", format!("expected at most {LONGEST}")));
    }
    Ok(limits)
}
