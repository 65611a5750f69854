use std::time::Duration;

use super::*;
use crate::testing::{Yard, permit};

fn names(registry: &Registry) -> Vec<String> {
    let snapshot = registry.snapshot();
    let plugins = snapshot.catalogue.plugins().iter();
    plugins.map(|plugin| format!("{} {}", plugin.name(), plugin.manifest().version)).collect()
}

fn serve(registry: &Registry, plugin: LoadedPlugin) -> Vec<Collision> {
    registry.publish(registry.epoch(), vec![Change::Serve(plugin)]).unwrap().refused
}

#[tokio::test]
async fn a_request_keeps_the_snapshot_that_it_took() {
    let (yard, registry) = (Yard::new(), Registry::default());
    serve(&registry, yard.plugin("a", "1.0.0", "a"));
    let before = registry.snapshot();
    serve(&registry, yard.plugin("a", "2.0.0", "a"));
    registry.publish(registry.epoch(), vec![Change::Remove("b".parse().unwrap())]).unwrap();
    assert_eq!(names(&registry), ["a 2.0.0"]);
    let lease = before.lease(permit("a")).unwrap();
    assert_eq!(lease.compiled().granted().plugin().manifest().version.to_string(), "1.0.0");
    assert!(before.number() < registry.snapshot().number());
}

#[tokio::test]
async fn a_newcomer_that_meets_somebody_is_left_out_and_what_was_there_stays() {
    let (yard, registry) = (Yard::new(), Registry::default());
    serve(&registry, yard.plugin("b", "1.0.0", "b"));
    serve(&registry, yard.plugin("a", "1.0.0", "a"));
    let refused = serve(&registry, yard.plugin("c", "1.0.0", "b"));
    assert_eq!(refused.len(), 1);
    assert_eq!((refused[0].newcomer.as_str(), refused[0].holder.as_str(), refused[0].kind), ("c", "b", "prefix"));
    let refused = serve(&registry, yard.plugin("a", "2.0.0", "b"));
    assert_eq!(refused.len(), 1, "a generation that does not fit leaves the older one");
    assert_eq!(names(&registry), ["a 1.0.0", "b 1.0.0"]);
}

#[tokio::test]
async fn two_entries_can_exchange_their_prefixes_in_one_swap() {
    let (yard, registry) = (Yard::new(), Registry::default());
    serve(&registry, yard.plugin("a", "1.0.0", "x"));
    serve(&registry, yard.plugin("b", "1.0.0", "y"));
    let exchange = vec![Change::Serve(yard.plugin("a", "2.0.0", "y")), Change::Serve(yard.plugin("b", "2.0.0", "x"))];
    assert!(registry.publish(registry.epoch(), exchange).unwrap().refused.is_empty());
    assert_eq!(names(&registry), ["a 2.0.0", "b 2.0.0"]);
}

#[tokio::test]
async fn of_newcomers_that_come_together_those_that_meet_an_earlier_one_are_left_out() {
    let (yard, registry) = (Yard::new(), Registry::default());
    serve(&registry, yard.plugin("b", "1.0.0", "b"));
    let before = registry.snapshot().number();
    let newcomers = [("c", "c"), ("d", "c"), ("e", "b"), ("a", "a")];
    let changes = newcomers.map(|(name, prefix)| Change::Serve(yard.plugin(name, "1.0.0", prefix)));
    let published = registry.publish(registry.epoch(), changes.into()).unwrap();
    let refused: Vec<_> = published.refused.iter().map(|it| (it.newcomer.as_str(), it.holder.as_str())).collect();
    assert_eq!(refused, [("d", "c"), ("e", "b")]);
    assert_eq!(names(&registry), ["a 1.0.0", "b 1.0.0", "c 1.0.0"]);
    assert_eq!(registry.snapshot().number(), before + 1, "one swap");
    serve(&registry, yard.plugin("f", "1.0.0", "f"));
    assert_eq!(names(&registry), ["a 1.0.0", "b 1.0.0", "c 1.0.0", "f 1.0.0"], "who was left out does not come back");
}

