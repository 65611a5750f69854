use std::{path::Path, pin::pin, sync::mpsc, time::Duration};

use bulkhead_base::ByteSize;
use bulkhead_policy::{HostFolder, Limits};
use futures_util::FutureExt as _;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
    time::Instant,
};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, ErrorCode, HostDescriptor, OpenFlags, PathFlags,
};

use super::*;
use crate::{
    ReportSender,
    cpu::Budget,
    grounds::{DESCRIPTORS, Grounds},
    state::Shared,
};

/// One folder to write, for all calls of a plugin.
fn grounds(folder: &Path) -> Arc<Grounds> {
    let mount = Mount {
        host: HostFolder::Path(folder.to_owned()),
        at: "/data".parse().unwrap(),
        access: MountAccess::Write,
        quota: ByteSize::mib(1),
        inodes: 100,
    };
    let fs = vec![OpenMount::open(&mount, folder).unwrap()];
    Arc::new(Grounds { fs, ..Grounds::bare(Limits::default()) })
}

fn call(grounds: &Arc<Grounds>) -> CallState {
    let deadline = Instant::now() + Duration::from_secs(60);
    let (entry, reports) = ("plugin".parse().unwrap(), ReportSender::nobody());
    let shared = Shared::new(Arc::clone(grounds), entry, "me".into(), deadline, reports);
    CallState::new(shared, Budget::new(Duration::from_secs(60)), None)
}

fn one_thread_that_blocks() -> Runtime {
    Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap()
}

async fn open(call: &mut CallState, name: &str) -> Result<Fd, ErrorCode> {
    let (folder, _) = preopens::Host::get_directories(call).unwrap().remove(0);
    let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
    let opened = call.open_at(folder, PathFlags::empty(), name.to_owned(), OpenFlags::CREATE, flags);
    opened.await.map_err(|error| error.downcast().unwrap())
}

/// Takes the thread that may block, until what is returned first is dropped.
fn blocked() -> (mpsc::Sender<()>, JoinHandle<Result<(), mpsc::RecvError>>) {
    let (free, busy) = mpsc::channel::<()>();
    (free, tokio::task::spawn_blocking(move || busy.recv()))
}

#[test]
fn a_direct_write_is_on_its_way_until_it_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let grounds = grounds(dir.path());
    one_thread_that_blocks().block_on(async {
        let mut call = call(&grounds);
        let file = open(&mut call, "file").await.unwrap();
        let ledger = grounds.fs[0].ledger.clone().unwrap();
        for writes in [true, false] {
            let (before, first) = blocked();
            let mut writing = pin!(async {
                let file = Resource::new_borrow(file.rep());
                if writes { call.write(file, vec![0; 100], 0).await.map(drop) } else { call.set_size(file, 200).await }
            });
            assert!(writing.as_mut().now_or_never().is_none(), "it asks for the size where one may block");
            // Behind the question for the size, and before the write.
            let (free, second) = blocked();
            drop(before);
            while ledger.on_their_way() == 0 {
                assert!(writing.as_mut().now_or_never().is_none(), "it waits for the thread");
                tokio::task::yield_now().await;
            }
            assert_eq!(ledger.on_their_way(), 100);
            drop(free);
            writing.await.unwrap();
            assert!(first.await.unwrap().is_err() && second.await.unwrap().is_err());
            assert_eq!(ledger.on_their_way(), 0);
        }
    });
    assert_eq!(std::fs::metadata(dir.path().join("file")).unwrap().len(), 200);
}

#[test]
fn all_calls_of_a_plugin_share_their_descriptors() {
    let dir = tempfile::tempdir().unwrap();
    let grounds = grounds(dir.path());
    one_thread_that_blocks().block_on(async {
        let _others: Vec<_> =
            (1..DESCRIPTORS).map(|_| grounds.open.take(DESCRIPTORS, "descriptors").unwrap()).collect();
        let (mut one, mut other) = (call(&grounds), call(&grounds));
        let file = open(&mut one, "file").await.unwrap();
        assert_eq!(open(&mut other, "file").await.unwrap_err(), ErrorCode::InsufficientMemory);
        let stream = one.read_via_stream(Resource::new_borrow(file.rep()), 0).unwrap();
        HostDescriptor::drop(&mut one, file).unwrap();
        assert!(open(&mut other, "file").await.is_err(), "the stream keeps the file open");
        one.table.delete(stream).unwrap();
        let file = open(&mut other, "file").await.unwrap();
        let output = other.write_via_stream(Resource::new_borrow(file.rep()), 0).unwrap();
        HostDescriptor::drop(&mut other, file).unwrap();
        assert!(open(&mut one, "file").await.is_err());
        drop(other);
        let _ = output;
        assert!(open(&mut one, "file").await.is_ok(), "a call that is gone holds nothing");
    });
}
