//! git: clones repositories and tells of them, without a shell, without git.

mod checkout;
mod clone;
mod dircache;
mod error;
mod fetch;
mod folder;
mod inflate;
mod limits;
mod object;
mod oid;
mod paths;
mod receive;
mod refs;
mod repository;
mod revision;
mod store;
mod tools;
mod view;
mod watch;

use bulkhead_sdk::{Error, plugin};

pub use clone::{Cloned, Request, clone};
pub use error::GitError;
pub use fetch::{Answer, Ask, Remote, Transport};
pub use folder::{REPOS, Repos};
pub use limits::*;
pub use oid::Oid;
pub use repository::Repository;
pub use view::*;
pub use watch::Watch;

plugin! {
    tools: [
        tools::clone,
        tools::repositories,
        tools::refs,
        tools::log,
        tools::show,
        tools::diff,
        tools::status,
    ],
}

impl GitError {
    /// The error as a client is told.
    fn told(self) -> Error {
        match self {
            Self::Invalid(text) => Error::Invalid(text),
            Self::NotFound(text) => Error::NotFound(text),
            Self::Denied(text) => Error::Denied(text),
            Self::Failed(text) => Error::Failed(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_sdk::prelude::*;
    use bulkhead_sdk::{http, testing};

    use super::*;
    use crate::fetch::Wire;

    #[test]
    fn without_a_folder_nothing_is_asked_of_the_network() {
        let _upstream = testing::upstream(|request| Err(Error::failed(format!("asked for {}", request.url()))));
        let harness = Harness::new();
        let url = json!({"url": "https://example.com/x"});
        for answer in [harness.tool::<tools::clone>(url), harness.tool::<tools::repositories>(json!({}))] {
            assert!(matches!(&answer, Err(Error::Denied(text)) if text.contains(REPOS)), "{answer:?}");
        }
    }

    #[test]
    fn an_answer_comes_over_the_wire_as_it_is() {
        let _upstream = testing::upstream(|request| {
            assert_eq!((request.method(), request.sent()), ("POST", &b"body"[..]));
            assert!(request.headers().any(|header| header == ("git-protocol", &b"version=2"[..])));
            Ok(http::Response::new(301, "moved").with_header("Location", "/there"))
        });
        let headers = [("git-protocol", "version=2")];
        let ask = Ask { url: "https://example.com/x", headers: &headers, body: Some(b"body") };
        let answer = Wire.send(&ask).unwrap();
        assert_eq!((answer.status, answer.location.as_deref()), (301, Some("/there")));
        assert_eq!(std::io::read_to_string(answer.body).unwrap(), "moved");
    }

    #[test]
    fn what_is_not_granted_is_told() {
        let ask = Ask { url: "https://example.com/x", headers: &[], body: None };
        assert!(matches!(Wire.send(&ask), Err(GitError::Denied(text)) if text.contains("example.com")));
    }
}
