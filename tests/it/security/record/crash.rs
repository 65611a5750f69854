use std::{collections::BTreeSet, sync::Mutex, thread, time::Duration};

use serde_json::json;

use super::{call_id, end, entries, holds, house, serve};
use crate::harness::{Era, Server, wait_until};

const KILLS: usize = 200;
const CALLERS: usize = 4;
/// Answers that have to be there before the server is killed.
const ANSWERS: usize = 12;

/// Calls until the server is gone; every answer counts.
fn press(server: &Server, answered: &Mutex<BTreeSet<String>>) {
    let mut client = server.client(Era::Modern);
    for number in 0.. {
        let params = json!({"name": "echo_run", "arguments": {"text": format!("call {number}")}});
        let Ok(answer) = client.try_request("tools/call", params) else { return };
        answered.lock().expect("no panic").insert(call_id(&answer));
    }
}

#[test]
fn a_killed_server_loses_no_answered_call() {
    let house = house();
    let answered = Mutex::new(BTreeSet::new());
    for round in 0..KILLS {
        let server = serve(&house, &["echo"]);
        if round > 0 {
            // What was left is taken up, put aside and told of.
            holds(&house);
        }
        let before = answered.lock().expect("no panic").len();
        thread::scope(|scope| {
            for _ in 0..CALLERS {
                scope.spawn(|| press(&server, &answered));
            }
            wait_until("calls are answered", || answered.lock().expect("no panic").len() >= before + ANSWERS);
            thread::sleep(Duration::from_millis(round as u64 * 3));
            let pid = i32::try_from(server.id()).ok().and_then(rustix::process::Pid::from_raw).expect("its id");
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("killed");
        });
    }
    end(house.serve());
    holds(&house);
    let entries = entries(&house);
    let ended: BTreeSet<&str> =
        entries.iter().filter(|entry| entry["kind"] == "outcome").filter_map(|entry| entry["call"].as_str()).collect();
    let answered = answered.into_inner().expect("no panic");
    let lost: Vec<&String> = answered.iter().filter(|id| !ended.contains(id.as_str())).collect();
    assert!(lost.is_empty(), "{} of {} answered calls are not on the record", lost.len(), answered.len());
    assert!(answered.len() >= KILLS * ANSWERS);
}
