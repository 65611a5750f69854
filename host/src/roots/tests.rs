use std::task::{Context, Waker};

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
    let before = known.changes(&alice);
    known.forget(&alice);
    known.keep(&alice, &Arc::default(), before);
    assert!(known.fresh(&alice).is_none());
    known.keep(&alice, &Arc::default(), known.changes(&alice));
    assert!(known.fresh(&alice).is_some());
}

/// Roots with workspaces, and where those are.
fn with_folders(folder: &tempfile::TempDir) -> (Roots, bulkhead_state::Roots) {
    let store = Store::open(&folder.path().join("state.db")).unwrap().roots();
    let workspaces = Arc::new(Workspaces::open(folder.path()).unwrap());
    (Roots::new(Some(store.clone()), Some(workspaces)), store)
}

/// A file in the workspace of a root.
fn lies_in(folder: &tempfile::TempDir, principal: &str, root: &str) -> std::path::PathBuf {
    let own = bulkhead_base::Digest::of(principal.as_bytes()).hex();
    let place = folder.path().join("workspaces").join(own).join(root).join("probe");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("a.txt"), "x").unwrap();
    place.join("a.txt")
}

async fn goes(file: &std::path::Path) {
    let gone = async {
        while file.exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), gone).await.expect("the file goes");
}

#[tokio::test]
async fn who_hangs_up_while_a_root_is_closed_leaves_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (roots, store) = with_folders(&folder);
    let alice: Arc<str> = "alice".into();
    let root = roots.open(&alice, RootDraft::default()).await.unwrap();
    let file = lies_in(&folder, &alice, &root.id);
    roots.find(&alice, &root.id).await.unwrap();
    let mut closing = Box::pin(roots.close(&alice, &root.id));
    // Once, which begins to remove the row; then nobody asks any more.
    assert!(closing.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    while !store.of(&alice).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(closing);
    goes(&file).await;
    assert!(matches!(roots.find(&alice, &root.id).await, Err(RootError::None)));
}

#[tokio::test]
async fn a_start_removes_folders_whose_root_is_in_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let (roots, _) = with_folders(&folder);
    let alice: Arc<str> = "alice".into();
    let root = roots.open(&alice, RootDraft::default()).await.unwrap();
    let kept = lies_in(&folder, &alice, &root.id);
    let [left, theirs] = [lies_in(&folder, &alice, "a1"), lies_in(&folder, "bob", &root.id)];
    roots.clear_aside().await;
    roots.clear_strays().await;
    assert!(kept.exists() && !left.exists() && !theirs.exists());
}
