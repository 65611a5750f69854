//! Asks an admin listener whether its server is ready.

use std::net::SocketAddr;

use bulkhead_net::{Dialler, Roots};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use tokio::time::timeout;
use url::Url;

use super::{
    ClientError,
    http::{PATIENCE, connect, unreachable},
};

/// Largest page that is read. Answers "something else listens there".
const MAX_PAGE_BYTES: usize = 64 << 10;

/// What `/readyz` at `admin` says: whether it is ready, and its page.
///
/// # Errors
/// Nobody answers in time.
pub async fn ready(admin: SocketAddr) -> Result<(bool, String), ClientError> {
    let text = format!("http://{admin}/readyz");
    let url = Url::parse(&text).map_err(|_| ClientError::BadUrl { url: text.clone() })?;
    let asked = async {
        let dialler = Dialler::new(Roots::public()).map_err(|error| unreachable(&url, &error))?;
        let mut sender = connect(&dialler, &url).await?;
        let request = Request::get("/readyz")
            .header(header::HOST, admin.to_string())
            .body(Full::<Bytes>::default())
            .map_err(|error| unreachable(&url, &error))?;
        let response = sender.send_request(request).await.map_err(|error| unreachable(&url, &error))?;
        let ready = response.status().is_success();
        let page = Limited::new(response.into_body(), MAX_PAGE_BYTES).collect().await;
        let page = page.map_err(|error| ClientError::Ended(error.to_string()))?.to_bytes();
        Ok((ready, String::from_utf8_lossy(&page).trim_end().to_owned()))
    };
    let late = |_| ClientError::Unreachable { to: text.clone(), why: "no answer in time".to_owned() };
    timeout(PATIENCE, asked).await.map_err(late)?
}
