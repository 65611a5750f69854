//! What of the configuration the doors need, and may change while they are open.

use crate::{
    authn::{Admitted, Authn},
    config::{BehindProxy, Config},
    pipeline::{Protected, Terms},
    transport::http::{Facing, Front},
};

pub(super) fn terms(config: &Config) -> Terms {
    let credentials = &config.credentials;
    let protected = config.public_url.as_ref().zip(credentials.oauth.as_ref());
    Terms {
        authn: Authn::new(credentials.keys.clone(), credentials.oauth.clone(), credentials.anonymous.clone()),
        local: Admitted::new(credentials.local.clone()),
        offered: config.protocols,
        servers: config.trusted_servers.clone(),
        public_url: config.public_url.as_ref().map(|url| url.as_str().into()),
        protected: protected.map(|(url, oauth)| Protected::new(url, &oauth.issuer.issuer, &oauth.rules.scopes)),
        tls: config.tls.is_some(),
    }
}

pub(super) fn facing(config: &Config) -> Facing {
    let host = config.listen.ip().to_string();
    let most = config.limits.request_body.as_usize();
    let front = match &config.behind_proxy {
        None => Front::open(),
        Some(BehindProxy::Somebody) => Front::somebody(),
        Some(BehindProxy::Trusted(networks)) => {
            let elsewhere = !config.listen.ip().is_loopback();
            Front::trusted(networks.clone(), elsewhere && config.tls.is_none())
        }
    };
    Facing::new(&host, config.public_url.as_ref(), &config.allowed_origins, most).behind(front)
}
