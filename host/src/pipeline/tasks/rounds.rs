//! The rounds of a task: the plugin runs, asks, waits without holding
//! anything, and runs again.

use std::{collections::HashSet, time::Duration};

use bulkhead_base::Digest;
use bulkhead_protocol::json::{Compact, Json};
use bulkhead_registry::{Snapshot, ToolEntry};
use bulkhead_sandbox::{Ask, Failure};
use bulkhead_state::TaskInput;
use tokio::time::{interval, timeout};

use super::Desk;
use crate::{
    pipeline::{
        allowance::Share,
        ask::Asker,
        converse::{Asked, MOST_ROUNDS, State, Step, Trouble, answers},
        heard::Heard,
        invoke::{Errand, Round},
    },
    render::{Failed, ReadInput, ReadTool, input_refused, task_full},
    transport::slots::Slot,
};

/// How long a task waits for answers. Answers "questions that nobody will ever
/// answer".
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// How often a task that waits looks whether its plugin is still served, and
/// whether another process has taken answers.
const LOOK: Duration = Duration::from_secs(1);

/// Bytes of answers that a task carries. Answers "answers without end".
pub(super) const MOST_ANSWERS: usize = 1 << 20;

/// One task's call.
pub(super) struct Course<'a> {
    pub(super) errand: &'a Errand,
    pub(super) desk: &'a Desk,
    pub(super) file: Digest,
    pub(super) name: &'a str,
    pub(super) arguments: Option<Json<'a>>,
}

/// A place among the calls under way, and the caller's own.
struct Room(#[expect(dead_code, reason = "held for its drop alone")] (Slot, Share));

impl Course<'_> {
    /// The tool, if it is still the one that the task began with.
    fn tool<'s>(&self, snapshot: &'s Snapshot) -> Result<&'s ToolEntry, Failed> {
        let tool = snapshot.catalogue.tools.find(self.name).ok_or(Failed::Revoked)?;
        if tool.plugin.digest() == self.file { Ok(tool) } else { Err(Failed::Replaced) }
    }
}

impl Asker<'_> {
    /// Runs the call to its result.
    pub(super) async fn rounds(
        &self,
        course: &Course<'_>,
        state: State,
        mut slot: Option<Slot>,
    ) -> Result<ReadTool, Trouble> {
        let (mut state, mut names) = (state, HashSet::new());
        loop {
            let room = self.room(course, slot.take()).await?;
            let input = match self.round(course, &state).await? {
                Step::Done(read) => return Ok(read),
                Step::Ask(input) => input,
            };
            drop(room);
            self.consult(course, input, &mut state, &mut names).await?;
        }
    }

    /// Takes the room that a round needs, and waits for it.
    async fn room(&self, course: &Course<'_>, slot: Option<Slot>) -> Result<Room, Failed> {
        let take = async {
            let slot = match (slot, &self.host.tasks) {
                (Some(slot), _) => Some(slot),
                (None, Some(tasks)) => tasks.slots.wait().await,
                (None, None) => None,
            };
            let share = self.host.allowances.wait(&self.caller.principal).await;
            slot.map(|slot| Room((slot, share))).ok_or(Failed::Sandbox(Failure::Stopped))
        };
        tokio::select! {
            biased;
            () = course.desk.stopped() => Err(Failed::Cancelled),
            room = take => room,
        }
    }

    async fn round(&self, course: &Course<'_>, state: &State) -> Result<Step<ReadTool>, Trouble> {
        let snapshot = self.snapshot();
        let tool = course.tool(&snapshot)?;
        let permit = self.permit(course.errand, &tool.operation())?;
        let arguments = course.arguments.unwrap_or(Json::EMPTY_OBJECT).get().to_owned();
        let ask = Ask::Tool { name: tool.item.to_string(), arguments };
        let round = Round { answers: answers(state), state: state.state.clone() };
        match self.run(course.errand, &snapshot, permit, ask, round).await? {
            Heard::Tool(read) => Ok(Step::Done(read)),
            Heard::Asks(input) => Ok(Step::Ask(input)),
            Heard::BecomesTask(_) => Err(Failed::Unfit("it runs as a task already".into()).into()),
            _ => Err(Failed::Unfit("another kind of answer".into()).into()),
        }
    }

    /// Puts the plugin's questions, and waits for all answers.
    async fn consult(
        &self,
        course: &Course<'_>,
        mut input: ReadInput,
        state: &mut State,
        names: &mut HashSet<String>,
    ) -> Result<(), Trouble> {
        let next = input.state.take();
        let questions = self.questions(course.errand, &self.snapshot(), input, next.is_some()).await?;
        state.round += 1;
        if state.round > MOST_ROUNDS {
            return Err(Failed::Unfit(format!("it asks for more than {MOST_ROUNDS} rounds")).into());
        }
        state.state = next;
        if questions.is_empty() {
            return Ok(());
        }
        let put = questions.iter().map(|asked| TaskInput { name: unique(names, &asked.key), json: request(asked) });
        self.intend_questions(course.errand, &questions).await?;
        if !course.desk.ask(put.collect()).await {
            return Err(Failed::Cancelled.into());
        }
        let wait = timeout(PATIENCE, self.answered(course, questions.len()));
        let given = tokio::select! {
            biased;
            () = course.desk.stopped() => return Err(Failed::Cancelled.into()),
            () = self.host.closing.cancelled() => return Err(Failed::Sandbox(Failure::Stopped).into()),
            given = wait => given.map_err(|_| input_refused(None))??,
        };
        let given = questions.into_iter().zip(given).map(|(asked, answer)| (asked.key, answer.json));
        let given: Vec<(String, String)> = given.collect();
        self.heard(course.errand, &given).await?;
        state.answers.extend(given);
        if state.answers.iter().map(|(_, answer)| answer.len()).sum::<usize>() > MOST_ANSWERS {
            return Err(task_full(MOST_ANSWERS).into());
        }
        Ok(())
    }

    /// All answers, in the order of the questions.
    async fn answered(&self, course: &Course<'_>, wanted: usize) -> Result<Vec<TaskInput>, Failed> {
        let mut look = interval(LOOK);
        loop {
            tokio::select! {
                () = course.desk.answered() => {}
                _ = look.tick() => {}
            }
            course.tool(&self.snapshot())?;
            if let Some(answers) = course.desk.answers().await.filter(|answers| answers.len() == wanted) {
                return Ok(answers);
            }
        }
    }
}

/// A name that this task has not used for a question yet: its client may take
/// two questions of one name for the same.
fn unique(names: &mut HashSet<String>, key: &str) -> String {
    let mut name = key.to_owned();
    let mut number = 1;
    while !names.insert(name.clone()) {
        number += 1;
        name = format!("{key}#{number}");
    }
    name
}

fn request(asked: &Asked) -> String {
    let request = Compact::write(|request| {
        request.str("method", asked.method);
        request.raw("params", &asked.params);
    });
    request.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_is_asked_again_has_another_name() {
        let mut names = HashSet::new();
        assert_eq!(["a", "a#2", "b", "a"].map(|key| unique(&mut names, key)), ["a", "a#2", "b", "a#3"]);
    }
}
