//! A plugin's grants, ready to be used by its calls.

use bulkhead_base::{Digest, Redacted};
use bulkhead_package::Contract;
use bulkhead_policy::{GrantedPlugin, Grants, HostFolder, Instance, KvScope, Limits, TcpRule};

use crate::{
    CompileError, ItemKind, Services,
    capability::{
        fs::{OpenMount, Workspace},
        http::Http,
    },
    state::Held,
};

/// Descriptors of the host that all calls of one plugin hold at a time: files,
/// folders, connections. Answers "a plugin that opens in every one of its calls
/// until the listener can accept nobody (`EMFILE`)": the limits of a call alone
/// come to thousands.
pub(crate) const DESCRIPTORS: u32 = 512;

/// Names that one plugin has looked up at a time. Answers "slow names that take
/// every look-up of the host", of which there are 32.
const LOOKUPS: usize = 4;

/// What every call of one plugin stands on: made at load, never changed.
pub(crate) struct Grounds {
    pub(crate) publisher: Digest,
    pub(crate) limits: Limits,
    pub(crate) instance: Instance,
    pub(crate) fs: Vec<OpenMount>,
    /// What a call under a root has besides.
    pub(crate) workspace: Option<Workspace>,
    pub(crate) http: Http,
    pub(crate) tcp: Vec<TcpRule>,
    pub(crate) env: Vec<(String, Redacted<String>)>,
    pub(crate) config: Vec<(String, String)>,
    pub(crate) kv: Option<KvScope>,
    pub(crate) fine_clock: bool,
    pub(crate) contracted: Contracted,
    pub(crate) services: Services,
    /// Descriptors that calls hold right now.
    pub(crate) open: Held,
}

/// Names of what the contract has: all that can be hidden or shown.
pub(crate) struct Contracted(Vec<(ItemKind, Box<str>)>);

impl Contracted {
    fn of(contract: &Contract) -> Self {
        let tools = contract.tools.iter().map(|tool| (ItemKind::Tool, &tool.name));
        let prompts = contract.prompts.iter().map(|prompt| (ItemKind::Prompt, &prompt.name));
        let resources = contract.resources.iter().map(|resource| (ItemKind::Resource, &resource.uri));
        let skills = contract.skills.iter().map(|skill| (ItemKind::Resource, &skill.uri));
        let all = tools.chain(prompts).chain(resources).chain(skills);
        Self(all.map(|(kind, name)| (kind, name.as_str().into())).collect())
    }

    pub(crate) fn has(&self, kind: ItemKind, name: &str) -> bool {
        self.0.iter().any(|(known, item)| *known == kind && **item == *name)
    }
}

impl Grounds {
    /// Opens folders, prepares the search for secrets.
    pub(crate) fn prepare(granted: &GrantedPlugin, services: &Services) -> Result<Self, CompileError> {
        let Grants { fs, http, tcp, env, secrets, kv, config, clock_fine, instance, limits } = granted.grants();
        let pairs = |(key, value): (&String, &String)| (key.clone(), value.clone());
        Ok(Self {
            publisher: granted.plugin().publisher().key_id,
            limits: *limits,
            instance: *instance,
            fs: fs
                .iter()
                .filter_map(|mount| Some(OpenMount::open(mount, mount.host.path()?)))
                .collect::<Result<_, _>>()?,
            workspace: fs.iter().find(|mount| mount.host == HostFolder::Workspace).cloned().map(Workspace::new),
            http: Http::prepare(http, secrets),
            tcp: tcp.clone(),
            env: env.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            config: config.iter().map(pairs).collect(),
            kv: *kv,
            fine_clock: *clock_fine,
            contracted: Contracted::of(&granted.plugin().manifest().contract),
            services: Services { dialler: services.dialler.with_share(LOOKUPS), ..services.clone() },
            open: Held::default(),
        })
    }

    /// Nothing but limits.
    #[cfg(test)]
    pub(crate) fn bare(limits: Limits) -> Self {
        use bulkhead_net::{Dialler, Roots};
        let io = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Self {
            publisher: Digest::of(b"publisher"),
            limits,
            instance: Instance::Fresh,
            fs: Vec::new(),
            workspace: None,
            http: Http::prepare(&[], &[]),
            tcp: Vec::new(),
            env: Vec::new(),
            config: Vec::new(),
            kv: None,
            fine_clock: false,
            contracted: Contracted(Vec::new()),
            services: Services {
                dialler: Dialler::new(Roots::public()).unwrap(),
                store: None,
                workspaces: None,
                io: io.handle().clone(),
            },
            open: Held::default(),
        }
    }
}
