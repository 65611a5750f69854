use std::{path::Path, str::FromStr};

use bulkhead_base::Redacted;

use super::{
    Grants, HostFolder, HttpRule, KvScope, Method, Mount, PathRule, RuleError, Scheme, TcpRule, needs_private,
    target::split_authority,
};

/// One grant in one line, as `bulkhead add --grant` takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenGrant {
    /// `fs=./data:/data:ro`; the host path as it was written, perhaps relative.
    Fs(Mount),
    /// `http=https://api.example.com/v1/*`, `http=GET,POST https://…`.
    Http(HttpRule),
    /// `tcp=db.internal:5432`.
    Tcp(TcpRule),
    /// `env=UNITS=metric`.
    Env(String, Redacted<String>),
    /// `config=language=en`.
    Config(String, String),
    /// `kv`, `kv=shared`.
    Kv(KvScope),
    /// `clock=fine`.
    FineClock,
}

impl GivenGrant {
    /// Adds this grant to `grants`; relative host paths are taken from `folder`.
    pub fn add_to(self, grants: &mut Grants, folder: &Path) {
        match self {
            Self::Fs(mount) => {
                let host = mount.host.path().map_or(HostFolder::Workspace, |path| HostFolder::Path(folder.join(path)));
                grants.fs.push(Mount { host, ..mount });
            }
            Self::Http(rule) => grants.http.push(rule),
            Self::Tcp(rule) => grants.tcp.push(rule),
            Self::Env(name, value) => drop(grants.env.insert(name, value)),
            Self::Config(key, value) => drop(grants.config.insert(key, value)),
            Self::Kv(scope) => grants.kv = Some(scope),
            Self::FineClock => grants.clock_fine = true,
        }
    }
}

impl FromStr for GivenGrant {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let error = || RuleError::Grant { text: text.to_owned() };
        let (kind, rest) = text.split_once('=').unwrap_or((text, ""));
        match kind {
            "fs" => mount(rest).ok_or_else(error)?.map(Self::Fs),
            "http" => http(rest).map(Self::Http),
            "tcp" => tcp(rest).map(Self::Tcp),
            "env" => {
                let (name, value) = rest.split_once('=').ok_or_else(error)?;
                Ok(Self::Env(variable_name(name)?, Redacted::new(value.to_owned())))
            }
            "config" => {
                let (key, value) = rest.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(error)?;
                Ok(Self::Config(key.to_owned(), value.to_owned()))
            }
            "kv" if matches!(rest, "" | "true") => Ok(Self::Kv(KvScope::Principal)),
            "kv" if rest == "shared" => Ok(Self::Kv(KvScope::Shared)),
            "clock" if rest == "fine" => Ok(Self::FineClock),
            _ => Err(error()),
        }
    }
}

/// `HOST:GUEST` or `HOST:GUEST:ACCESS`; a guest path has no colon.
fn mount(text: &str) -> Option<Result<Mount, RuleError>> {
    let (head, last) = text.rsplit_once(':')?;
    let (paths, access) = if last.starts_with('/') { (text, "read") } else { (head, last) };
    let (host, at) = paths.rsplit_once(':').filter(|(host, _)| !host.is_empty())?;
    let build = || Ok(Mount { access: access.parse()?, ..Mount::reading(host.into(), at.parse()?) });
    Some(build())
}

/// `[METHODS ]URL`, where the URL's path may end in `/*`. Written by hand for
/// one host, so a private address in it is meant.
fn http(text: &str) -> Result<HttpRule, RuleError> {
    let error = || RuleError::Grant { text: format!("http={text}") };
    let (methods, url) = text.rsplit_once(' ').map_or((None, text), |(methods, url)| (Some(methods), url));
    let (scheme, rest) = url.split_once("://").ok_or_else(error)?;
    let scheme: Scheme = scheme.parse()?;
    let (authority, path) = rest.find('/').map_or((rest, "/*"), |at| rest.split_at(at));
    let (host, port) = split_authority(authority).ok_or_else(error)?;
    let host = host.parse()?;
    let methods = match methods {
        Some(list) => list.split(',').map(|word| word.trim().parse::<Method>()).collect::<Result<_, _>>()?,
        None => HttpRule::reading_methods(),
    };
    let path: PathRule = if path == "/" { PathRule::all() } else { path.parse()? };
    let allow_private = needs_private(&host);
    Ok(HttpRule {
        scheme,
        host,
        port: port.unwrap_or(scheme.default_port()),
        methods,
        paths: vec![path],
        allow_private,
    })
}

fn tcp(text: &str) -> Result<TcpRule, RuleError> {
    let rule: TcpRule = text.parse()?;
    Ok(TcpRule { allow_private: needs_private(&rule.host), ..rule })
}

/// `name`, if it is a variable's name that every shell takes.
///
/// # Errors
/// It is not.
pub fn variable_name(name: &str) -> Result<String, RuleError> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain && !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(name.to_owned());
    }
    Err(RuleError::Variable { text: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_one_grant() {
        let table = [
            ("fs=./data:/data:ro", "fs", "{path: /base/./data, at: /data, access: read}"),
            ("fs=/srv/a:b:/data:rw", "fs", "{path: \"/srv/a:b\", at: /data, access: write}"),
            ("fs=data:/data", "fs", "{path: /base/data, at: /data, access: read}"),
            ("http=https://api.example.com/v1/*", "http", "{host: api.example.com, paths: [\"/v1/*\"]}"),
            (
                "http=GET,POST http://localhost:8080",
                "http",
                "{host: localhost, scheme: http, port: 8080, methods: [GET, POST], allowPrivate: true}",
            ),
            ("http=https://*.example.com/", "http", "{host: \"*.example.com\"}"),
            ("tcp=db.internal:5432", "tcp", "{host: db.internal, port: 5432}"),
            ("env=UNITS=a=b", "env", "UNITS"),
            ("kv", "kv", "true"),
            ("kv=shared", "kv", "shared"),
            ("clock=fine", "clock", "fine"),
        ];
        for (text, list, line) in table {
            let mut grants = Grants::default();
            text.parse::<GivenGrant>().unwrap().add_to(&mut grants, Path::new("/base"));
            assert_eq!(grants.lines(), [(list, line.to_owned())], "{text}");
        }
    }

    #[test]
    fn what_is_no_grant_is_an_error() {
        let bad = [
            "",
            "fs",
            "fs=/data",
            "fs=:/data",
            "fs=./a:data",
            "fs=./a:/d:x",
            "http=api.example.com",
            "http=https://",
            "http=https://*",
            "http=https://u@h/",
            "http=https://a.b/../*",
            "http=TRACE https://a.b",
            "http=ftp://a.b",
            "tcp=a.b",
            "env=X",
            "env=1=2",
            "config==x",
            "kv=all",
            "clock",
            "gpu=1",
        ];
        for text in bad {
            assert!(text.parse::<GivenGrant>().is_err(), "{text}");
        }
    }
}
