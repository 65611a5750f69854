//! Addresses and servers that are not cloned from.

use std::cell::Cell;

use bulkhead_plugin_git::{Answer, Ask, GitError, Request, Transport, clone};

use crate::cloning::{Into, Patience, of};
use crate::server::{Net, Said, Server, git_says};

/// A network that nobody may touch.
#[derive(Default)]
struct Untouched(Cell<usize>);

impl Transport for Untouched {
    fn send(&self, _: &Ask<'_>) -> Result<Answer, GitError> {
        self.0.set(self.0.get() + 1);
        Err(GitError::Failed("touched".to_owned()))
    }
}

#[test]
fn no_other_address_reaches_the_network() {
    let (into, net) = (Into::new(), Untouched::default());
    for url in [
        "file:///etc/passwd",
        "/etc",
        "ssh://git@example.com/x",
        "git@example.com:x/y",
        "git://example.com/x",
        "ext::sh -c touch% /tmp/x",
        "--upload-pack=touch /tmp/x",
        "-c core.sshCommand=id",
        "https://user:password@example.com/x",
        "https://example.com/x?service=evil",
        "https://example.com/../x",
        "ftp://example.com/x",
    ] {
        let request = Request { url: url.to_owned(), folder: Some("x".to_owned()), ..Request::default() };
        let refused = clone(&into.repos(), &net, &request, &Patience::default());
        assert!(matches!(refused, Err(GitError::Invalid(_))), "{url}: {refused:?}");
    }
    assert_eq!(net.0.get(), 0);
    assert!(into.is_empty());
}

#[test]
fn what_a_server_answers_is_told_apart() {
    let refusal = |said: Said| Into::new().clone(&of(&Server::of(move |_| said.clone()))).expect_err("a refusal");
    let said = |status: u16| Said { status, ..git_says("advertisement") };
    assert!(matches!(refusal(said(404)), GitError::NotFound(_)));
    assert!(matches!(refusal(said(401)), GitError::Denied(_)));
    assert!(matches!(refusal(said(403)), GitError::Denied(_)));
    assert!(matches!(refusal(said(500)), GitError::Failed(_)));
    let page = refusal(Said { content_type: "text/html".to_owned(), body: b"<html>".to_vec(), ..said(200) });
    assert!(page.to_string().contains("smart protocol"), "{page}");
    for body in
        [&b""[..], b"zzzz", b"0003", b"000eversion 1\n", b"000eversion 2\n0000", b"000eversion 2\n000cls-refs\n"]
    {
        let error = refusal(Said { body: body.to_vec(), ..said(200) });
        assert!(matches!(error, GitError::Failed(_)), "{error}");
    }
    let words = refusal(Said { body: b"0014ERR \x1b[2J go away".to_vec(), ..said(200) }).to_string();
    assert!(words.contains("go away") && !words.contains('\x1b'), "{words}");
}

#[test]
fn redirects_end_and_lead_to_repositories_alone() {
    let redirecting = |location: &'static str| {
        Server::of(move |asked| {
            let location = if location == "itself" { asked.target.clone() } else { location.to_owned() };
            Said { status: 302, location: Some(location), ..Said::default() }
        })
    };
    let net = Net::default();
    let server = redirecting("itself");
    let error = clone(&Into::new().repos(), &net, &of(&server), &Patience::default()).expect_err("a refusal");
    assert!(error.to_string().contains("redirects more than"), "{error}");
    assert_eq!(net.asked.borrow().len(), 6);
    for location in ["file:///etc/passwd", "https://example.com/login", "ext::sh", "", "//evil.example/x"] {
        let net = Net::default();
        let error = clone(&Into::new().repos(), &net, &of(&redirecting(location)), &Patience::default());
        assert!(matches!(error, Err(GitError::Failed(_))), "{location}: {error:?}");
        assert_eq!(net.asked.borrow().len(), 1);
    }
}
