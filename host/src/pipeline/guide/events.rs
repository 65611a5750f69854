//! `mcp.event.subscribe`: news as the guide names them, to who asked, of what
//! the caller may see at that moment.
//!
//! **Invariant:** nobody learns of a URI by another's call. A resource that no
//! contract names is told of to who named it, and to who made it change.

use std::{collections::HashMap, sync::Arc};

use bulkhead_base::OperationKind;
use bulkhead_policy::Right;
use bulkhead_protocol::{Fault, write};
use bytes::Bytes;

use crate::{
    folders::{Interest, first_look},
    hub::{Alert, News},
    pipeline::{
        ask::{Asker, answered},
        dispatch::Stop,
    },
    render::{EVENTS, RESOURCE_UPDATED, SECURITY_ALERT, missed_events, resource_updated, security_alert, subscribed},
    transport::service::Reply,
};

/// What a subscription hears.
struct Wanted {
    updates: bool,
    alerts: bool,
    /// Resources by name, besides those that contracts name.
    named: HashMap<Arc<str>, Interest>,
}

impl Wanted {
    /// Without `events`, everything. Names may leave out `mcp.event.`.
    fn read(events: Option<&[Arc<str>]>, named: HashMap<Arc<str>, Interest>) -> Result<Self, Fault> {
        let Some(events) = events else { return Ok(Self { updates: true, alerts: true, named }) };
        let is = |event: &str, name: &str| event == name || name.strip_prefix("mcp.event.") == Some(event);
        let unknown = events.iter().position(|event| !EVENTS.iter().any(|name| is(event, name)));
        if let Some(position) = unknown {
            let text = format!("params.events[{position}]: expected one of {}", EVENTS.join(", "));
            return Err(Fault::invalid_params(text));
        }
        let wants = |name| events.iter().any(|event| is(event, name));
        Ok(Self { updates: wants(RESOURCE_UPDATED), alerts: wants(SECURITY_ALERT), named })
    }
}

impl Asker<'_> {
    pub(super) async fn subscribe_events(&self, events: Option<&[Arc<str>]>, uris: &[Arc<str>]) -> Result<Reply, Stop> {
        let _seat = self.seat()?;
        let wanted = Wanted::read(events, self.named(uris)?)?;
        let mut ear = self.host.hub.listen();
        first_look(wanted.named.values()).await;
        self.send(subscribed(wanted.updates, wanted.alerts)).await?;
        while let Some(news) = self.hear(&mut ear).await? {
            if let Some(event) = self.event(&wanted, &news) {
                self.send(event).await?;
            }
        }
        Ok(answered(write::guide_answer(self.id(), |slot| slot.object(|result| result.bool("closed", true)))))
    }

    /// Those of `uris` that the caller may read, watched from now on.
    fn named(&self, uris: &[Arc<str>]) -> Result<HashMap<Arc<str>, Interest>, Fault> {
        uris.iter().filter(|uri| self.reads(uri)).map(|uri| self.interest(uri)).collect()
    }

    /// What this caller is told of `news`.
    fn event(&self, wanted: &Wanted, news: &News) -> Option<String> {
        match news {
            News::ResourceUpdated { plugin, uri, by }
                if wanted.updates && self.is_told(wanted, uri, by.as_deref()) && self.reads(uri) =>
            {
                Some(resource_updated(plugin, uri))
            }
            News::Alert(alert) if wanted.alerts && self.knows(alert) => Some(security_alert(alert)),
            News::Missed => Some(missed_events()),
            News::Listings(_) | News::ResourceUpdated { .. } | News::Task(_) | News::Alert(_) => None,
        }
    }

    /// Whether the caller knows of `uri` already, or by its own doing.
    fn is_told(&self, wanted: &Wanted, uri: &str, by: Option<&str>) -> bool {
        wanted.named.contains_key(uri)
            || by.is_some_and(|by| by == &**self.caller.principal.id())
            || self.snapshot().catalogue.resources.find(uri).is_some()
    }

    fn reads(&self, uri: &str) -> bool {
        let may_read = |item: &str| self.may_see(OperationKind::ReadResource, item);
        may_read(uri) || self.snapshot().catalogue.names_of(uri).iter().any(|name| may_read(name))
    }

    /// Whether the caller may use anything of what an alert is about, or looks
    /// after the whole.
    fn knows(&self, alert: &Alert) -> bool {
        let looks_after = || self.caller.principal.access().holds(&Right::Operator("trust".into()));
        alert.items.iter().any(|(kind, item)| self.may_see(*kind, item)) || looks_after()
    }

    async fn send(&self, message: String) -> Result<(), Stop> {
        self.outbox.send(Bytes::from(message)).await.map_err(|_| Stop::Abandoned)
    }
}
