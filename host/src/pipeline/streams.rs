//! News for whoever listens: `subscriptions/listen` of the modern era, and the
//! stand-alone stream and watched resources of the older one.

use std::{collections::HashMap, sync::Arc};

use bulkhead_base::OperationKind;
use bulkhead_policy::{Principal, decide, may_list};
use bulkhead_protocol::{
    Fault, Filter, RequestId,
    write::{self, ListKind},
};
use bytes::Bytes;

use super::{
    Host,
    ask::{Asker, answered},
    dispatch::Stop,
    resources::known,
    tasks::TaskWatch,
};
use crate::{
    authn::Admitted,
    folders::{Interest, TooMany, first_look},
    hub::{Ear, Listings, News},
    render::{Failed, crowded},
    session::Dialogue,
    transport::service::{Outbox, Reply, Seat},
};

/// Most streams that wait for news at once.
pub(super) const MAX_STREAMS: usize = 2_048;

/// Most of them that are one principal's. Answers "a client that listens a
/// thousand times, until nobody else can".
const MAX_OF_ONE: usize = 512;

/// Largest request that opens one: it is kept for as long as the stream is.
/// Answers "streams that hold all the room there is for large messages".
const LARGEST_FRAME: usize = 64 << 10;

/// Most resources that one stream may name. Answers "a filter of a megabyte".
const MAX_WATCHED: usize = 1_024;

const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";

/// The listings that changed and are wanted.
fn kinds(changed: Listings, wanted: Listings) -> impl Iterator<Item = ListKind> {
    [
        (changed.tools && wanted.tools, ListKind::Tools),
        (changed.prompts && wanted.prompts, ListKind::Prompts),
        (changed.resources && wanted.resources, ListKind::Resources),
    ]
    .into_iter()
    .filter_map(|(told, kind)| told.then_some(kind))
}

/// Tells a conversation of the handshake era what changed, until its client
/// leaves. `caller` is who listens: what may be told is decided each time.
pub(super) async fn tell(host: &Host, caller: impl Fn() -> Admitted, dialogue: &Dialogue, outbox: &Outbox) {
    let mut ear = host.hub.listen();
    loop {
        let news = tokio::select! {
            news = ear.next() => news,
            () = outbox.closed() => None,
        };
        match news {
            None => return,
            Some(news @ (News::Listings(_) | News::Missed)) => {
                for kind in kinds(news.listings(), Listings::ALL) {
                    if outbox.send(Bytes::from(write::list_changed(kind, None))).await.is_err() {
                        return;
                    }
                }
            }
            Some(News::ResourceUpdated { uri, .. })
                if dialogue.watches(&uri) && host.may_watch(&caller().principal, &uri) =>
            {
                if outbox.send(Bytes::from(write::resource_updated(&uri, None))).await.is_err() {
                    return;
                }
            }
            Some(News::ResourceUpdated { .. } | News::Task(_) | News::Alert(_)) => {}
        }
    }
}

/// One `subscriptions/listen`.
struct Subscription<'a> {
    id: &'a RequestId,
    listings: Listings,
    watched: HashMap<Arc<str>, Interest>,
    asker: &'a Asker<'a>,
    outbox: &'a Outbox,
}

impl Subscription<'_> {
    async fn tell(&self, news: News) -> Result<(), Stop> {
        match news {
            News::Listings(_) | News::Missed => {
                for kind in kinds(news.listings(), self.listings) {
                    self.say(write::list_changed(kind, Some(self.id))).await?;
                }
                if matches!(news, News::Missed) {
                    // What was missed may have been of any of them.
                    for uri in self.watched.keys().filter(|uri| self.asker.may_watch(uri)) {
                        self.say(write::resource_updated(uri, Some(self.id))).await?;
                    }
                }
            }
            News::ResourceUpdated { uri, .. } if self.watched.contains_key(&uri) && self.asker.may_watch(&uri) => {
                self.say(write::resource_updated(&uri, Some(self.id))).await?;
            }
            News::ResourceUpdated { .. } | News::Task(_) | News::Alert(_) => {}
        }
        Ok(())
    }

    async fn say(&self, message: String) -> Result<(), Stop> {
        self.outbox.send(Bytes::from(message)).await.map_err(|_| Stop::Abandoned)
    }
}

fn too_much_watched(_: TooMany) -> Fault {
    Fault::new(crate::render::BUSY, "too many resources are watched")
}

impl Host {
    /// Whether `principal` may hear of changes of `uri`, right now.
    fn may_watch(&self, principal: &Principal, uri: &str) -> bool {
        let served = self.registry.snapshot().catalogue.plugin_of(uri).is_some();
        served && may_list(principal, OperationKind::ReadResource, uri)
    }
}

