//! How much one principal may ask for: calls in a span of time, and at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use bulkhead_policy::{Allowance, Principal, Rate};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The principals that have an allowance. They come from the configuration, so
/// there are as many as that names.
#[derive(Default)]
pub(super) struct Allowances(Mutex<HashMap<Arc<str>, Arc<Account>>>);

struct Account {
    bucket: Mutex<Bucket>,
    places: Option<(u32, Arc<Semaphore>)>,
}

struct Bucket {
    calls: f64,
    filled: Instant,
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
        let account = self.account(principal.id(), allowance.concurrency);
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
        self.account(principal.id(), concurrency).pay(rate)
    }

    /// Waits for a place among the calls at once, for a call that was let in
    /// before: its rate is paid.
    pub(super) async fn wait(&self, principal: &Principal) -> Share {
        let Some(concurrency) = principal.allowance().concurrency else { return Share::default() };
        let account = self.account(principal.id(), Some(concurrency));
        let Some((_, places)) = &account.places else { return Share::default() };
        Share(places.clone().acquire_owned().await.ok())
    }

    fn account(&self, id: &Arc<str>, concurrency: Option<u32>) -> Arc<Account> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match accounts.get(id) {
            Some(account) if account.places.as_ref().map(|(places, _)| *places) == concurrency => account.clone(),
            _ => {
                let account = Arc::new(Account {
                    bucket: Mutex::new(Bucket { calls: f64::INFINITY, filled: Instant::now() }),
                    places: concurrency.map(|places| (places, Arc::new(Semaphore::new(places as usize)))),
                });
                accounts.insert(id.clone(), account.clone());
                account
            }
        }
    }
}

impl Account {
    fn pay(&self, rate: Option<Rate>) -> Result<(), UsedUp> {
        let Some(rate) = rate else { return Ok(()) };
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner).take(rate, Instant::now())
    }
}

impl Bucket {
    fn take(&mut self, rate: Rate, now: Instant) -> Result<(), UsedUp> {
        let full = f64::from(rate.calls());
        let fill = now.duration_since(self.filled).as_secs_f64() * full / f64::from(rate.seconds());
        self.calls = (self.calls + fill).min(full);
        self.filled = now;
        if self.calls < 1.0 {
            return Err(UsedUp);
        }
        self.calls -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
        let mut bucket = Bucket { calls: f64::INFINITY, filled: begin };
        assert_eq!(bucket.take(rate, begin), Ok(()));
        assert_eq!(bucket.take(rate, begin), Ok(()));
        assert_eq!(bucket.take(rate, begin), Err(UsedUp));
        assert_eq!(bucket.take(rate, begin + Duration::from_millis(400)), Err(UsedUp));
        assert_eq!(bucket.take(rate, begin + Duration::from_millis(510)), Ok(()));
        assert_eq!(bucket.take(rate, begin + Duration::from_millis(520)), Err(UsedUp));
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
