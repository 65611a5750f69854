use tempfile::TempDir;

use super::*;
use crate::Store;

const NOW: Millis = 1_000_000;
const LEASE: Millis = NOW + 100;
const EXPIRES: Millis = NOW + 1_000;

fn tasks() -> (TempDir, Tasks) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("state.db")).unwrap();
    (folder, store.tasks())
}

fn ann() -> Arc<str> {
    "ann".into()
}

fn new(id: &str) -> NewTask {
    NewTask { principal: ann(), id: id.into(), item: "slow.run".into(), expires: EXPIRES, lease: LEASE }
}

fn input(name: &str, json: &str) -> TaskInput {
    TaskInput { name: name.into(), json: json.into() }
}

async fn seen(tasks: &Tasks, id: &str, now: Millis) -> Option<Task> {
    tasks.read(&ann(), id, now).await.unwrap()
}

async fn status(tasks: &Tasks, id: &str, now: Millis) -> Option<TaskStatus> {
    let status = seen(tasks, id, now).await.map(|task| task.status);
    let stamp = tasks.stamps(&ann(), vec![id.into()], now).await.unwrap()[0];
    assert_eq!(stamp.map(|stamp| stamp.status), status, "both ways to read agree");
    status
}

#[tokio::test]
async fn a_task_is_there_once_it_is_created_and_keeps_its_result() {
    let (folder, tasks) = tasks();
    let hold = tasks.create(new("1"), NOW).await.unwrap();
    let task = seen(&tasks, "1", NOW).await.unwrap();
    assert_eq!((task.status, task.created, task.expires, task.version), (TaskStatus::Working, NOW, EXPIRES, 1));
    assert!(hold.say("half way".into(), NOW + 1).await.unwrap());
    let task = seen(&tasks, "1", NOW + 1).await.unwrap();
    assert_eq!((task.message.as_deref(), task.updated, task.version), (Some("half way"), NOW + 1, 2));
    assert!(hold.finish(TaskEnd::Completed { result: "{}".into() }, NOW + 2).await.unwrap());
    drop((hold, tasks));
    let again = Store::open(&folder.path().join("state.db")).unwrap().tasks();
    let task = seen(&again, "1", LEASE + 1).await.unwrap();
    assert_eq!((task.status, task.detail.as_deref(), task.message), (TaskStatus::Completed, Some("{}"), None));
}

#[tokio::test]
async fn it_is_nobody_elses_and_ends_with_its_time() {
    let (_folder, tasks) = tasks();
    let hold = tasks.create(new("1"), NOW).await.unwrap();
    hold.ask(vec![input("a", "{}")], NOW).await.unwrap();
    let bob: Arc<str> = "bob".into();
    assert_eq!(tasks.read(&bob, "1", NOW).await.unwrap(), None);
    assert_eq!(tasks.stamps(&bob, vec!["1".into()], NOW).await.unwrap(), [None]);
    assert!(!tasks.cancel(&bob, "1", NOW).await.unwrap());
    assert_eq!(tasks.answer(&bob, "1", vec![input("a", "{}")], NOW).await.unwrap(), Answered::Nothing);
    assert!(hold.renew(EXPIRES * 2, NOW).await.unwrap());
    assert!(seen(&tasks, "1", EXPIRES - 1).await.is_some());
    assert_eq!(status(&tasks, "1", EXPIRES).await, None);
    assert!(!hold.renew(EXPIRES * 2, EXPIRES).await.unwrap());
    assert_eq!(tasks.sweep(EXPIRES - 1).await.unwrap(), 0);
    assert_eq!(tasks.sweep(EXPIRES).await.unwrap(), 1);
}

#[tokio::test]
async fn a_task_that_nobody_answers_for_has_failed_for_good() {
    let (_folder, tasks) = tasks();
    let hold = tasks.create(new("1"), NOW).await.unwrap();
    assert!(hold.renew(LEASE + 50, LEASE - 1).await.unwrap());
    assert_eq!(status(&tasks, "1", LEASE).await, Some(TaskStatus::Working), "renewed");
    let over = LEASE + 50;
    let task = seen(&tasks, "1", over).await.unwrap();
    assert_eq!((task.status, task.detail, task.updated), (TaskStatus::Failed, None, over));
    // Its runner was only asleep: it cannot wake a task that was seen failed.
    assert!(!hold.renew(over * 2, over).await.unwrap());
    assert!(!hold.say("still here".into(), over).await.unwrap());
    assert!(!hold.ask(vec![input("a", "{}")], over).await.unwrap());
    assert!(!hold.finish(TaskEnd::Completed { result: "{}".into() }, over).await.unwrap());
    assert!(!tasks.cancel(&ann(), "1", over).await.unwrap());
    assert_eq!(status(&tasks, "1", over).await, Some(TaskStatus::Failed));
}

