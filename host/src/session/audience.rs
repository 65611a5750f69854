//! Whom what was said in a conversation is for.
//!
//! **Invariant:** a principal's tokens differ in what they open. What was said
//! on the streams of one that opened more is said again to none that opens less.

use std::sync::{Mutex, PoisonError};

use bulkhead_policy::Principal;

/// Most sets of rights that are told apart, none of which covers another:
/// as many as one subject's tokens have at once. Beyond it nothing is said again.
const MOST: usize = 16;

/// The callers that took part, those with the most rights alone.
#[derive(Debug, Default)]
pub struct Audience(Mutex<Vec<Principal>>);

impl Audience {
    /// `caller` takes part.
    pub fn join(&self, caller: &Principal) {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() > MOST || callers.iter().any(|other| other.access().covers(caller.access())) {
            return;
        }
        callers.retain(|other| !caller.access().covers(other.access()));
        callers.push(caller.clone());
    }

    /// Whether `caller` may hear all that was said.
    pub fn admits(&self, caller: &Principal) -> bool {
        let callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        callers.len() <= MOST && callers.iter().all(|other| caller.access().covers(other.access()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bulkhead_policy::{Access, Allowance, Scopes};

    use super::*;

    fn caller(scopes: &Arc<Scopes>, held: &[&str]) -> Principal {
        let access = Access::of_scopes(scopes, held).unwrap();
        Principal::new("oauth:ann".into(), access.into(), Allowance::default())
    }

    fn scopes(number: usize) -> Arc<Scopes> {
        let item = |n: usize| format!("p{n}.*").parse().unwrap();
        Arc::new(Scopes::new((0..number).map(|n| (format!("s{n}").into(), vec![item(n)]))))
    }

    #[test]
    fn who_opens_less_hears_nothing_of_what_was_said_to_more() {
        let (audience, scopes) = (Audience::default(), scopes(2));
        let [narrow, other, broad] = [&["s0"][..], &["s1"], &["s0", "s1"]].map(|held| caller(&scopes, held));
        audience.join(&narrow);
        assert!(audience.admits(&narrow) && audience.admits(&broad) && !audience.admits(&other));
        audience.join(&broad);
        audience.join(&narrow);
        assert!(audience.admits(&broad) && !audience.admits(&narrow));
    }

    #[test]
    fn of_too_many_nobody_hears_anything_again() {
        let (audience, scopes) = (Audience::default(), scopes(MOST + 1));
        (0..=MOST).for_each(|n| audience.join(&caller(&scopes, &[&format!("s{n}")])));
        let every: Vec<String> = (0..=MOST).map(|n| format!("s{n}")).collect();
        let every: Vec<&str> = every.iter().map(String::as_str).collect();
        assert!(!audience.admits(&caller(&scopes, &every)));
    }
}
