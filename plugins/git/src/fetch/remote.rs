//! Where a repository is cloned from: an address of http or https, and
//! nothing else that git would take.

use crate::error::{GitError, Result};
use crate::folder::check_name;
use crate::limits::MAX_URL_BYTES;

/// An address that is safe to send, to write down and to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote(String);

impl Remote {
    /// Reads `https://host[:port]/path`.
    ///
    /// # Errors
    /// It is anything else: another scheme, an option, a path, with user
    /// information, a query or odd characters.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| GitError::invalid(format!("{text:?} is no address to clone from: {why}"));
        if text.len() > MAX_URL_BYTES {
            return Err(GitError::invalid(format!("the address has more than {MAX_URL_BYTES} bytes")));
        }
        let Some((scheme @ ("https" | "http"), rest)) = text.split_once("://") else {
            return Err(wrong("expected https://HOST/PATH; no other scheme is cloned"));
        };
        let (authority, path) = rest.split_once('/').ok_or_else(|| wrong("it names no repository"))?;
        if authority.contains('@') {
            return Err(GitError::invalid(
                "the address holds a user or password; the operator can configure a secret instead",
            ));
        }
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        if authority.is_empty() || authority.starts_with(['-', '.', ':']) || !authority.bytes().all(is_host) {
            return Err(wrong("its host is odd"));
        }
        let is_path = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-~+%@,=".contains(&byte);
        if !path.bytes().all(is_path) {
            return Err(wrong("its path holds characters that no address of a repository needs"));
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
            return Err(wrong("its path holds an empty part, `.` or `..`"));
        }
        Ok(Self(format!("{scheme}://{authority}/{path}")))
    }

    /// The address.
    pub(crate) fn url(&self) -> &str {
        &self.0
    }

    /// The address of a service of the repository.
    pub(crate) fn service(&self, name: &str) -> String {
        format!("{}/{name}", self.0)
    }

    /// Host and port, for messages.
    pub(crate) fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    /// The name that a folder for it gets.
    ///
    /// # Errors
    /// The last part of its path is no name of a folder.
    pub fn folder(&self) -> Result<String> {
        let last = self.0.rsplit('/').next().unwrap_or_default();
        let name = last.strip_suffix(".git").unwrap_or(last);
        check_name(name).map_err(|_| GitError::invalid("the address ends with no name for a folder; say `folder`"))?;
        Ok(name.to_owned())
    }

    /// Where a redirect of `self.service(service)` to `location` leads. What
    /// was https stays https.
    ///
    /// # Errors
    /// It leads to something else than the same service of a repository.
    pub(crate) fn redirected(&self, service: &str, location: &str) -> Result<Self> {
        let wrong = |why: &str| GitError::failed(format!("{} redirects to {location:?}: {why}", self.host()));
        let absolute = match location.strip_prefix('/') {
            Some(path) if !path.starts_with('/') => {
                format!("{}{location}", &self.0[..self.0.len() - self.path().len()])
            }
            _ => location.to_owned(),
        };
        let base = absolute.strip_suffix(service).and_then(|base| base.strip_suffix('/'));
        let to = Self::parse(base.ok_or_else(|| wrong("that is no repository"))?)
            .map_err(|_| wrong("that is not followed"))?;
        if self.0.starts_with("https:") && !to.0.starts_with("https:") {
            return Err(wrong("https does not become http"));
        }
        Ok(to)
    }

    fn path(&self) -> &str {
        let start = self.0.len() - self.0.splitn(4, '/').nth(3).map_or(0, str::len);
        &self.0[start - 1..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = "info/refs?service=git-upload-pack";

    #[test]
    fn an_address_is_read() {
        for (text, url, host, folder) in [
            ("https://example.com/a/b.git", "https://example.com/a/b.git", "example.com", "b"),
            ("http://127.0.0.1:8080/b/", "http://127.0.0.1:8080/b", "127.0.0.1:8080", "b"),
            ("https://[::1]:8/~me/x-y", "https://[::1]:8/~me/x-y", "[::1]:8", "x-y"),
        ] {
            let remote = Remote::parse(text).unwrap();
            assert_eq!((remote.url(), remote.host(), remote.folder().unwrap().as_str()), (url, host, folder));
        }
    }

    #[test]
    fn nothing_else_is_an_address() {
        for text in [
            "file:///etc",
            "/etc/passwd",
            "../other",
            "ssh://git@example.com/a",
            "git@example.com:a/b",
            "git://example.com/a",
            "ext::sh -c id",
            "ext::https://example.com/a",
            "--upload-pack=touch x",
            "-c",
            "HTTPS://example.com/a",
            "https://user:secret@example.com/a",
            "https://user@example.com/a",
            "https://example.com",
            "https://example.com/",
            "https:///a",
            "https://-x/a",
            "https://example.com/a/../b",
            "https://example.com//a",
            "https://example.com/a?b=c",
            "https://example.com/a#b",
            "https://example.com/a b",
            "https://example.com/a\n[core]\n\tsshCommand = x",
            "https://example.com/a\\b",
            "https://exämple.com/a",
            "https://example.com/\"a",
        ] {
            let error = Remote::parse(text).unwrap_err();
            assert!(matches!(error, GitError::Invalid(_)), "{text}: {error}");
            assert!(!error.to_string().contains("secret@"), "{error}");
        }
        assert!(Remote::parse("https://example.com/.git").unwrap().folder().is_err());
        assert!(Remote::parse("https://example.com/-x").unwrap().folder().is_err());
    }

    #[test]
    fn a_redirect_stays_a_repository_and_https() {
        let from = Remote::parse("https://a.example/x").unwrap();
        let to = |location: &str| from.redirected(SERVICE, location).map(|remote| remote.0);
        assert_eq!(to(&format!("https://b.example/y.git/{SERVICE}")).unwrap(), "https://b.example/y.git");
        assert_eq!(to(&format!("/y.git/{SERVICE}")).unwrap(), "https://a.example/y.git");
        for location in [
            "https://b.example/login",
            &format!("http://a.example/x/{SERVICE}"),
            &format!("file:///x/{SERVICE}"),
            &format!("//b.example/x/{SERVICE}"),
            &format!("https://u:p@b.example/x/{SERVICE}"),
            "",
        ] {
            assert!(to(location).is_err(), "{location}");
        }
    }
}
