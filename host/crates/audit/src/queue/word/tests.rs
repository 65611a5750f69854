use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Wake,
    time::Instant,
};

use super::*;

/// How often it was woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// One who waits, is polled when a test says so, and leaves when dropped.
struct Waiter<'w> {
    word: &'w Word,
    place: Place,
    count: Arc<Count>,
}

impl<'w> Waiter<'w> {
    fn new(word: &'w Word) -> Self {
        let mut waiter = Self { word, place: Place::default(), count: Arc::default() };
        assert!(waiter.poll().is_pending());
        waiter
    }

    fn poll(&mut self) -> Poll<&'w Told> {
        self.place.poll(self.word, &Context::from_waker(&self.count.clone().into()))
    }

    fn woken(&self) -> usize {
        self.count.0.load(Ordering::Relaxed)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.place.leave(self.word);
    }
}

fn woken(waiters: &[Waiter<'_>]) -> Vec<usize> {
    waiters.iter().map(Waiter::woken).collect()
}

#[test]
fn one_is_woken_and_wakes_the_others() {
    let word = Word::default();
    let mut waiters = [(); 3].map(|()| Waiter::new(&word));
    // One that is polled again is in no second place.
    assert!(waiters[0].poll().is_pending());
    assert!(word.written(7));
    assert_eq!(woken(&waiters), [1, 0, 0]);
    assert!(word.is_passing());
    assert!(matches!(waiters[0].poll(), Poll::Ready(Ok(7))));
    assert_eq!(woken(&waiters), [1, 1, 1]);
    assert!(!word.is_passing());
    assert!(waiters.iter_mut().all(|waiter| matches!(waiter.poll(), Poll::Ready(Ok(7)))));
    assert_eq!(woken(&waiters), [1, 1, 1]);
    assert!(!word.written(8), "the first word counts");
}

#[test]
fn one_who_left_is_not_relied_on() {
    let word = Word::default();
    let [first, mut second, third] = [(); 3].map(|()| Waiter::new(&word));
    drop(first);
    word.written(0);
    assert_eq!((second.woken(), third.woken()), (1, 0));
    // Whoever comes now waits for nothing, and helps.
    let mut late = Place::default();
    assert!(matches!(late.poll(&word, &Context::from_waker(std::task::Waker::noop())), Poll::Ready(Ok(0))));
    assert_eq!(third.woken(), 1);
    assert!(second.poll().is_ready());
}

#[test]
fn one_who_leaves_when_woken_wakes_the_others() {
    let word = Word::default();
    let [first, second, third] = [(); 3].map(|()| Waiter::new(&word));
    word.written(0);
    assert_eq!(first.woken(), 1);
    drop(first);
    assert_eq!((second.woken(), third.woken()), (1, 1));
}

#[test]
fn everybody_is_told_of_a_failure() {
    let word = Word::default();
    let mut waiters = [(); 3].map(|()| Waiter::new(&word));
    word.refused(AppendError::Closed);
    assert_eq!(woken(&waiters), [1, 1, 1]);
    assert!(matches!(waiters[2].poll(), Poll::Ready(Err(AppendError::Closed))));
    assert!(!word.written(0));
}

/// A caller that is woken and never run.
#[test]
fn the_writer_wakes_those_whom_nobody_woke() {
    let queue = crate::queue::Queue::new(crate::Mode::Record);
    let counts: [Arc<Count>; 3] = Default::default();
    let mut receipts: Vec<_> = counts.iter().map(|_| queue.enqueue(b"{}", 1, true).ok().map(Box::pin)).collect();
    for (receipt, count) in receipts.iter_mut().flatten().zip(&counts) {
        assert!(receipt.as_mut().poll(&mut Context::from_waker(&count.clone().into())).is_pending());
    }
    let crate::queue::Work::Batch(batch) = queue.take(None) else { panic!("there is a batch") };
    assert!(batch.written(0));
    queue.give_back(batch, Duration::ZERO);
    let woken = || counts.iter().map(|count| count.0.load(Ordering::Relaxed)).sum::<usize>();
    assert_eq!(woken(), 1);
    let begun = Instant::now();
    assert!(matches!(queue.take(Some(PASSING * 20)), crate::queue::Work::Nothing));
    assert_eq!(woken(), 3, "after {:?}", begun.elapsed());
}