impl Host {
    /// A place among those who listen.
    pub(super) fn seat(&self, principal: &Arc<str>) -> Result<Seat, Fault> {
        let busy = || crowded("too many streams are open");
        let place = self.listening.enter(principal, MAX_OF_ONE).ok_or_else(busy)?;
        let one = self.streams.clone().try_acquire_owned().map_err(|_| busy())?;
        Ok(Seat::new(one, place))
    }
}

impl Asker<'_> {
    pub(super) async fn listen(&self, filter: &Filter) -> Result<Reply, Stop> {
        let _seat = self.seat()?;
        let honoured = Filter { task_ids: self.own_tasks(filter).await?, ..self.honoured(filter)? };
        let mut ear = self.host.hub.listen();
        let subscription = Subscription {
            id: self.id(),
            listings: Listings { tools: honoured.tools, prompts: honoured.prompts, resources: honoured.resources },
            watched: honoured
                .resource_subscriptions
                .iter()
                .flatten()
                .map(|uri| self.interest(uri))
                .collect::<Result<_, _>>()?,
            asker: self,
            outbox: self.outbox,
        };
        first_look(subscription.watched.values()).await;
        subscription.say(write::acknowledged(self.id(), &honoured)).await?;
        let watch = self.follow(honoured.task_ids.as_ref());
        self.relay(&subscription, &mut ear, watch).await?;
        if self.place.headers.is_none() {
            subscription.say(write::cancelled(self.id(), Some("the server is closing"))).await?;
        }
        let tag = bulkhead_protocol::json::Compact::write(|meta| self.id().write(meta.slot(SUBSCRIPTION_ID)));
        Ok(answered(self.envelope().own_meta(Some(&tag)).empty()))
    }

    /// A place among those who listen.
    pub(super) fn seat(&self) -> Result<Seat, Fault> {
        if self.frame.len() > LARGEST_FRAME {
            return Err(Fault::invalid_params(format!("params: expected at most {LARGEST_FRAME} bytes")).status(413));
        }
        self.host.seat(self.caller.principal.id())
    }

    /// Passes news on until the house closes.
    async fn relay(&self, subscription: &Subscription<'_>, ear: &mut Ear, mut watch: TaskWatch) -> Result<(), Stop> {
        loop {
            let news = tokio::select! {
                news = self.hear(ear) => news?,
                () = watch.due() => {
                    self.tell_tasks(&mut watch).await?;
                    continue;
                }
            };
            match news {
                Some(News::Task(id)) if watch.follows(&id) => self.tell_tasks(&mut watch).await?,
                Some(news) => subscription.tell(news).await?,
                None => return Ok(()),
            }
        }
    }

    /// The next piece of news; `None` once the house closes.
    pub(super) async fn hear(&self, ear: &mut Ear) -> Result<Option<News>, Stop> {
        tokio::select! {
            biased;
            () = self.host.closing.cancelled() => Ok(None),
            () = self.outbox.closed() => Err(Stop::Abandoned),
            news = ear.next() => Ok(news),
        }
    }

    /// The part of a filter that this caller is served.
    fn honoured(&self, filter: &Filter) -> Result<Filter, Fault> {
        let watched = filter.resource_subscriptions.as_ref();
        if watched.is_some_and(|uris| uris.len() > MAX_WATCHED) {
            let most = format!("params.notifications.resourceSubscriptions: expected at most {MAX_WATCHED}");
            return Err(Fault::invalid_params(most));
        }
        let watched = watched.map(|uris| uris.iter().filter(|uri| self.may_watch(uri)).cloned().collect());
        Ok(Filter { resource_subscriptions: watched, task_ids: None, ..filter.clone() })
    }

    fn may_watch(&self, uri: &str) -> bool {
        self.host.may_watch(&self.caller.principal, uri)
    }

    /// A resource that the caller watches from now on.
    pub(super) fn interest(&self, uri: &Arc<str>) -> Result<(Arc<str>, Interest), Fault> {
        let interest = self.host.interests.watch(uri.clone(), self.caller.principal.id().clone());
        interest.map(|interest| (uri.clone(), interest)).map_err(too_much_watched)
    }

    pub(super) async fn subscribe(&self, uri: &str) -> Result<String, Stop> {
        let dialogue = self.place.dialogue.as_ref().ok_or_else(Fault::internal)?;
        let snapshot = self.snapshot();
        let known = known(&snapshot, uri).ok_or_else(|| Fault::resource_not_found(self.era(), uri))?;
        let decided = decide(&self.caller.principal, &known.operation(OperationKind::ReadResource));
        decided.map_err(|denied| self.told(Failed::Denied(denied)))?;
        let interest = dialogue.watch(uri, self.caller.principal.id(), &self.host.interests);
        interest.map_err(too_much_watched)?.begun().await;
        Ok(self.envelope().empty())
    }

    pub(super) fn unsubscribe(&self, uri: &str) -> Result<String, Fault> {
        let dialogue = self.place.dialogue.as_ref().ok_or_else(Fault::internal)?;
        dialogue.unwatch(uri);
        Ok(self.envelope().empty())
    }
}
