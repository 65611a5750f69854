//! How much one principal may ask for: calls in a span of time, and at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bulkhead_policy::{Allowance, Principal, Rate};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};

/// Most principals whose calls are counted at once: subjects of tokens come as
/// an issuer makes them. Answers "a subject a call, each with an account".
const MOST_ACCOUNTS: usize = 65_536;

/// How soon whoever waits looks again for room for an account.
const AGAIN: Duration = Duration::from_secs(1);

/// The principals that have an allowance and used of it just now.
#[derive(Default)]
pub(super) struct Allowances(Mutex<HashMap<Arc<str>, Arc<Account>>>);

struct Account {
    bucket: Mutex<Bucket>,
    places: Option<(u32, Arc<Semaphore>)>,
}

struct Bucket {
    calls: f64,
    filled: Instant,
    /// What it was filled by last.
    rate: Option<Rate>,
}

/// One call's share. Held while it lasts.
#[derive(Debug, Default)]
pub(super) struct Share(#[expect(dead_code, reason = "held for its drop alone")] Option<OwnedSemaphorePermit>);

/// The principal has used up what it may.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UsedUp;

impl Allowances {
    /// Takes one call's share. Free, and without a lock, for who has no allowance.
    pub(super) fn take(&self, principal: &Principal) -> Result<Share, UsedUp> {
        let allowance = principal.allowance();
        if allowance.rate.is_none() && allowance.concurrency.is_none() {
            return Ok(Share::default());
        }
        let account = self.account(principal.id(), allowance.concurrency)?;
        account.pay(allowance.rate)?;
        let Some((_, places)) = &account.places else { return Ok(Share::default()) };
        places.clone().try_acquire_owned().map(|permit| Share(Some(permit))).map_err(|_| UsedUp)
    }

    /// Takes one call of the principal's rate and no place among those at once:
    /// for what is asked of calls that hold the places.
    pub(super) fn pay(&self, principal: &Principal) -> Result<(), UsedUp> {
        let Allowance { rate, concurrency } = principal.allowance();
        if rate.is_none() {
            return Ok(());
        }
        self.account(principal.id(), concurrency)?.pay(rate)
    }

    /// Waits for a place among the calls at once, for a call that was let in
    /// before: its rate is paid.
    pub(super) async fn wait(&self, principal: &Principal) -> Share {
        let Some(concurrency) = principal.allowance().concurrency else { return Share::default() };
        let account = loop {
            match self.account(principal.id(), Some(concurrency)) {
                Ok(account) => break account,
                Err(UsedUp) => sleep(AGAIN).await,
            }
        };
        let Some((_, places)) = &account.places else { return Share::default() };
        Share(places.clone().acquire_owned().await.ok())
    }

    fn account(&self, id: &Arc<str>, concurrency: Option<u32>) -> Result<Arc<Account>, UsedUp> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match accounts.get(id) {
            Some(account) if account.places.as_ref().map(|(places, _)| *places) == concurrency => Ok(account.clone()),
            _ => {
                make_room(&mut accounts)?;
                let account = Arc::new(Account {
                    bucket: Mutex::new(Bucket { calls: f64::INFINITY, filled: Instant::now(), rate: None }),
                    places: concurrency.map(|places| (places, Arc::new(Semaphore::new(places as usize)))),
                });
                accounts.insert(id.clone(), account.clone());
                Ok(account)
            }
        }
    }
}

/// Forgets who has all of an allowance left, once there are many.
fn make_room(accounts: &mut HashMap<Arc<str>, Arc<Account>>) -> Result<(), UsedUp> {
    if accounts.len() >= MOST_ACCOUNTS {
        let now = Instant::now();
        accounts.retain(|_, account| !account.is_whole(now));
    }
    if accounts.len() < MOST_ACCOUNTS { Ok(()) } else { Err(UsedUp) }
}

impl Account {
    /// Whether nothing of it is used: one that is made anew is the same.
    fn is_whole(&self, now: Instant) -> bool {
        let is_free = |(most, places): &(u32, Arc<Semaphore>)| places.available_permits() == *most as usize;
        let bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        self.places.as_ref().is_none_or(is_free) && bucket.is_full(now)
    }

