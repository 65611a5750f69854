//! A request's body: read whole, within its limit.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// All bodies together that are not small. Answers "as many connections as
/// allowed, each with a body as large as allowed".
const ROOM: usize = 256 << 20;

/// Bodies up to this size need no room of their own: the limit on connections
/// bounds them.
const SMALL: usize = 64 << 10;

/// Room for bodies.
pub(crate) struct BodyRoom(Arc<Semaphore>);

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
        Self(Arc::new(Semaphore::new(ROOM)))
    }
}

impl BodyRoom {
    fn reserve(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refused> {
        let bytes = u32::try_from(bytes).map_err(|_| Refused::TooLarge)?;
        self.0.clone().try_acquire_many_owned(bytes).map_err(|_| Refused::NoRoom)
    }

    /// Reads a body of at most `most` bytes. The permit is for as long as the
    /// bytes are.
    pub(super) async fn read(
        &self,
        mut body: Incoming,
        most: usize,
    ) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Refused> {
        let told = body.size_hint();
        if told.lower() > most as u64 {
            return Err(Refused::TooLarge);
        }
        let expected = told.upper().and_then(|size| usize::try_from(size).ok()).unwrap_or(most).min(most);
        let permit = if expected > SMALL { Some(self.reserve(expected)?) } else { None };
        let Some(first) = next(&mut body).await? else { return Ok((Bytes::new(), None)) };
        if body.is_end_stream() && first.len() <= most {
            let permit = taken(permit, first.len());
            return Ok((first, permit));
        }
        // A length that was told is reserved above; one that was not may be much too large.
        let likely = told.exact().map_or(SMALL, |_| expected);
        let mut whole = BytesMut::with_capacity(likely.min(expected).max(first.len()));
        let mut chunk = Some(first);
        while let Some(bytes) = chunk {
            if whole.len() + bytes.len() > most {
                return Err(Refused::TooLarge);
            }
            whole.extend_from_slice(&bytes);
            chunk = next(&mut body).await?;
        }
        let permit = taken(permit, whole.len());
        Ok((whole.freeze(), permit))
    }
}

/// What of `permit` a body of so many bytes takes: one without a length was
/// given the most that it might have been.
fn taken(permit: Option<OwnedSemaphorePermit>, bytes: usize) -> Option<OwnedSemaphorePermit> {
    let mut permit = permit.filter(|_| bytes > SMALL)?;
    drop(permit.split(permit.num_permits().saturating_sub(bytes)));
    Some(permit)
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
