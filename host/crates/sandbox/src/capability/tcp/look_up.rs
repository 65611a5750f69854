//! Names to addresses: granted names, through the one checked resolver.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    vec,
};

use async_trait::async_trait;
use bulkhead_net::DialError;
use bulkhead_policy::{HostRule, TcpRule};
use futures_util::FutureExt as _;
use wasmtime::{Result, component::Resource};
use wasmtime_wasi::{
    p2::{
        DynPollable, Pollable, SocketError,
        bindings::sockets::{
            ip_name_lookup::{self, ResolveAddressStream},
            network::{ErrorCode, IpAddress, Network},
        },
        subscribe,
    },
    runtime::AbortOnDropJoinHandle,
};

use super::{denied, reach_of};
use crate::{
    Capability,
    capability::reach::opens,
    state::{CallState, Shared},
};

/// A look-up under way, or its answers.
struct LookUp {
    task: Option<AbortOnDropJoinHandle<Answers>>,
    answers: Result<vec::IntoIter<IpAddr>, ErrorCode>,
}

type Answers = Result<Vec<IpAddr>, ErrorCode>;

impl LookUp {
    fn done(&mut self, answers: Answers) {
        self.task = None;
        self.answers = answers.map(Vec::into_iter);
    }
}

#[async_trait]
impl Pollable for LookUp {
    async fn ready(&mut self) {
        if let Some(task) = &mut self.task {
            let answers = task.await;
            self.done(answers);
        }
    }
}

/// The table's entry behind a handle of the interface: ours, not the library's.
fn ours(stream: &Resource<ResolveAddressStream>) -> Resource<LookUp> {
    Resource::new_borrow(stream.rep())
}

impl ip_name_lookup::Host for CallState {
    fn resolve_addresses(
        &mut self,
        network: Resource<Network>,
        name: String,
    ) -> Result<Resource<ResolveAddressStream>, SocketError> {
        self.table.get(&network)?;
        let host: HostRule = name.parse().map_err(|_| ErrorCode::InvalidArgument)?;
        if matches!(host, HostRule::Below(_)) {
            return Err(ErrorCode::InvalidArgument.into());
        }
        let rules: Vec<TcpRule> = self.grounds().tcp.iter().filter(|rule| rule.resolves(&host)).cloned().collect();
        if rules.is_empty() {
            let line = format!("{{host: {host}, port: PORT}}");
            denied(&self.shared, format_args!("asked for the address of {host}"), &line);
            return Err(ErrorCode::AccessDenied.into());
        }
        self.shared.begin_request().map_err(SocketError::trap)?;
        let io = self.grounds().services.io.clone();
        let task = io.spawn(look_up(Arc::clone(&self.shared), host, rules));
        let look_up = LookUp { task: Some(task.into()), answers: Ok(Vec::new().into_iter()) };
        Ok(Resource::new_own(self.table.push(look_up)?.rep()))
    }
}

/// Resolves `host` once for each rule that names it, since each has its port
/// and its reach.
async fn look_up(shared: Arc<Shared>, host: HostRule, rules: Vec<TcpRule>) -> Answers {
    let dialler = &shared.grounds.services.dialler;
    let (mut found, mut failure) = (Vec::new(), None);
    for rule in rules {
        match dialler.resolve(&host.to_string(), rule.port, reach_of(&rule), shared.deadline).await {
            Ok(addresses) => {
                shared.resolved.add(&addresses);
                found.extend(addresses.iter().map(SocketAddr::ip));
            }
            Err(error) => failure = Some(refused(&shared, &host, &rule, error)),
        }
    }
    found.dedup();
    match failure {
        Some(failure) if found.is_empty() => Err(failure),
        _ => Ok(found),
    }
}

fn refused(shared: &Shared, host: &HostRule, rule: &TcpRule, error: DialError) -> ErrorCode {
    match error {
        DialError::Refused { address, class, .. } => {
            let line = TcpRule { host: host.clone(), port: rule.port, allow_private: true };
            let line = Some(&line as &dyn std::fmt::Display).filter(|_| opens(host, address));
            let detail = format!("asked for {host}, which is at {address}, a {class} address");
            shared.witness.denied(Capability::Tcp, detail, line);
            ErrorCode::AccessDenied
        }
        DialError::TimedOut { .. } => ErrorCode::TemporaryResolverFailure,
        DialError::BadName(_) => ErrorCode::InvalidArgument,
        _ => ErrorCode::NameUnresolvable,
    }
}

impl ip_name_lookup::HostResolveAddressStream for CallState {
    fn resolve_next_address(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> Result<Option<IpAddress>, SocketError> {
        let look_up = self.table.get_mut(&ours(&stream))?;
        if let Some(task) = &mut look_up.task {
            let answers = task.now_or_never().ok_or(ErrorCode::WouldBlock)?;
            look_up.done(answers);
        }
        match &mut look_up.answers {
            Ok(answers) => Ok(answers.next().map(IpAddress::from)),
            Err(error) => Err((*error).into()),
        }
    }

    fn subscribe(&mut self, stream: Resource<ResolveAddressStream>) -> Result<Resource<DynPollable>> {
        subscribe(&mut self.table, ours(&stream))
    }

    fn drop(&mut self, stream: Resource<ResolveAddressStream>) -> Result<()> {
        self.table.delete(Resource::<LookUp>::new_own(stream.rep()))?;
        Ok(())
    }
}
