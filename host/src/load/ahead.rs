//! What is left to do of plugins that are served already: their schemas, and
//! their code, are compiled before somebody calls. It begins when the doors are
//! open, on threads that give way to everybody else's.
//!
//! A call does not wait for its turn here: it compiles what it needs itself.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use bulkhead_registry::Mode;
use bulkhead_sandbox::give_way;
use tokio::runtime::Handle;

use super::{Fate, Loader, Trouble, round::Served};

/// What waits for the doors.
#[derive(Default)]
pub(super) struct Ahead {
    is_open: bool,
    waiting: Vec<Served>,
}

impl Loader {
    /// The doors are open: what waited for that begins.
    pub fn go_ahead(self: &Arc<Self>) {
        let waiting = {
            let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
            ahead.is_open = true;
            std::mem::take(&mut ahead.waiting)
        };
        begin(self, waiting);
    }

    /// Does what is left to do of `served`, once the doors are open.
    pub(super) fn look_after(self: &Arc<Self>, served: Vec<Served>) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        if ahead.is_open {
            drop(ahead);
            begin(self, served);
        } else {
            ahead.waiting.extend(served);
        }
    }

    /// Serves it no longer: it turns out that it cannot be called. What was
    /// accepted with it alone is accepted no longer either.
    fn withdraw(&self, Served { plugin, is_new }: &Served, trouble: Trouble) {
        let (name, compiled) = (plugin.name(), plugin.compiled());
        let is_served = self.house.registry.snapshot().plugin(name).is_some_and(|served| served.runs(compiled));
        if !is_served {
            return;
        }
        let published = self.house.registry.raise(|served| !served.runs(compiled));
        let mut desk = self.desk();
        desk.served.remove(name);
        let accepted = desk.lock.get(name).is_some_and(|locked| locked.digest == compiled.digest());
        if accepted && *is_new && self.mode == Mode::Open {
            desk.lock.remove(name);
            if let Err(error) = desk.lock.write(&desk.config.lock_path()) {
                tracing::error!(plugin = %name, "{error}; it stays accepted though it is not served");
            }
        }
        drop(desk);
        self.announce(published.changed);
        self.tell(name, &Fate::Refused(trouble));
    }
}

fn begin(loader: &Arc<Loader>, served: Vec<Served>) {
    if served.is_empty() {
        return;
    }
    let uncompiled = served.iter().filter(|one| one.plugin.compiled().is_uncompiled()).count();
    let threads = thread::available_parallelism().map_or(1, usize::from).min(uncompiled).max(1);
    let served = Arc::new(served);
    let waiting = Arc::new(Mutex::new(0));
    for number in 0..threads {
        let (loader, served, waiting, runtime) = (loader.clone(), served.clone(), waiting.clone(), Handle::current());
        let work = move || {
            let _entered = runtime.enter();
            give_way();
            if number == 0 {
                let all = served.iter().take_while(|_| !loader.house.closing.is_cancelled());
                all.for_each(|one| finish(&loader, one, one.plugin.vet().map_err(Trouble::from)));
            }
            while let Some(one) = next(&waiting, &served).filter(|_| !loader.house.closing.is_cancelled()) {
                finish(&loader, one, loader.house.engine.compile_ahead(one.plugin.compiled()).map_err(Trouble::from));
            }
        };
        if let Err(error) = thread::Builder::new().name("compile".to_owned()).spawn(work) {
            tracing::warn!(%error, "plugins are compiled when they are called first");
        }
    }
}

fn finish(loader: &Loader, one: &Served, done: Result<(), Trouble>) {
    if let Err(trouble) = done {
        loader.withdraw(one, trouble);
    }
}

fn next<'a>(waiting: &Mutex<usize>, served: &'a [Served]) -> Option<&'a Served> {
    let mut at = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    let one = served.get(*at)?;
    *at += 1;
    Some(one)
}
