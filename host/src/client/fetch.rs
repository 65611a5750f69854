//! Fetches a server's manifest.

use std::net::IpAddr;

use bulkhead_net::{Dialler, Roots};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use tokio::{runtime::Builder, time::timeout};
use url::Url;

use super::{
    ClientError,
    http::{PATIENCE, bearer, connect, of_status, unreachable},
};
use crate::manifest::PATH;

/// Largest manifest that is read. Answers "a manifest without end".
const MAX_MANIFEST_BYTES: usize = 16 << 20;

/// The envelope that lies beside the endpoint at `url`.
///
/// # Errors
/// [`ClientError`]
pub fn manifest(url: &Url, key: Option<&str>) -> Result<Vec<u8>, ClientError> {
    let key = bearer(url, key)?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| unreachable(url, &error))?;
    let asked = async {
        let dialler = Dialler::new(Roots::public()).map_err(|error| unreachable(url, &error))?;
        let mut sender = connect(&dialler, url).await?;
        let mut request =
            Request::get(PATH).header(header::HOST, &url[url::Position::BeforeHost..url::Position::AfterPort]);
        if let Some(key) = &key {
            request = request.header(header::AUTHORIZATION, key.expose());
        }
        let request = request.body(Full::<Bytes>::default()).map_err(|error| unreachable(url, &error))?;
        let response = sender.send_request(request).await.map_err(|error| unreachable(url, &error))?;
        of_status(&response)?;
        match response.status() {
            StatusCode::OK => {}
            status => return Err(ClientError::Status(status.as_u16())),
        }
        let body = Limited::new(response.into_body(), MAX_MANIFEST_BYTES).collect().await;
        Ok(body.map_err(|error| ClientError::Ended(error.to_string()))?.to_bytes().to_vec())
    };
    let late = |_| ClientError::Unreachable { to: url.to_string(), why: "no answer in time".to_owned() };
    runtime.block_on(async { timeout(PATIENCE, asked).await }).map_err(late)?
}

/// Whether `url` is on this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(v4)) => IpAddr::V4(v4).is_loopback(),
        Some(url::Host::Ipv6(v6)) => IpAddr::V6(v6).is_loopback(),
        None => false,
    }
}
