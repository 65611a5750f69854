//! The state that a client carries between two rounds of one call.
//!
//! **Invariants:** a client can neither read nor alter it. It is worth
//! something only to the same caller, for the same call of the same plugin
//! file, and for a while; nothing of this process is bound in, so that another
//! one with the same keys takes it as its own.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use bulkhead_base::{Digest, Operation};
use bulkhead_package::canonical;
use bulkhead_protocol::Fault;
use bulkhead_seal::{Bond, Keyring, SealError};
use bulkhead_state::{Spent, StateError};
use serde::{Deserialize, Serialize};

use super::{ask::Asker, converse::Talk};
use crate::{clock::now, render::stale_state};

/// How long a client may take to answer.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// What a state holds.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) round: u32,
    /// Key and response of every answer so far, oldest first.
    pub(super) answers: Vec<(String, String)>,
    /// What was asked last.
    pub(super) asked: Vec<String>,
    /// The plugin's own.
    pub(super) state: Option<String>,
}

/// Why a state is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsealed {
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The seal is ours, and what it holds is not.
    #[error("it holds no state")]
    Unreadable,
    #[error("it was for one use")]
    Spent,
    #[error("answers for one use came without the state that they belong to")]
    Unbound,
    #[error("it is for one use, and without a database no use is remembered")]
    Forgetful,
    #[error("whether it was used cannot be looked up")]
    State(#[from] StateError),
}

/// Seals and opens states.
pub(super) struct Seal {
    ring: Arc<ArcSwap<Keyring>>,
    /// Which states of single use were used; `None` without a database.
    spent: Option<Spent>,
}

impl Seal {
    pub(super) const fn new(ring: Arc<ArcSwap<Keyring>>, spent: Option<Spent>) -> Self {
        Self { ring, spent }
    }

    /// Seals `state` for `bond`.
    pub(super) fn close(&self, state: &State, bond: &Bond) -> Result<String, Unsealed> {
        let text = serde_json::to_vec(state).map_err(|_| Unsealed::Unreadable)?;
        Ok(self.ring.load().seal(bond, now() + LIFETIME.as_secs(), &text)?)
    }

    /// Opens a state; for a `once` principal, it opens no second time.
    pub(super) async fn open(&self, carried: &str, bond: &Bond, once: Option<&str>) -> Result<State, Unsealed> {
        let now = now();
        let opened = self.ring.load().open(bond, now, carried)?;
        let state = serde_json::from_slice(&opened.plain).map_err(|_| Unsealed::Unreadable)?;
        let Some(principal) = once else { return Ok(state) };
        let spent = self.spent.as_ref().ok_or(Unsealed::Forgetful)?;
        let first = spent.spend(principal, &opened.nonce, opened.expires, now).await?;
        if first { Ok(state) } else { Err(Unsealed::Spent) }
    }
}

impl Asker<'_> {
    /// What a state is worth something for: this caller, call and plugin file.
    pub(super) fn bond(&self, talk: &Talk<'_>) -> Bond {
        let Operation { plugin, item, kind } = talk.operation;
        let loaded = talk.snapshot.plugin(plugin).map(|plugin| plugin.compiled());
        let file = loaded.map(|plugin| plugin.digest().to_string()).unwrap_or_default();
        let signer = loaded.map(|plugin| plugin.granted().plugin().publisher().key_id.to_string()).unwrap_or_default();
        let subject = match canonical::digest(talk.subject) {
            Ok(canonical) => canonical,
            Err(_) => Digest::of(talk.subject.as_bytes()),
        };
        let kind = format!("{kind:?}");
        let parts = [
            self.caller.principal.id().as_bytes(),
            kind.as_bytes(),
            item.as_bytes(),
            plugin.as_str().as_bytes(),
            file.as_bytes(),
            signer.as_bytes(),
            subject.as_bytes(),
        ];
        Bond::new("call", &parts)
    }
}

/// A state that is not taken: the client starts over, whatever the reason was.
pub(super) fn refused(unsealed: &Unsealed) -> Fault {
    match unsealed {
        Unsealed::State(_) | Unsealed::Forgetful => {
            tracing::warn!(error = unsealed as &dyn std::error::Error, "a state was refused")
        }
        _ => tracing::debug!(%unsealed, "a state was refused"),
    }
    stale_state()
}

#[cfg(test)]
mod tests {
    use bulkhead_base::Redacted;
    use bulkhead_state::Store;

    use super::*;

    fn seal(spent: Option<Spent>) -> Seal {
        let ring = Keyring::new(&Redacted::new([7; 32]), &[]);
        Seal::new(Arc::new(ArcSwap::from_pointee(ring)), spent)
    }

    fn here() -> Bond {
        Bond::new("call", &[b"here"])
    }

    fn state() -> State {
        State { round: 2, answers: vec![("a".into(), "{}".into())], state: Some("s".into()), ..State::default() }
    }

    #[tokio::test]
    async fn a_state_opens_as_often_as_it_is_brought() {
        let seal = seal(None);
        let carried = seal.close(&state(), &here()).unwrap();
        for _ in 0..2 {
            assert_eq!(seal.open(&carried, &here(), None).await.unwrap(), state());
        }
    }

    #[tokio::test]
    async fn a_state_for_one_use_opens_once_and_only_if_that_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state.db")).unwrap();
        let remembering = seal(Some(store.spent()));
        let carried = remembering.close(&state(), &here()).unwrap();
        assert!(remembering.open(&carried, &here(), Some("alice")).await.is_ok());
        let again = remembering.open(&carried, &here(), Some("alice")).await;
        assert!(matches!(again, Err(Unsealed::Spent)), "{again:?}");
        let forgetful = seal(None).open(&carried, &here(), Some("alice")).await;
        assert!(matches!(forgetful, Err(Unsealed::Forgetful)), "{forgetful:?}");
    }
}
