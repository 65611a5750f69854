use std::{borrow::Cow, sync::Arc};

use crate::{
    id::RequestId,
    json::Json,
    meta::Meta,
    revision::Era,
    speech::{LogLevel, Speech},
};

/// One message that came in.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly every message is a request, and each lives once on a stack")]
pub enum Incoming<'a> {
    /// Wants an answer.
    Request(Call<'a>),
    /// Wants none.
    Notification(Notification<'a>),
    /// Answers a request of ours (handshake era only).
    Response(Response<'a>),
}

/// One request, with what surrounds it.
#[derive(Debug)]
pub struct Call<'a> {
    pub id: RequestId,
    /// The method's name, for logs and records.
    pub method: Cow<'a, str>,
    /// What was agreed with this client. For `initialize`: what is being agreed.
    pub speech: Arc<Speech>,
    pub request: Request<'a>,
    pub meta: Meta<'a>,
    /// What the guide's `context` said; empty in MCP.
    pub context: GuideContext<'a>,
}

impl Call<'_> {
    /// The era that this call is answered in.
    #[must_use]
    pub fn era(&self) -> Era {
        self.speech.era()
    }
}

/// What a call of the guide's dialect carries besides its arguments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GuideContext<'a> {
    pub root_id: Option<Cow<'a, str>>,
    pub prompt_id: Option<Cow<'a, str>>,
    /// An object of sampling parameters for this call.
    pub sampling: Option<Json<'a>>,
    pub timeout_ms: Option<u64>,
}

/// What a client adds when it repeats a call with the answers it was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Retry<'a> {
    /// An object: key of the question to the client's result.
    pub input_responses: Option<Json<'a>>,
    /// The state as it came back. Sealed by the host; nothing here trusts it.
    pub request_state: Option<Cow<'a, str>>,
}

impl Retry<'_> {
    /// Whether this is a first call.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        self.input_responses.is_none() && self.request_state.is_none()
    }
}

/// How a resource is named.
#[derive(Clone, Debug, PartialEq)]
pub enum ResourceRef<'a> {
    /// By its URI.
    Uri(Cow<'a, str>),
    /// The guide's way: the name of a template, and an object with its variables.
    Named { id: Cow<'a, str>, params: Option<Json<'a>> },
}

/// What a suggestion is wanted for.
#[derive(Clone, Debug, PartialEq)]
pub enum CompletionTarget<'a> {
    /// A prompt, by its name.
    Prompt(Cow<'a, str>),
    /// A resource or template, by its URI.
    Resource(Cow<'a, str>),
}

/// What a subscription asks to hear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub tools: bool,
    pub prompts: bool,
    pub resources: bool,
    /// URIs to hear updates of; `None` if the member was absent.
    pub resource_subscriptions: Option<Vec<Arc<str>>>,
    /// Tasks to hear about; `None` if the member was absent.
    pub task_ids: Option<Vec<Arc<str>>>,
}

/// What is asked for: the same for every dialect that can ask for it.
#[derive(Clone, Debug, PartialEq)]
pub enum Request<'a> {
    /// `initialize`. What was agreed is the call's [`Speech`].
    Initialize,
    /// `ping`.
    Ping,
    /// `server/discover`.
    Discover,
    /// `tools/list`, `mcp.tools.list`.
    ListTools { cursor: Option<Cow<'a, str>> },
    /// `tools/call`, `mcp.tool.invoke`. `arguments` is an object.
    CallTool { name: Cow<'a, str>, arguments: Option<Json<'a>>, retry: Retry<'a> },
    /// `resources/list`, `mcp.resource.list`.
    ListResources { cursor: Option<Cow<'a, str>> },
    /// `resources/templates/list`.
    ListTemplates { cursor: Option<Cow<'a, str>> },
    /// `resources/read`, `mcp.resource.read`.
    ReadResource { resource: ResourceRef<'a>, retry: Retry<'a> },
    /// `mcp.resource.write`.
    WriteResource { resource: ResourceRef<'a>, content: Content<'a>, if_match: Option<Cow<'a, str>> },
    /// `skills/list` (SEP-2640).
    ListSkills { cursor: Option<Cow<'a, str>> },
    /// `skills/get`.
    GetSkill { uri: Cow<'a, str> },
    /// `resources/directory/read`.
    ReadDirectory { uri: Cow<'a, str>, cursor: Option<Cow<'a, str>> },
    /// `prompts/list`, `mcp.prompt.list`.
    ListPrompts { cursor: Option<Cow<'a, str>> },
    /// `prompts/get`, `mcp.prompt.get`. In the order the client gave them.
    GetPrompt { name: Cow<'a, str>, arguments: Vec<(Cow<'a, str>, Cow<'a, str>)>, retry: Retry<'a> },
    /// `completion/complete`. `context` holds what is filled in already.
    Complete {
        target: CompletionTarget<'a>,
        argument: Cow<'a, str>,
        value: Cow<'a, str>,
        context: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    },
    /// `logging/setLevel`.
    SetLogLevel { level: LogLevel },
    /// `resources/subscribe`.
    Subscribe { uri: Cow<'a, str> },
    /// `resources/unsubscribe`.
    Unsubscribe { uri: Cow<'a, str> },
    /// `subscriptions/listen`.
    Listen { filter: Filter },
    /// `tasks/get`.
    GetTask { task_id: Cow<'a, str> },
    /// `tasks/update`. `input_responses` is an object.
    UpdateTask { task_id: Cow<'a, str>, input_responses: Json<'a> },
    /// `tasks/cancel`.
    CancelTask { task_id: Cow<'a, str> },
    /// What only the guide has.
    Guide(GuideRequest<'a>),
}

/// What is written to a resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Content<'a> {
    Text(Cow<'a, str>),
    Blob(Vec<u8>),
}

/// The guide's methods that MCP has no name for.
#[derive(Clone, Debug, PartialEq)]
pub enum GuideRequest<'a> {
    /// `mcp.sampling.update`. `parameters` is an object, `rootId` included.
    UpdateSampling { root_id: Option<Cow<'a, str>>, parameters: Json<'a> },
    /// `mcp.root.create`. `options` is an object.
    CreateRoot { options: Option<Json<'a>> },
    /// `mcp.root.close`.
    CloseRoot { root_id: Cow<'a, str> },
    /// `mcp.root.list`.
    ListRoots,
    /// `mcp.routing`.
    Routing,
    /// `mcp.routing.set`.
    SetRouting { routes: Vec<Route<'a>> },
    /// `mcp.trust.registry`.
    TrustRegistry,
    /// `mcp.event.subscribe`. `None`: every event.
    SubscribeEvents { events: Option<Vec<Arc<str>>>, uris: Vec<Arc<str>> },
}

/// Which server answers for the names behind a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route<'a> {
    pub prefix: Cow<'a, str>,
    pub server: Cow<'a, str>,
}

/// A message that wants no answer.
#[derive(Debug, PartialEq)]
pub enum Notification<'a> {
    /// The handshake is over.
    Initialized,
    /// The client gives a request up.
    Cancelled { request_id: RequestId, reason: Option<Cow<'a, str>> },
    /// The client's folders have changed.
    RootsListChanged,
    /// Unknown, or makes no sense. To be passed over: a notification is never answered.
    Ignored { method: Cow<'a, str> },
}

/// A client's answer to a request of ours.
#[derive(Debug, PartialEq)]
pub struct Response<'a> {
    /// `None` only when the client could not read the id.
    pub id: Option<RequestId>,
    /// The result, or the error object.
    pub outcome: Result<Json<'a>, Json<'a>>,
}
