//! Who answers the server's questions, and notes what it says.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::{
    ClientHandler, ErrorData, RoleClient,
    model::{
        ClientConfig, CreateMessageRequestParams, CreateMessageResult, ElicitRequestParams, ElicitResult,
        ListRootsResult, LoggingMessageNotificationParam, ResourceUpdatedNotificationParam,
    },
    service::{NotificationContext, RequestContext},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

#[derive(Clone, Default)]
pub struct User(Arc<Mutex<Vec<String>>>);

impl User {
    fn note(&self, what: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    /// How often `what` was said.
    pub fn heard(&self, what: &str) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|heard| *heard == what).count()
    }
}

fn made<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

impl ClientHandler for User {
    fn get_info(&self) -> ClientConfig {
        let mut info = ClientConfig::default();
        let can = json!({"elicitation": {"form": {}}, "sampling": {}, "roots": {}});
        info.capabilities = serde_json::from_value(can).expect("capabilities");
        info
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let answers = json!({"name": "Alice", "username": "alice", "email": "alice@example.com", "color": "red"});
        let asked = json!(request);
        let properties = asked["requestedSchema"]["properties"].as_object().into_iter().flatten();
        let content: Map<_, _> =
            properties.filter_map(|(key, _)| answers.get(key).map(|answer| (key.clone(), answer.clone()))).collect();
        made(json!({"action": "accept", "content": content}))
    }

    async fn create_message(
        &self,
        _: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        made(json!({"role": "assistant", "model": "a-model", "content": {"type": "text", "text": "Paris"}}))
    }

    async fn list_roots(&self, _: RequestContext<RoleClient>) -> Result<ListRootsResult, ErrorData> {
        made(json!({"roots": [{"uri": "file:///home/alice"}]}))
    }

    async fn on_logging_message(&self, _: LoggingMessageNotificationParam, _: NotificationContext<RoleClient>) {
        self.note("line".to_owned());
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.note("tools".to_owned());
    }

    async fn on_resource_updated(&self, params: ResourceUpdatedNotificationParam, _: NotificationContext<RoleClient>) {
        self.note(params.uri.to_string());
    }
}