    fn pay(&self, rate: Option<Rate>) -> Result<(), UsedUp> {
        let Some(rate) = rate else { return Ok(()) };
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner).take(rate, Instant::now())
    }
}

impl Bucket {
    /// What is in it at `now`.
    fn level(&self, rate: Rate, now: Instant) -> f64 {
        let full = f64::from(rate.calls());
        let fill = now.duration_since(self.filled).as_secs_f64() * full / f64::from(rate.seconds());
        (self.calls + fill).min(full)
    }

    fn is_full(&self, now: Instant) -> bool {
        self.rate.is_none_or(|rate| self.level(rate, now) >= f64::from(rate.calls()))
    }

    fn take(&mut self, rate: Rate, now: Instant) -> Result<(), UsedUp> {
        self.calls = self.level(rate, now);
        (self.filled, self.rate) = (now, Some(rate));
        if self.calls < 1.0 {
            return Err(UsedUp);
        }
        self.calls -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_policy::Access;

    use super::*;

    fn principal(rate: Option<&str>, concurrency: Option<u32>) -> Principal {
        let rate = rate.map(|rate| rate.parse().unwrap());
        Principal::new("a".into(), Arc::new(Access::nothing()), Allowance { rate, concurrency })
    }

    #[test]
    fn calls_at_once_are_counted_and_given_back() {
        let (allowances, principal) = (Allowances::default(), principal(None, Some(1)));
        let first = allowances.take(&principal).unwrap();
        assert_eq!(allowances.take(&principal).unwrap_err(), UsedUp);
        drop(first);
        assert!(allowances.take(&principal).is_ok());
    }

    #[test]
    fn what_is_asked_of_calls_under_way_takes_of_the_rate_and_no_place() {
        let (allowances, principal) = (Allowances::default(), principal(Some("2/h"), Some(1)));
        let _place = allowances.take(&principal).unwrap();
        assert_eq!(allowances.pay(&principal), Ok(()));
        assert_eq!(allowances.pay(&principal), Err(UsedUp));
    }

    #[test]
    fn a_rate_is_a_burst_that_fills_up_again() {
        let rate = "2/s".parse().unwrap();
        let begin = Instant::now();
        let mut bucket = Bucket { calls: f64::INFINITY, filled: begin, rate: None };
        assert_eq!(bucket.take(rate, begin), Ok(()));
        assert_eq!(bucket.take(rate, begin), Ok(()));
        assert_eq!(bucket.take(rate, begin), Err(UsedUp));
        assert_eq!(bucket.take(rate, begin + Duration::from_millis(400)), Err(UsedUp));
        assert_eq!(bucket.take(rate, begin + Duration::from_millis(510)), Ok(()));
        assert_eq!(bucket.take(rate, begin + Duration::from_millis(520)), Err(UsedUp));
    }

    #[test]
    fn who_has_used_nothing_or_has_it_back_is_forgotten_when_there_are_many() {
        let allowances = Allowances::default();
        let of = |id: &str, rate: &str| {
            let allowance = Allowance { rate: Some(rate.parse().unwrap()), concurrency: None };
            Principal::new(id.into(), Arc::new(Access::nothing()), allowance)
        };
        for number in 0..MOST_ACCOUNTS {
            // Back after a nanosecond or so, but for one.
            let rate = if number == 7 { "2/h" } else { "4000000000/s" };
            assert_eq!(allowances.pay(&of(&number.to_string(), rate)), Ok(()));
        }
        assert_eq!(allowances.pay(&of("another", "1/h")), Ok(()));
        assert_eq!(allowances.pay(&of("another", "1/h")), Err(UsedUp));
        assert_eq!(allowances.pay(&of("7", "2/h")), Ok(()));
        assert_eq!(allowances.pay(&of("7", "2/h")), Err(UsedUp), "what was used is not forgotten");
        assert!(allowances.0.lock().unwrap().len() < 100);
    }

    #[test]
    fn without_an_allowance_nothing_is_counted() {
        let (allowances, principal) = (Allowances::default(), principal(None, None));
        for _ in 0..100 {
            assert!(allowances.take(&principal).is_ok());
        }
        assert!(allowances.0.lock().unwrap().is_empty());
    }
}
