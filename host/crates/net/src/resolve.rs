//! Names to checked addresses.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use crate::{DialError, Reach, classify};

/// A name with more addresses is a mistake or an attempt to keep us dialling.
const ADDRESSES_PER_NAME: usize = 64;

/// Look-ups at a time: each holds a thread inside the system's resolver, also
/// after its caller has given up, and a hanging name server must not take them all.
const LOOKUPS: usize = 32;

/// Longest name that DNS can carry.
const NAME_BYTES: usize = 253;

/// The system's resolver, bounded.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    lookups: Arc<Semaphore>,
    /// What of them one user may have at a time.
    share: Option<Arc<Semaphore>>,
}

impl Default for Resolver {
    fn default() -> Self {
        Self { lookups: Arc::new(Semaphore::new(LOOKUPS)), share: None }
    }
}

impl Resolver {
    /// The same resolver for a user that has at most `lookups` at a time.
    pub(crate) fn with_share(&self, lookups: usize) -> Self {
        Self { share: Some(Arc::new(Semaphore::new(lookups))), ..self.clone() }
    }

    /// Every address of `host`, each admitted by `reach`.
    pub(crate) async fn resolve(
        &self,
        host: &str,
        port: u16,
        reach: Reach,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, DialError> {
        let host = host_of(host)?;
        let answers = match host.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => match timeout_at(deadline, self.look_up(host.to_owned())).await {
                Ok(answers) => {
                    answers.map_err(|source| DialError::Unresolved { host: host.to_owned(), source: Some(source) })?
                }
                Err(_) => return Err(DialError::TimedOut { host: host.to_owned(), port }),
            },
        };
        let admitted = admit(host, answers, reach)?;
        Ok(admitted.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }

    /// At most one address more than [`ADDRESSES_PER_NAME`], so that too many are seen.
    async fn look_up(&self, host: String) -> io::Result<Vec<IpAddr>> {
        // Its own first: whoever waits for that keeps nobody else waiting.
        let share = match &self.share {
            Some(share) => Some(Arc::clone(share).acquire_owned().await.map_err(io::Error::other)?),
            None => None,
        };
        let permit = Arc::clone(&self.lookups).acquire_owned().await.map_err(io::Error::other)?;
        // A task of its own: it keeps the permits for as long as the thread is
        // busy, whatever becomes of the caller.
        let lookup = tokio::spawn(async move {
            let _permits = (share, permit);
            let answers = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(answers.map(|address| address.ip()).take(ADDRESSES_PER_NAME + 1).collect())
        });
        lookup.await.map_err(io::Error::other)?
    }
}

/// The host as a resolver takes it: without the brackets of an IPv6 literal.
///
/// # Errors
/// [`DialError::BadName`]: empty, too long, or with characters that no name or
/// address has (white space, control characters, `%` of a zone id among them).
pub fn host_of(text: &str) -> Result<&str, DialError> {
    let bad = || DialError::BadName(text.chars().take(NAME_BYTES).collect());
    if let Some(inside) = text.strip_prefix('[') {
        let inside = inside.strip_suffix(']').ok_or_else(bad)?;
        return inside.parse::<std::net::Ipv6Addr>().map(|_| inside).map_err(|_| bad());
    }
    if text.parse::<IpAddr>().is_ok() {
        return Ok(text);
    }
    let of_a_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    if text.is_empty() || text.len() > NAME_BYTES || text.starts_with(['-', '.']) || !text.bytes().all(of_a_name) {
        return Err(bad());
    }
    Ok(text)
}

/// All of `answers`, or the reason why the name is refused.
fn admit(host: &str, answers: Vec<IpAddr>, reach: Reach) -> Result<Vec<IpAddr>, DialError> {
    let host = || host.to_owned();
    if answers.is_empty() {
        return Err(DialError::Unresolved { host: host(), source: None });
    }
    if answers.len() > ADDRESSES_PER_NAME {
        return Err(DialError::TooManyAddresses { host: host(), limit: ADDRESSES_PER_NAME });
    }
    for &address in &answers {
        if !reach.admits(address) {
            return Err(DialError::Refused { host: host(), address, class: classify(address) });
        }
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn one_refused_address_refuses_the_name() {
        for hidden in ["127.0.0.1", "10.0.0.1", "169.254.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"] {
            let answers = addresses(&["1.1.1.1", hidden, "2606:4700:4700::1111"]);
            let refused = admit("mixed.example", answers.clone(), Reach::PUBLIC);
            assert!(matches!(refused, Err(DialError::Refused { address, .. }) if address == answers[1]), "{hidden}");
            assert_eq!(admit("mixed.example", answers.clone(), Reach::PRIVATE).unwrap(), answers);
        }
    }

    #[test]
    fn a_name_does_not_lead_to_a_metadata_service() {
        for hidden in ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254"] {
            let refused = admit("inside.example", addresses(&["10.0.0.1", hidden]), Reach::PRIVATE);
            assert!(
                matches!(refused, Err(DialError::Refused { class: crate::AddressClass::Metadata, .. })),
                "{hidden}"
            );
        }
    }

    #[tokio::test]
    async fn one_user_with_slow_names_leaves_look_ups_for_the_others() {
        let all = Resolver::default();
        let (slow, other) = (all.with_share(2), all.with_share(2));
        let share = slow.share.clone().unwrap();
        let _hanging = share.acquire_many(2).await.unwrap();
        let late = slow.resolve("localhost", 80, Reach::PRIVATE, Instant::now() + Duration::from_millis(50)).await;
        assert!(matches!(late, Err(DialError::TimedOut { .. })));
        assert_eq!(all.lookups.available_permits(), LOOKUPS, "it waits for its own");
        assert!(other.resolve("localhost", 80, Reach::PRIVATE, soon()).await.is_ok());
    }

    #[test]
    fn no_answers_and_too_many_are_refused() {
        assert!(matches!(admit("a", vec![], Reach::PRIVATE), Err(DialError::Unresolved { .. })));
        let most = vec!["1.1.1.1".parse().unwrap(); ADDRESSES_PER_NAME];
        assert!(admit("a", most.clone(), Reach::PUBLIC).is_ok());
        let more = [most, addresses(&["1.1.1.1"])].concat();
        assert!(matches!(admit("a", more, Reach::PUBLIC), Err(DialError::TooManyAddresses { .. })));
    }

    #[test]
    fn hosts_are_names_or_addresses() {
        for (text, host) in
            [("example.com", "example.com"), ("db_1.internal", "db_1.internal"), ("[::1]", "::1"), ("::1", "::1")]
        {
            assert_eq!(host_of(text).unwrap(), host);
        }
        for bad in
            ["", "[::1", "[127.0.0.1]", "fe80::1%eth0", "[fe80::1%1]", "a b", "a\n", "a/b", "a:80", "ä.de", "-a", ".a"]
        {
            assert!(matches!(host_of(bad), Err(DialError::BadName(_))), "{bad}");
        }
        assert!(host_of(&"a".repeat(NAME_BYTES + 1)).is_err());
    }

    #[tokio::test]
    async fn every_spelling_of_loopback_is_refused() {
        let resolver = Resolver::default();
        for host in [
            "localhost",
            "127.0.0.1",
            "[::1]",
            "::ffff:127.0.0.1",
            "0.0.0.0",
            "127.1",
            "0x7f.1",
            "2130706433",
            "017700000001",
        ] {
            let refused = resolver.resolve(host, 80, Reach::PUBLIC, soon()).await;
            assert!(
                matches!(refused, Err(DialError::Refused { .. } | DialError::Unresolved { .. })),
                "{host}: {refused:?}"
            );
        }
        let refused = resolver.resolve("localhost", 80, Reach::PUBLIC, soon()).await;
        assert!(matches!(refused, Err(DialError::Refused { class: crate::AddressClass::Loopback, .. })));
    }

    #[tokio::test]
    async fn a_grant_for_private_addresses_resolves_localhost() {
        let found = Resolver::default().resolve("localhost", 80, Reach::PRIVATE, soon()).await.unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 80));
    }

    #[tokio::test]
    async fn waiting_for_a_free_lookup_ends_at_the_deadline() {
        let resolver = Resolver { lookups: Arc::new(Semaphore::new(0)), share: None };
        let late = resolver.resolve("localhost", 80, Reach::PRIVATE, Instant::now()).await;
        assert!(matches!(late, Err(DialError::TimedOut { .. })));
    }
}
