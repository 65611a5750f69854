//! Real plugins that do nothing, for the tests of this crate.

use std::sync::Arc;

use bulkhead_base::{Digest, Operation, OperationKind, PluginName};
use bulkhead_net::{Dialler, Roots};
use bulkhead_package::{
    Json, Keypair, ManifestDraft, Package, PackedFile, Pattern, PublicKey, Requests, Revocations, Trust, TrustedKey,
    pack, sign,
};
use bulkhead_policy::{Access, Allowance, Grants, Permit, Principal, decide, grant};
use bulkhead_sandbox::{Engine, EngineOptions, Services};

use crate::{LoadedPlugin, Placement, Separator, ToolFilter};

/// Builds plugins. One engine for all of them.
pub(crate) struct Yard {
    engine: Engine,
    key: Keypair,
}

impl Yard {
    /// Needs a runtime of tokio around it.
    pub(crate) fn new() -> Self {
        let dialler = Dialler::new(Roots::public()).unwrap();
        let services = Services { dialler, store: None, workspaces: None, io: tokio::runtime::Handle::current() };
        let options = EngineOptions { max_instances: 2, guest_threads: 1, ..EngineOptions::default() };
        Self { engine: Engine::new(options, services).unwrap(), key: Keypair::generate().unwrap() }
    }

    pub(crate) fn plugin(&self, name: &str, version: &str, prefix: &str) -> LoadedPlugin {
        let draft = draft(name, version);
        let signed = sign(&packed(&draft), &self.key, false).unwrap();
        let public: PublicKey = self.key.public().clone();
        let plugins = vec![Pattern::from(&draft.name)];
        let key = TrustedKey { id: "test".into(), public, plugins, not_after: None };
        let trust = Trust::new(vec![key], Revocations::default());
        let verified = trust.verify(Package::parse(signed, None).unwrap(), jiff::Timestamp::UNIX_EPOCH).unwrap();
        let compiled = self.engine.compile(grant(verified, &Grants::default()), draft.name.clone()).unwrap();
        let placement = Placement {
            name: draft.name,
            prefix: prefix.parse().unwrap(),
            separator: Separator::default(),
            tools: ToolFilter::default(),
            screen: bulkhead_screen::Policy::Flag,
        };
        LoadedPlugin::new(Arc::new(compiled), placement).unwrap()
    }
}

fn draft(name: &str, version: &str) -> ManifestDraft {
    ManifestDraft {
        name: name.parse().unwrap(),
        version: version.parse().unwrap(),
        wit: "0.1.0".to_owned(),
        description: "does nothing".to_owned(),
        publisher: "a test".to_owned(),
        requests: Requests::default(),
        contract: Json::parse("{}").unwrap(),
    }
}

fn packed(draft: &ManifestDraft) -> Vec<u8> {
    pack(&wat::parse_str("(component)").unwrap(), draft).unwrap()
}

/// The file of such a plugin, unsigned.
pub(crate) fn file(name: &str) -> PackedFile {
    let packed = packed(&draft(name, "1.0.0"));
    let digest = Digest::of(&packed);
    PackedFile::recognise(packed, &digest).unwrap()
}

pub(crate) fn permit(plugin: &str) -> Permit {
    let somebody = Principal::new("somebody".into(), Arc::new(Access::everything()), Allowance::default());
    let plugin: PluginName = plugin.parse().unwrap();
    decide(&somebody, &Operation { kind: OperationKind::CallTool, plugin, item: "x".into() }).unwrap()
}