#[tokio::test]
async fn answers_are_kept_until_all_are_there() {
    let (_folder, tasks) = tasks();
    let hold = tasks.create(new("1"), NOW).await.unwrap();
    assert!(hold.ask(vec![input("b", "1"), input("a", "2")], NOW).await.unwrap());
    let task = seen(&tasks, "1", NOW).await.unwrap();
    assert_eq!((task.status, task.asked), (TaskStatus::InputRequired, vec![input("b", "1"), input("a", "2")]));
    let answer = async |name: &str, json: &str| tasks.answer(&ann(), "1", vec![input(name, json)], NOW).await.unwrap();
    assert_eq!(answer("c", "0").await, Answered::Nothing);
    assert_eq!(answer("a", "3").await, Answered::Some);
    assert_eq!(answer("a", "4").await, Answered::Nothing, "answered already");
    let task = seen(&tasks, "1", NOW).await.unwrap();
    assert_eq!((task.status, task.asked), (TaskStatus::InputRequired, vec![input("b", "1")]));
    assert_eq!(hold.answers(NOW).await.unwrap(), None);
    assert_eq!(answer("b", "5").await, Answered::All);
    assert_eq!(status(&tasks, "1", NOW).await, Some(TaskStatus::Working));
    assert_eq!(hold.answers(NOW).await.unwrap(), Some(vec![input("b", "5"), input("a", "3")]));
    assert!(hold.ask(vec![input("d", "6")], NOW).await.unwrap());
    assert_eq!(answer("a", "7").await, Answered::Nothing, "of an earlier round");
}

#[tokio::test]
async fn who_waits_for_answers_reads_none_until_all_are_there() {
    let (_folder, tasks) = tasks();
    let hold = tasks.create(new("1"), NOW).await.unwrap();
    hold.ask(vec![input("a", "1"), input("b", "2")], NOW).await.unwrap();
    tasks.answer(&ann(), "1", vec![input("a", "3")], NOW).await.unwrap();
    // An answer that nobody can read, as long as nobody does.
    let spoil =
        tasks.connections.write(|connection| Ok(connection.execute("UPDATE task_input SET response = x'ff'", [])?));
    assert_eq!(spoil.await.unwrap(), 2);
    assert_eq!(hold.answers(NOW).await.unwrap(), None);
}

#[tokio::test]
async fn items_are_told_of_ones_own_tasks_alone() {
    let (_folder, tasks) = tasks();
    for id in ["1", "2"] {
        tasks.create(new(id), NOW).await.unwrap();
    }
    let items = async |who: &str, now| {
        let ids = ["2", "none", "1"].map(Arc::from).to_vec();
        tasks.items(&who.into(), ids, now).await.unwrap()
    };
    assert_eq!(items("ann", NOW).await, [Some("slow.run".to_owned()), None, Some("slow.run".to_owned())]);
    assert_eq!(items("bob", NOW).await, [None, None, None]);
    assert_eq!(items("ann", EXPIRES).await, [None, None, None]);
}

#[tokio::test]
async fn an_ended_task_never_changes() {
    let (_folder, tasks) = tasks();
    let hold = tasks.create(new("1"), NOW).await.unwrap();
    hold.ask(vec![input("a", "{}")], NOW).await.unwrap();
    assert!(tasks.cancel(&ann(), "1", NOW).await.unwrap());
    let before = seen(&tasks, "1", NOW).await.unwrap();
    assert_eq!(before.status, TaskStatus::Cancelled);
    assert!(!tasks.cancel(&ann(), "1", NOW + 1).await.unwrap());
    assert!(!hold.renew(EXPIRES, NOW + 1).await.unwrap());
    assert!(!hold.finish(TaskEnd::Failed { error: "{}".into(), message: "m".into() }, NOW + 1).await.unwrap());
    assert_eq!(tasks.answer(&ann(), "1", vec![input("a", "{}")], NOW + 1).await.unwrap(), Answered::Nothing);
    assert_eq!(seen(&tasks, "1", LEASE + 1).await.unwrap(), before);
}

#[tokio::test]
async fn a_principal_keeps_so_many_and_so_much() {
    let (_folder, tasks) = tasks();
    for n in 0..KEPT_TASKS {
        tasks.create(new(&n.to_string()), NOW).await.unwrap();
    }
    assert!(matches!(tasks.create(new("more"), NOW).await, Err(StateError::TooManyTasks { .. })));
    let of_bob = || NewTask { principal: "bob".into(), ..new("big") };
    let hold = tasks.create(of_bob(), NOW).await.unwrap();
    let result = "x".repeat(KEPT_BYTES.as_usize());
    assert!(hold.finish(TaskEnd::Completed { result }, NOW).await.unwrap());
    let more = NewTask { id: "more".into(), ..of_bob() };
    assert!(matches!(tasks.create(more.clone(), NOW).await, Err(StateError::TasksExhausted { .. })));
    // What has expired makes room.
    let later = NewTask { expires: EXPIRES * 2, lease: EXPIRES * 2, ..more };
    tasks.create(later, EXPIRES).await.unwrap();
}
