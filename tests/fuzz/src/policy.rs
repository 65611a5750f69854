//! What a guest hands to the host when it wants out, and what a caller wants of
//! a plugin. What was granted is read from a line as an operator writes it; a
//! second reader of URLs (the one that browsers agree on) has to read every
//! admitted request as ours did.

use std::{net::IpAddr, path::Path, sync::Arc};

use arbitrary::{Arbitrary as _, Result, Unstructured};
use bulkhead_base::{Operation, OperationKind};
use bulkhead_package::{Access as FsAccess, FsRequest, HttpRequest, Requests, TcpRequest};
use bulkhead_policy::{
    Access, Allowance, GivenGrant, Grants, HostRule, HttpRule, MountAccess, PathRule, Principal, ResourceGlob,
    ScopeItem, Scopes, Target, TcpRule, decide,
};
use url::{Host, Url};

#[derive(Debug)]
struct Case<'a> {
    grant: &'a str,
    asked: &'a str,
    /// Stands where the grant's method, authority and path stand, if it is none of its own.
    method: Option<&'a str>,
    plain: bool,
    authority: &'a str,
    path: &'a str,
    scope: &'a str,
    kind: u8,
    item: &'a str,
}

impl<'a> Case<'a> {
    fn read(mut u: Unstructured<'a>) -> Result<Self> {
        Ok(Self {
            grant: u.arbitrary()?,
            asked: u.arbitrary()?,
            method: u.arbitrary()?,
            plain: u.arbitrary()?,
            authority: u.arbitrary()?,
            path: u.arbitrary()?,
            scope: u.arbitrary()?,
            kind: u.arbitrary()?,
            item: <&str>::arbitrary_take_rest(u)?,
        })
    }
}

pub fn holds(data: &[u8]) {
    let Ok(case) = Case::read(Unstructured::new(data)) else { return };
    let scheme = if case.plain { "http" } else { "https" };
    if let Ok(target) = Target::parse(case.method.unwrap_or("GET"), scheme, case.authority, case.path) {
        read_the_same(&target, case.path);
        granted(&case, &target);
        let narrowest = HttpRule::for_target(&target);
        assert!(narrowest.admits(&target), "what a denial proposes would be denied: {narrowest}");
    }
    scoped(&case);
    globbed(case.scope, case.item);
}

/// To another reader, the request goes to the same host, port and path.
fn read_the_same(target: &Target, written: &str) {
    let path = target.path().to_ascii_lowercase();
    for harm in ["%2e", "%2f", "%5c", "%00", "//", "\\", "/../", "/./"] {
        assert!(!path.contains(harm), "{harm} in {target}");
    }
    // A name that is none in any alphabet is read by nobody.
    let Ok(url) = Url::parse(&target.to_string()) else { return };
    let host = match (target.host(), url.host()) {
        (HostRule::Exact(name), Some(Host::Domain(read))) => **name == *read,
        (HostRule::Address(IpAddr::V4(address)), Some(Host::Ipv4(read))) => *address == read,
        (HostRule::Address(IpAddr::V6(address)), Some(Host::Ipv6(read))) => *address == read,
        _ => false,
    };
    assert!(host, "{target} goes to {:?}", url.host());
    assert_eq!(url.port_or_known_default(), Some(target.port()), "{target}");
    assert_eq!(decoded(url.path()), decoded(target.path()), "{target}, written {written:?}");
    assert!(url.username().is_empty() && url.password().is_none(), "{target}");
}

/// Without escapes: the other reader escapes what a path may not hold as it is.
fn decoded(path: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let byte = others.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        match byte {
            Some(byte) if *first == b'%' => {
                decoded.push(byte);
                rest = &others[2..];
            }
            _ => {
                decoded.push(*first);
                rest = others;
            }
        }
    }
    decoded
}

/// A grant opens what it says, and joined with what was asked for no more.
fn granted(case: &Case<'_>, target: &Target) {
    let Ok(given) = case.grant.parse::<GivenGrant>() else { return };
    let mut grants = Grants::default();
    given.add_to(&mut grants, Path::new("/folder"));
    for rule in grants.http.iter().filter(|rule| rule.admits(target)) {
        let host = target.host().to_string();
        let within = match &rule.host {
            HostRule::Exact(name) => host == **name,
            HostRule::Below(suffix) => host.ends_with(&format!(".{suffix}")),
            HostRule::Address(_) => host == rule.host.to_string(),
        };
        let below = rule.paths.iter().any(|path| match path {
            PathRule::Exact(path) => target.path() == &**path,
            PathRule::Below(prefix) => target.path().starts_with(&**prefix),
        });
        let same = rule.port == target.port() && rule.scheme == target.scheme();
        assert!(within && below && same && rule.methods.contains(target.method()), "{rule} admits {target}");
        written(case.grant, target);
    }
    connected(case, &grants);
    mounted(case, &grants);
    let asked = HttpRequest {
        scheme: bulkhead_package::Scheme::default(),
        host: case.asked.to_owned(),
        port: None,
        methods: Vec::new(),
        paths: Vec::new(),
        why: String::new(),
    };
    let nothing = grants.meet(&Requests::default()).0;
    assert!(!nothing.give_anything(), "nothing was asked for, and given: {:?}", nothing.lines());
    let (both, _) = grants.meet(&Requests { http: vec![asked], ..Requests::default() });
    if both.http.iter().any(|rule| rule.admits(target)) {
        assert!(grants.http.iter().any(|rule| rule.admits(target)), "{target} was never given");
        let asks = case.asked == "*" || case.asked.parse::<HostRule>().is_ok_and(|rule| rule.admits(target.host()));
        assert!(asks, "{target} was never asked for, {:?} was", case.asked);
    }
}

