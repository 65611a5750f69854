//! A request's body: read whole, within its limit.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::shares::{Place, Shares};

/// All bodies together that are not small. Answers "as many connections as
/// allowed, each with a body as large as allowed".
const ROOM: usize = 256 << 20;

/// Bodies up to this size need no room of their own: the limit on connections
/// bounds them.
const SMALL: usize = 64 << 10;

/// What one caller's bodies may take of it. Answers "a caller that announces
/// large bodies and never sends them, so that nobody else may send one".
const SHARE: usize = ROOM / 4;

/// Room for bodies.
pub(crate) struct BodyRoom {
    all: Arc<Semaphore>,
    shares: Shares,
}

/// The room that one body takes; none, for a small one.
#[derive(Default)]
pub(super) struct Taken(Option<(OwnedSemaphorePermit, Place)>);

/// Why a body was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    TooLarge,
    /// Too many large ones at once.
    NoRoom,
    /// The client broke off.
    Broken,
}

impl Default for BodyRoom {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(ROOM)), shares: Shares::default() }
    }
}

impl BodyRoom {
    /// Room for so many bytes of `caller`'s.
    fn reserve(&self, caller: &Arc<str>, bytes: usize) -> Result<Taken, Refused> {
        if bytes <= SMALL {
            return Ok(Taken(None));
        }
        // One body of theirs may be as large as any.
        let place = self.shares.take(caller, bytes, SHARE.max(bytes)).ok_or(Refused::NoRoom)?;
        let bytes = u32::try_from(bytes).map_err(|_| Refused::TooLarge)?;
        let permit = self.all.clone().try_acquire_many_owned(bytes).map_err(|_| Refused::NoRoom)?;
        Ok(Taken(Some((permit, place))))
    }

    /// Reads a body of at most `most` bytes. The room is taken for as long as
    /// what is returned is held: at once for a body that says how long it is, as
    /// it comes for one that does not.
    pub(super) async fn read(
        &self,
        caller: &Arc<str>,
        mut body: Incoming,
        most: usize,
    ) -> Result<(Bytes, Taken), Refused> {
        let told = body.size_hint();
        if told.lower() > most as u64 {
            return Err(Refused::TooLarge);
        }
        let mut expected = told.exact().and_then(|size| usize::try_from(size).ok()).unwrap_or(SMALL).min(most);
        let mut taken = self.reserve(caller, expected)?;
        let Some(first) = next(&mut body).await? else { return Ok((Bytes::new(), Taken::default())) };
        if body.is_end_stream() && first.len() <= expected {
            taken.keep(first.len());
            return Ok((first, taken));
        }
        let mut whole = BytesMut::with_capacity(expected.max(first.len()));
        let mut chunk = Some(first);
        while let Some(bytes) = chunk {
            let length = whole.len() + bytes.len();
            if length > most {
                return Err(Refused::TooLarge);
            }
            if length > expected {
                // Twice as much each time, as the bytes in memory do.
                expected = length.saturating_mul(2).min(most);
                drop(taken);
                taken = self.reserve(caller, expected)?;
            }
            whole.extend_from_slice(&bytes);
            chunk = next(&mut body).await?;
        }
        taken.keep(whole.len());
        Ok((whole.freeze(), taken))
    }
}

impl Taken {
    /// Keeps room for so many bytes: what there turned out to be.
    fn keep(&mut self, bytes: usize) {
        match &mut self.0 {
            Some((permit, place)) if bytes > SMALL => {
                drop(permit.split(permit.num_permits().saturating_sub(bytes)));
                place.keep(bytes);
            }
            taken => *taken = None,
        }
    }
}

/// The next bytes of a body; trailers mean nothing here.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Refused> {
    loop {
        match body.frame().await {
            None => return Ok(None),
            Some(Err(_)) => return Err(Refused::Broken),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_caller_takes_all_the_room() {
        let (room, large) = (BodyRoom::default(), 4 << 20);
        let [greedy, other]: [Arc<str>; 2] = ["greedy".into(), "other".into()];
        let held: Vec<Taken> = std::iter::from_fn(|| room.reserve(&greedy, large).ok()).collect();
        assert_eq!(held.len(), SHARE / large);
        assert!(room.reserve(&greedy, SMALL).is_ok(), "small ones need none");
        let mut theirs = room.reserve(&other, large).unwrap();
        theirs.keep(SMALL + 1);
        assert_eq!(room.all.available_permits(), ROOM - SHARE - SMALL - 1);
        drop((held, theirs));
        assert_eq!(room.all.available_permits(), ROOM);
        assert!(room.reserve(&greedy, large).is_ok());
    }
}