#[tokio::test]
async fn work_from_before_a_revocation_is_thrown_away() {
    let (yard, registry) = (Yard::new(), Registry::default());
    let begun = registry.epoch();
    let plugin = yard.plugin("a", "1.0.0", "a");
    registry.raise(|_| true);
    assert_eq!(registry.publish(begun, vec![Change::Serve(plugin)]).map(drop), Err(Stale));
    assert!(names(&registry).is_empty());
    assert_eq!(registry.snapshot().epoch(), registry.epoch());
}

#[tokio::test]
async fn a_revocation_cancels_exactly_what_relied_on_it() {
    let (yard, registry) = (Yard::new(), Registry::default());
    serve(&registry, yard.plugin("bad", "1.0.0", "bad"));
    serve(&registry, yard.plugin("good", "1.0.0", "good"));
    let before = registry.snapshot();
    let (bad, good) = (before.lease(permit("bad")).unwrap(), before.lease(permit("good")).unwrap());
    registry.raise(|plugin| plugin.name().as_str() != "bad");
    tokio::time::timeout(Duration::from_secs(1), bad.revoked()).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(20), good.revoked()).await.is_err());
    assert_eq!(names(&registry), ["good 1.0.0"]);
    assert_eq!(before.lease(permit("bad")).map(drop), Err(crate::Gone("bad".parse().unwrap())), "an older snapshot");
}

#[tokio::test]
async fn a_generation_with_fewer_grants_ends_the_calls_of_the_older_one() {
    let (yard, registry) = (Yard::new(), Registry::default());
    serve(&registry, yard.plugin("a", "1.0.0", "a"));
    let lease = registry.snapshot().lease(permit("a")).unwrap();
    registry.publish(registry.epoch(), vec![Change::Supersede(yard.plugin("a", "1.0.0", "a"))]).unwrap();
    tokio::time::timeout(Duration::from_secs(1), lease.revoked()).await.unwrap();
    assert!(registry.snapshot().lease(permit("a")).is_ok());
}

#[tokio::test]
async fn an_old_generation_lives_until_its_calls_end_or_its_time_is_up() {
    let (yard, registry) = (Yard::new(), Registry::default());
    serve(&registry, yard.plugin("a", "1.0.0", "a"));
    let (first, second) =
        (registry.snapshot().lease(permit("a")).unwrap(), registry.snapshot().lease(permit("a")).unwrap());
    serve(&registry, yard.plugin("a", "2.0.0", "a"));
    assert_eq!(registry.sweep(Duration::from_secs(60)), 1);
    drop(first);
    assert_eq!(registry.sweep(Duration::from_secs(60)), 1);
    assert!(tokio::time::timeout(Duration::from_millis(20), second.revoked()).await.is_err());
    assert_eq!(registry.sweep(Duration::ZERO), 1);
    tokio::time::timeout(Duration::from_secs(1), second.revoked()).await.unwrap();
    drop(second);
    assert_eq!(registry.sweep(Duration::ZERO), 0);
}

#[tokio::test]
async fn a_revocation_reaches_a_generation_that_was_replaced_while_nobody_ran_on_it() {
    let (yard, registry) = (Yard::new(), Registry::default());
    serve(&registry, yard.plugin("a", "1.0.0", "a"));
    // A call that waits for its client's answer: a snapshot, and no lease.
    let waiting = registry.snapshot();
    serve(&registry, yard.plugin("a", "2.0.0", "a"));
    let is_old = |plugin: &LoadedPlugin| plugin.manifest().version.to_string() == "1.0.0";
    assert!(registry.runs_older(is_old));
    registry.raise(|plugin| !is_old(plugin));
    assert_eq!(waiting.lease(permit("a")).map(drop), Err(crate::Gone("a".parse().unwrap())));
    assert!(registry.snapshot().lease(permit("a")).is_ok());
    drop(waiting);
    assert_eq!(registry.sweep(Duration::from_secs(60)), 0);
}
