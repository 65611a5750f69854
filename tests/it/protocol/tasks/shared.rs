//! Several servers over one state folder, as desktop clients start them.

use serde_json::json;

use super::{accept, answer, begin, cancel, follower, get, house, serve, text, until};
use crate::harness::{Server, wait_until};

/// Two servers of one house.
fn two(house: &crate::harness::House) -> (Server, Server) {
    (serve(house), serve(house))
}

#[test]
fn a_server_that_starts_leaves_the_others_tasks_alone() {
    let house = house();
    let one = serve(&house);
    let mut there = follower(&one);
    let id = begin(&mut there, "task-probe_work", json!({"milliseconds": 50_000}));
    let brief = begin(&mut there, "task-probe_work", json!({"milliseconds": 1_500}));
    let other = serve(&house);
    let mut here = follower(&other);
    assert_eq!(get(&mut here, &id)["status"], "working");
    assert_eq!(text(&until(&mut here, &brief, "completed")), "worked, as a task: true");
    drop(other);
    assert_eq!(get(&mut there, &id)["status"], "working");
    // Whoever runs it is there still.
    cancel(&mut there, &id);
    wait_until("its plugin has seen it", || there.call("task-probe_told", json!({})).text() == "to stop");
}

#[test]
fn answers_reach_a_task_through_another_server() {
    let house = house();
    let (one, other) = two(&house);
    let id = begin(&mut follower(&one), "task-probe_ask", json!({}));
    let mut here = follower(&other);
    until(&mut here, &id, "input_required");
    answer(&mut here, &id, json!({"name": accept(json!({"name": "Ann"}))}));
    wait_until("the next question", || get(&mut here, &id)["inputRequests"]["color"].is_object());
    answer(&mut here, &id, json!({"color": accept(json!({"color": "red"}))}));
    assert_eq!(text(&until(&mut here, &id, "completed")), "Ann likes red");
}

#[test]
fn a_cancel_reaches_a_task_through_another_server() {
    let house = house();
    let (one, other) = two(&house);
    let (mut there, mut here) = (follower(&one), follower(&other));
    let id = begin(&mut there, "task-probe_work", json!({"milliseconds": 50_000}));
    wait_until("it is at work", || get(&mut here, &id)["statusMessage"] == "at work");
    cancel(&mut here, &id);
    assert_eq!(get(&mut there, &id)["status"], "cancelled");
    wait_until("its plugin has seen it", || there.call("task-probe_told", json!({})).text() == "to stop");
}

#[test]
fn news_of_a_task_comes_through_another_server() {
    let house = house();
    let (one, other) = two(&house);
    let id = begin(&mut follower(&one), "task-probe_work", json!({"milliseconds": 1_500}));
    let (_, mut events) = follower(&other).begin("subscriptions/listen", json!({"notifications": {"taskIds": [id]}}));
    loop {
        let event = events.next().expect("an event").expect("the stream goes on");
        let Some(data) = event.data.filter(|data| data.contains("notifications/tasks")) else { continue };
        if data.contains("\"status\":\"completed\"") {
            assert!(data.contains("worked, as a task: true"), "{data}");
            break;
        }
    }
}
