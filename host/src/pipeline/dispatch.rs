//! One table from what is asked for to who answers it.

use bulkhead_protocol::{Era, Fault, Request, ResourceRef};

use super::ask::{Asker, answered};
use crate::transport::{service::Reply, slots::Slot};

/// Why a request has no result.
#[derive(Debug)]
pub(super) enum Stop {
    /// It is answered with an error.
    Fault(Fault),
    /// Its client gave it up.
    Abandoned,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Asker<'_> {
    /// Answers the request.
    pub(super) async fn dispatch(&self, slot: &mut Option<Slot>) -> Result<Reply, Stop> {
        if self.era() == Era::Guide {
            return self.dispatch_guide(slot).await;
        }
        let frame = match &self.call.request {
            Request::Initialize => return self.initialize(),
            Request::Ping => self.envelope().empty(),
            Request::Discover => self.discover(),
            Request::ListTools { cursor } => self.list_tools(cursor.as_deref())?,
            Request::ListPrompts { cursor } => self.list_prompts(cursor.as_deref())?,
            Request::ListTemplates { cursor } => self.list_templates(cursor.as_deref())?,
            Request::ListResources { cursor } => self.list_resources(cursor.as_deref()).await?,
            Request::ListSkills { cursor } => self.list_skills(cursor.as_deref())?,
            Request::GetSkill { uri } => self.get_skill(uri)?,
            Request::ReadDirectory { uri, cursor } => self.read_directory(uri, cursor.as_deref())?,
            Request::CallTool { name, arguments, retry } => self.call_tool(name, *arguments, retry, slot).await?,
            Request::GetPrompt { name, arguments, retry } => self.get_prompt(name, arguments, retry).await?,
            Request::ReadResource { resource: ResourceRef::Uri(uri), retry } => self.read_resource(uri, retry).await?,
            Request::Complete { target, argument, value, context } => {
                self.complete(target, argument, value, context).await?
            }
            Request::SetLogLevel { level } => self.set_log_level(*level)?,
            Request::Subscribe { uri } => self.subscribe(uri).await?,
            Request::Unsubscribe { uri } => self.unsubscribe(uri)?,
            Request::Listen { filter } => {
                // Waiting for news is no call under way.
                drop(slot.take());
                return self.listen(filter).await;
            }
            Request::GetTask { task_id } => self.get_task(task_id).await?,
            Request::UpdateTask { task_id, input_responses } => self.update_task(task_id, *input_responses).await?,
            Request::CancelTask { task_id } => self.cancel_task(task_id).await?,
            Request::ReadResource { .. } | Request::WriteResource { .. } | Request::Guide(_) => {
                return Err(Fault::method_not_found(self.era(), &self.call.method).into());
            }
        };
        Ok(answered(frame))
    }
}
