//! Signed versions of one guest, as many as a test wants, from one build: the
//! text that the guest answers with is rewritten in the component.

use std::path::Path;

use bulkhead_package::{Keypair, ManifestDraft, Package, pack, sign, strip};

use super::house::{House, Plugin};

/// What `tests/guests/versioned.rs` answers with, as it is built.
const PLACEHOLDER: &[u8] = b"@version-00000000@";

/// Prints versions.
pub struct Press {
    component: Vec<u8>,
    draft: ManifestDraft,
    key: Keypair,
}

impl Press {
    /// A press for `plugin`, a `versioned` guest, under the key of `house`.
    pub fn new(house: &House, plugin: &Plugin) -> Self {
        let signed = house.sign(plugin);
        let component = strip(&signed).expect("the component").to_vec();
        let package = Package::parse(signed, None).expect("a signed file");
        let manifest = package.manifest();
        let draft = ManifestDraft {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            wit: manifest.wit.clone(),
            description: manifest.description.clone(),
            publisher: manifest.publisher.clone(),
            requests: manifest.requests.clone(),
            contract: manifest.contract_json().clone(),
        };
        Self { component, draft, key: Keypair::read(&house.join("key.pem")).expect("the key") }
    }

    /// What version `n` answers with.
    pub fn answer(n: u32) -> String {
        format!("@version-{n:08}@")
    }

    /// The file of version `1.0.n`, signed with the house's key.
    pub fn print(&self, n: u32) -> Vec<u8> {
        let packed = self.packed(n);
        sign(&packed, &self.key, false).expect("signed")
    }

    /// The same, signed with the key at `path`.
    pub fn print_with(&self, n: u32, path: &Path) -> Vec<u8> {
        sign(&self.packed(n), &Keypair::read(path).expect("a key"), false).expect("signed")
    }

    /// The same, as `dev` signs it.
    pub fn print_for_development(&self, n: u32) -> Vec<u8> {
        sign(&self.packed(n), &self.key, true).expect("signed")
    }

    /// The file of version `1.0.n`, not signed.
    pub fn packed(&self, n: u32) -> Vec<u8> {
        let mut component = self.component.clone();
        let at = component.windows(PLACEHOLDER.len()).position(|window| window == PLACEHOLDER);
        let at = at.expect("the guest's text");
        component[at..at + PLACEHOLDER.len()].copy_from_slice(Self::answer(n).as_bytes());
        let version = format!("1.0.{n}").parse().expect("a version");
        pack(&component, &ManifestDraft { version, ..self.draft.clone() }).expect("packed")
    }

    /// Changes what is packed from now on.
    pub fn alter(&mut self, change: impl FnOnce(&mut ManifestDraft)) {
        change(&mut self.draft);
    }
}
