//! The admin listener: small, read-only, one request a connection.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use bulkhead_base::Digest;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use subtle::ConstantTimeEq as _;
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use super::{metrics::Metrics, ready::Readiness};
use crate::{
    record::{Recorder, Status},
    transport::slots::Slots,
};

/// Most connections at once. Answers "a scraper gone wild".
const MAX_CONNECTIONS: usize = 64;

/// How long one connection may last.
const PATIENCE: Duration = Duration::from_secs(30);

/// Largest head.
const MAX_HEAD_BYTES: usize = 16 << 10;

/// What the listener shows, and to whom.
pub struct AdminDoor {
    pub metrics: Arc<Metrics>,
    pub readiness: Readiness,
    pub recorder: Recorder,
    pub slots: Slots,
    /// SHA-256 of the key that has to be presented; everybody may look without.
    pub key: Option<Digest>,
    pub closing: CancellationToken,
}

/// Listens at `address`.
///
/// # Errors
/// The address is in use, or not this machine's.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves `listener` until the house closes.
pub async fn serve(door: AdminDoor, listener: TcpListener) {
    let (door, places) = (Arc::new(door), Arc::new(Semaphore::new(MAX_CONNECTIONS)));
    loop {
        let accepted = tokio::select! {
            () = door.closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = places.clone().try_acquire_owned() else { continue };
        let door = door.clone();
        tokio::spawn(async move {
            let answer = service_fn(move |request| std::future::ready(Ok::<_, Infallible>(door.answer(&request))));
            let mut http = http1::Builder::new();
            http.keep_alive(false).max_buf_size(MAX_HEAD_BYTES).header_read_timeout(None);
            let _ = tokio::time::timeout(PATIENCE, http.serve_connection(TokioIo::new(stream), answer)).await;
            drop(place);
        });
    }
}

impl AdminDoor {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n".to_owned());
        }
        match request.uri().path() {
            "/healthz" => text(StatusCode::OK, "ok\n".to_owned()),
            "/readyz" => self.ready(self.knows(request.headers())),
            "/metrics" if self.knows(request.headers()) => text(StatusCode::OK, self.page()),
            "/metrics" => {
                let mut response = text(StatusCode::UNAUTHORIZED, "a key is needed\n".to_owned());
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"bulkhead admin\""));
                response
            }
            _ => text(StatusCode::NOT_FOUND, "there are /healthz, /readyz and /metrics\n".to_owned()),
        }
    }

    fn page(&self) -> String {
        let record = self.recorder.status().map(|status| status.metrics());
        self.metrics.text(&self.readiness, self.slots.taken()) + &record.unwrap_or_default()
    }

    /// Probes come without a key and learn yes or no; who has it reads why.
    fn ready(&self, in_full: bool) -> Response<Full<Bytes>> {
        let record = self.recorder.status();
        let is_written = record.as_ref().is_none_or(Status::is_written);
        let ready = self.readiness.is_ready() && !self.closing.is_cancelled() && is_written;
        let mut page = if ready { "ready\n" } else { "not ready\n" }.to_owned();
        if in_full {
            for (plugin, state) in self.readiness.states() {
                page.push_str(&format!("{plugin}: {state}\n"));
            }
            if let Some(record) = record {
                page.push_str(&format!("{}\n", record.line()));
            }
        }
        text(if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, page)
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let Some(key) = &self.key else { return true };
        let given = headers.get(header::AUTHORIZATION).and_then(|field| field.as_bytes().strip_prefix(b"Bearer "));
        given.is_some_and(|given| Digest::of(given).as_bytes().ct_eq(key.as_bytes()).into())
    }
}

fn text(status: StatusCode, page: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(page)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
