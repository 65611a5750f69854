//! Who may do what, and what a plugin may touch.
//!
//! Two questions are answered here and nowhere else: whether a caller may have
//! an operation ([`decide`] makes the only [`Permit`]s there are), and what a
//! verified plugin gets of the outside ([`grant`] makes the only
//! [`GrantedPlugin`]s, asked for ∩ given).
//!
//! **Invariant:** denial is the default. What is not written is not allowed,
//! what cannot be parsed is an error when it is read and never a rule that
//! matches nothing or everything.
//!
//! Absent on purpose: I/O, clocks, logging. Whoever asks is handed the answer
//! with its reason, and says it.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking"))]

mod access;
mod decide;
mod granted;
mod grants;
mod limits;
mod principal;

pub use access::{Access, ResourceGlob, Right, ScopeItem, Scopes, TextPattern, UnknownScope};
pub use decide::{Denied, Permit, decide, decide_named, may_list};
pub use granted::{GrantedPlugin, Shortfall, grant};
pub use grants::{
    BadTarget, GivenGrant, Grants, GuestPath, HostFolder, HostRule, HttpRule, Instance, KvScope, Method, Mount,
    MountAccess, Origin, PathRule, RuleError, Scheme, SecretRule, Target, TcpRule, allow_line, needs_private,
    variable_name,
};
pub use limits::{LimitOverrides, Limits};
pub use principal::{Allowance, Principal, Rate, RateError, how_to_give};
