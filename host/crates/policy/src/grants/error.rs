/// Text that is no rule of the kind that was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    #[error("{text:?} is not a name pattern: expected a dotted name without spaces, with at most 8 stars")]
    Pattern { text: String },
    #[error(
        "{text:?} is not a resource pattern: expected a URI such as file:///data/**, where `**` stands for whole segments, at most twice"
    )]
    Glob { text: String },
    #[error("{text:?} is not an access to resources: expected read, list or write")]
    ResourceAccess { text: String },
    #[error(
        "{text:?} opens nothing: expected a dotted tool name, sampling, root or operator:VERB; resources are written {{resource: GLOB, access: [read]}}"
    )]
    ScopeWord { text: String },
    #[error("{text:?} is not a host: expected a name, `*.` and a name, or an address; international names as xn--…")]
    Host { text: String },
    #[error("{text:?} is not a scheme: expected https or http")]
    Scheme { text: String },
    #[error("{text:?} is not a port: expected 1 to 65535")]
    Port { text: String },
    #[error(
        "{text:?} is not a method that can be granted: expected GET, HEAD, POST and the like; CONNECT and TRACE never are"
    )]
    Method { text: String },
    #[error(
        "{text:?} is not a path: expected a literal path such as /v1/status, or one that ends in /* for all below it"
    )]
    Path { text: String },
    #[error("{text:?} is not a guest path: expected an absolute path without `.`, `..` and empty segments")]
    GuestPath { text: String },
    #[error("{text:?} is not an access to a folder: expected read or write (ro and rw for short)")]
    MountAccess { text: String },
    #[error("{text:?} is not an https origin: expected https://HOST or https://HOST:PORT")]
    Origin { text: String },
    #[error("{text:?} is not a header that can carry a secret")]
    Header { text: String },
    #[error("the secret {name} cannot stand in a header: it is empty, or has characters beyond visible ASCII")]
    SecretValue { name: String },
    #[error("{text:?} is not a name for a variable: expected letters, digits and `_`, not beginning with a digit")]
    Variable { text: String },
    #[error(
        "{text:?} is not a grant: expected fs=HOST:GUEST[:ro|:rw], http=[METHODS ]https://HOST[:PORT][/PATH/*], tcp=HOST:PORT, env=NAME=VALUE, config=KEY=VALUE, kv, kv=shared or clock=fine"
    )]
    Grant { text: String },
}