/// What is admitted stands in the line, as it was typed.
fn written(line: &str, target: &Target) {
    let (methods, url) = line.strip_prefix("http=").unwrap_or(line).rsplit_once(' ').unwrap_or(("GET,HEAD", line));
    let method = target.method().as_str();
    assert!(methods.split(',').any(|written| written.trim() == method), "{line:?} admits {target}");
    let path = url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    match path.map(|path| (path, path.strip_suffix('*'))) {
        None | Some(("/", _)) => {}
        Some((_, Some(below))) => assert!(target.path().starts_with(below), "{line:?} admits {target}"),
        Some((exact, None)) => assert_eq!(target.path(), exact, "{line:?} admits {target}"),
    }
}

/// A connection goes to a host and port that were given, and no further for
/// being asked for.
fn connected(case: &Case<'_>, grants: &Grants) {
    let Ok(asked) = case.authority.parse::<TcpRule>() else { return };
    let request = |host: &str| TcpRequest { host: host.to_owned(), port: asked.port, why: String::new() };
    let admits = |rules: &[TcpRule]| rules.iter().any(|rule| rule.admits(&asked.host, asked.port));
    for rule in grants.tcp.iter().filter(|rule| rule.admits(&asked.host, asked.port)) {
        let (given, wanted) = (rule.host.to_string(), asked.host.to_string());
        let below = given.strip_prefix("*.").is_some_and(|suffix| wanted.ends_with(&format!(".{suffix}")));
        assert!(rule.port == asked.port && (given == wanted || below), "{rule} admits {asked}");
        assert!(rule.resolves(&asked.host), "{rule} admits what it does not resolve: {asked}");
    }
    for host in [case.asked, "*"] {
        let (both, _) = grants.meet(&Requests { tcp: vec![request(host)], ..Requests::default() });
        assert!(!admits(&both.tcp) || admits(&grants.tcp), "{asked} was never given");
        let private = both.tcp.iter().any(|rule| rule.allow_private);
        assert!(!private || grants.tcp.iter().any(|rule| rule.allow_private), "nothing private was given");
    }
}

/// A folder is one that was given, and no more may be done in it than was asked
/// for.
fn mounted(case: &Case<'_>, grants: &Grants) {
    for (at, access) in [(case.asked, FsAccess::Write), ("*", FsAccess::Write), ("*", FsAccess::Read)] {
        let asked = FsRequest { at: at.to_owned(), access, why: String::new() };
        let (both, _) = grants.meet(&Requests { fs: vec![asked], ..Requests::default() });
        for mount in &both.fs {
            let given = grants.fs.iter().find(|given| given.at == mount.at && given.host == mount.host);
            let given = given.unwrap_or_else(|| panic!("{mount:?} was never given"));
            assert!(mount.access <= given.access && mount.quota <= given.quota && mount.inodes <= given.inodes);
            assert!(access == FsAccess::Write || mount.access == MountAccess::Read, "{mount:?} was asked for reading");
            assert!(at == "*" || at == mount.at.as_str(), "{mount:?} was never asked for");
        }
    }
}

/// Who holds no scope gets nothing; who holds one gets what it opens, and the
/// permit is for just that.
fn scoped(case: &Case<'_>) {
    let item = match case.scope.strip_prefix("resource:") {
        Some(glob) => ScopeItem::resource(glob, &["read"]),
        None => case.scope.parse(),
    };
    let Ok(item) = item else { return };
    let scopes = Arc::new(Scopes::new([("one".into(), vec![item.clone()])]));
    let holder = |held: &[&str]| {
        let access = Access::of_scopes(&scopes, held).expect("its own scope");
        Principal::new("who".into(), Arc::new(access), Allowance::default())
    };
    let kind = match case.kind % 5 {
        0 => OperationKind::CallTool,
        1 => OperationKind::GetPrompt,
        2 => OperationKind::ReadResource,
        3 => OperationKind::WriteResource,
        _ => OperationKind::ListResource,
    };
    let operation = Operation { kind, plugin: "plugin".parse().expect("a name"), item: case.item.into() };
    let denied = decide(&holder(&[]), &operation).expect_err("without a scope");
    let decided = decide(&holder(&["one"]), &operation);
    match decided {
        Ok(permit) => {
            assert_eq!(*permit.operation(), operation);
            assert_eq!(denied.opened_by(), ["one".into()], "the scope that would have opened it");
            let writes = kind == OperationKind::WriteResource;
            assert!(!writes, "reading alone was given, by {item:?}");
        }
        Err(denied) => assert!(denied.opened_by().is_empty(), "held, opening, and denied"),
    }
}

/// What fits a glob lies below what stands before its first star.
fn globbed(glob: &str, uri: &str) {
    let Ok(glob) = glob.strip_prefix("resource:").unwrap_or(glob).parse::<ResourceGlob>() else { return };
    if !glob.matches(uri) {
        return;
    }
    let fixed = glob.as_str().split('*').next().unwrap_or_default();
    let fixed = fixed.strip_suffix('/').unwrap_or(fixed);
    assert!(uri.starts_with(fixed), "{glob} fits {uri:?}");
    let path = uri.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    assert!(!path.split('/').any(|segment| segment == "..") && !path.contains("%2e"), "{glob} fits {uri:?}");
}
