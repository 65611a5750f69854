use bulkhead_protocol::{json::Json, read_sampling};
use bulkhead_state::Store;

use super::*;

fn change(text: &str) -> SamplingChange {
    read_sampling(Json::parse(text).unwrap(), "params", &[]).unwrap()
}

fn shown(sampling: &Sampling) -> String {
    write_sampling(sampling).into_string()
}

fn roots(folder: &tempfile::TempDir) -> Roots {
    Roots::new(Some(Store::open(&folder.path().join("state.db")).unwrap().roots()), None)
}

#[tokio::test]
async fn parameters_belong_to_one_root_of_one_principal() {
    let folder = tempfile::tempdir().unwrap();
    let roots = roots(&folder);
    let (alice, bob): (Arc<str>, Arc<str>) = ("alice".into(), "bob".into());
    assert_eq!(roots.own_sampling(&alice).await, Sampling::default());
    let own = roots.set_sampling(&alice, None, change(r#"{"temperature":0.5,"topP":0.1}"#)).await.unwrap();
    assert_eq!(shown(&own), r#"{"temperature":0.5,"topP":0.1}"#);
    let own = roots.set_sampling(&alice, None, change(r#"{"topP":null,"seed":7}"#)).await.unwrap();
    assert_eq!(shown(&own), r#"{"temperature":0.5,"seed":7}"#);
    assert_eq!(roots.own_sampling(&alice).await, own);
    assert_eq!(roots.own_sampling(&bob).await, Sampling::default());
    let root = roots.open(&alice, RootDraft::default()).await.unwrap();
    assert_eq!(root.sampling, Sampling::default());
    roots.set_sampling(&alice, Some(&root.id), change(r#"{"topK":4}"#)).await.unwrap();
    assert_eq!(shown(&roots.find(&alice, &root.id).await.unwrap().sampling), r#"{"topK":4}"#);
    assert_eq!(roots.own_sampling(&alice).await, own);
    for (who, id) in [(&bob, &*root.id), (&alice, "0"), (&alice, OWN_ROOT)] {
        assert!(matches!(roots.find(who, id).await, Err(RootError::None)), "{who} {id}");
        let set = roots.set_sampling(who, Some(id), change(r#"{"topK":5}"#)).await;
        assert!(matches!(set, Err(RootError::None)), "{who} {id}");
        assert!(matches!(roots.close(who, id).await, Err(RootError::None)), "{who} {id}");
    }
    roots.close(&alice, &root.id).await.unwrap();
    assert!(matches!(roots.find(&alice, &root.id).await, Err(RootError::None)));
}

#[tokio::test]
async fn a_principal_opens_so_many_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let roots = roots(&folder);
    let alice: Arc<str> = "alice".into();
    for _ in 0..MOST_ROOTS {
        roots.open(&alice, RootDraft::default()).await.unwrap();
    }
    assert!(matches!(roots.open(&alice, RootDraft::default()).await, Err(RootError::TooMany)));
    roots.open(&"bob".into(), RootDraft::default()).await.unwrap();
    assert_eq!(roots.list(&alice).await.unwrap().len() as u64, MOST_ROOTS);
}

#[tokio::test]
async fn without_a_database_nothing_is_set_and_calls_go_on() {
    let roots = Roots::new(None, None);
    let alice: Arc<str> = "alice".into();
    assert_eq!(roots.own_sampling(&alice).await, Sampling::default());
    let set = roots.set_sampling(&alice, None, change(r#"{"topK":5}"#)).await;
    assert!(matches!(set, Err(RootError::NoDatabase)));
    assert!(matches!(roots.open(&alice, RootDraft::default()).await, Err(RootError::NoDatabase)));
    assert!(matches!(roots.find(&alice, "0").await, Err(RootError::None)));
}

#[tokio::test]
async fn a_read_that_a_change_overtakes_is_not_remembered() {
    let known = Known::default();
    let alice: Arc<str> = "alice".into();
    let before = known.changes();
    known.forget(&alice);
    known.keep(&alice, &Arc::default(), before);
    assert!(known.fresh(&alice).is_none());
    known.keep(&alice, &Arc::default(), known.changes());
    assert!(known.fresh(&alice).is_some());
}
