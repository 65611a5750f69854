use crate::{
    id::RequestId,
    json::Compact,
    request::Filter,
    speech::{LogLevel, Speech},
    write::{Answer, Object, ServerInfo, Slot, frame, member_id},
};

const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";

/// A listing that can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    Tools,
    Prompts,
    Resources,
}

impl ListKind {
    const fn method(self) -> &'static str {
        match self {
            Self::Tools => "notifications/tools/list_changed",
            Self::Prompts => "notifications/prompts/list_changed",
            Self::Resources => "notifications/resources/list_changed",
        }
    }
}

/// A notification. With `subscription`, it is tagged as heard through that
/// `subscriptions/listen` request.
pub fn notice(method: &str, subscription: Option<&RequestId>, params: impl FnOnce(&mut Object<'_>)) -> String {
    frame(|object| {
        object.str("method", method);
        object.object("params", |object| {
            params(object);
            if let Some(id) = subscription {
                object.object("_meta", |meta| member_id(meta, SUBSCRIPTION_ID, id));
            }
        });
    })
}

/// How far the request is that gave `token`.
#[must_use]
pub fn progress(token: &RequestId, progress: f64, total: Option<f64>, message: Option<&str>) -> String {
    notice("notifications/progress", None, |params| {
        member_id(params, "progressToken", token);
        params.slot("progress").number(progress);
        if let Some(total) = total {
            params.slot("total").number(total);
        }
        params.maybe_str("message", message);
    })
}

/// A line for the caller.
#[must_use]
pub fn log(level: LogLevel, logger: Option<&str>, data: &Compact) -> String {
    notice("notifications/message", None, |params| {
        params.str("level", level.as_str());
        params.maybe_str("logger", logger);
        params.raw("data", data);
    })
}

/// A listing has changed.
#[must_use]
pub fn list_changed(kind: ListKind, subscription: Option<&RequestId>) -> String {
    match subscription {
        Some(_) => notice(kind.method(), subscription, |_| {}),
        None => frame(|object| object.str("method", kind.method())),
    }
}

/// A resource has changed.
#[must_use]
pub fn resource_updated(uri: &str, subscription: Option<&RequestId>) -> String {
    notice("notifications/resources/updated", subscription, |params| params.str("uri", uri))
}

/// First words on a subscription: what of its filter is honoured.
#[must_use]
pub fn acknowledged(subscription: &RequestId, honoured: &Filter) -> String {
    notice("notifications/subscriptions/acknowledged", Some(subscription), |params| {
        params.object("notifications", |filter| {
            let listings = [
                ("toolsListChanged", honoured.tools),
                ("promptsListChanged", honoured.prompts),
                ("resourcesListChanged", honoured.resources),
            ];
            listings.iter().filter(|(_, is_heard)| *is_heard).for_each(|(key, _)| filter.bool(key, true));
            let lists = [("resourceSubscriptions", &honoured.resource_subscriptions), ("taskIds", &honoured.task_ids)];
            for (key, list) in lists {
                if let Some(list) = list {
                    filter.array(key, |array| list.iter().for_each(|item| array.str(item)));
                }
            }
        });
    })
}

/// Last words on a subscription: the answer to its `subscriptions/listen`.
#[must_use]
pub fn subscription_ended(subscription: &RequestId, speech: &Speech, server: &ServerInfo) -> String {
    let tag = Compact::write(|meta| member_id(meta, SUBSCRIPTION_ID, subscription));
    Answer::new(subscription, speech, server).own_meta(Some(&tag)).empty()
}

/// Gives up a request of ours, or a subscription that ends.
#[must_use]
pub fn cancelled(request: &RequestId, reason: Option<&str>) -> String {
    notice("notifications/cancelled", None, |params| {
        member_id(params, "requestId", request);
        params.maybe_str("reason", reason);
    })
}

/// A request of ours (handshake era only).
pub fn request(id: &RequestId, method: &str, params: impl FnOnce(Slot<'_>)) -> String {
    frame(|object| {
        member_id(object, "id", id);
        object.str("method", method);
        params(object.slot("params"));
    })
}
