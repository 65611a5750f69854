//! What a component finds around it while it describes itself: nothing.
//!
//! The runtimes of Python and Go ask for variables, the time and random bytes
//! before anything else runs. They are told that there is no variable, no
//! argument and no folder; that it is the beginning of 1970 and stays so; that
//! every random byte is zero; and what they print goes nowhere. So a component
//! tells the same contract wherever and whenever it is asked. Whatever else it
//! calls ends it.

use wasmtime::{
    Engine, Result, StoreContextMut,
    component::{Component, Linker, LinkerInstance, Resource, ResourceType, Val, types::ComponentItem},
};

/// Most random bytes at a time. Answers "a component that has the host fill memory".
const RANDOM_BYTES: u64 = 64 << 10;

/// What a stream takes at a time: all of it, for nothing becomes of it.
const TAKEN: u64 = 1 << 20;

/// Every kind of handle: there is nothing behind any.
struct Nothing;

/// A function that there is not.
#[derive(Debug, thiserror::Error)]
#[error("it called {0}, which there is not while it describes itself")]
struct Absent(String);

/// Gives `component` what it imports.
pub(super) fn link<T: 'static>(engine: &Engine, component: &Component) -> Result<Linker<T>> {
    let mut linker = Linker::new(engine);
    for (name, item) in component.component_type().imports(engine) {
        match item.ty {
            ComponentItem::ComponentInstance(instance) => {
                let interface = name.split('@').next().unwrap_or(name);
                let mut inside = linker.instance(name)?;
                for (item, found) in instance.exports(engine) {
                    surround(&mut inside, interface, item, &found.ty)?;
                }
            }
            item => surround(&mut linker.root(), "", name, &item)?,
        }
    }
    Ok(linker)
}

fn surround<T: 'static>(
    inside: &mut LinkerInstance<'_, T>,
    interface: &str,
    name: &str,
    item: &ComponentItem,
) -> Result<()> {
    match item {
        ComponentItem::ComponentFunc(_) => {
            let full = format!("{interface}.{name}");
            inside.func_new(name, move |store, _, arguments, results| {
                let answer = answer(&full, arguments, store)?;
                results.iter_mut().zip(answer).for_each(|(result, value)| *result = value);
                Ok(())
            })
        }
        ComponentItem::Resource(_) => inside.resource(name, ResourceType::host::<Nothing>(), |_, _| Ok(())),
        _ => Ok(()),
    }
}

/// What `function` answers.
fn answer<T>(function: &str, arguments: &[Val], store: StoreContextMut<'_, T>) -> Result<Option<Val>> {
    let value = match function {
        "wasi:cli/environment.get-environment"
        | "wasi:cli/environment.get-arguments"
        | "wasi:filesystem/preopens.get-directories" => Val::List(Vec::new()),
        "wasi:cli/environment.initial-cwd"
        | "wasi:cli/terminal-stdin.get-terminal-stdin"
        | "wasi:cli/terminal-stdout.get-terminal-stdout"
        | "wasi:cli/terminal-stderr.get-terminal-stderr" => Val::Option(None),
        "wasi:cli/stdin.get-stdin" | "wasi:cli/stdout.get-stdout" | "wasi:cli/stderr.get-stderr" => {
            Val::Resource(Resource::<Nothing>::new_own(0).try_into_resource_any(store)?)
        }
        "wasi:io/streams.[method]output-stream.check-write" => Val::Result(Ok(Some(Box::new(Val::U64(TAKEN))))),
        "wasi:io/streams.[method]output-stream.write"
        | "wasi:io/streams.[method]output-stream.flush"
        | "wasi:io/streams.[method]output-stream.blocking-flush"
        | "wasi:io/streams.[method]output-stream.blocking-write-and-flush" => Val::Result(Ok(None)),
        // To Go's runtime zero is a clock that does not work.
        "wasi:clocks/monotonic-clock.now" | "wasi:clocks/monotonic-clock.resolution" => Val::U64(1),
        "wasi:random/random.get-random-u64" | "wasi:random/insecure.get-insecure-random-u64" => Val::U64(0),
        "wasi:clocks/wall-clock.now" => instant(0),
        "wasi:clocks/wall-clock.resolution" => instant(1),
        "wasi:random/insecure-seed.insecure-seed" => Val::Tuple(vec![Val::U64(0), Val::U64(0)]),
        "wasi:random/random.get-random-bytes" | "wasi:random/insecure.get-insecure-random-bytes" => {
            zeros(arguments).ok_or_else(|| Absent(function.to_owned()))?
        }
        _ => return Err(Absent(function.to_owned()).into()),
    };
    Ok(Some(value))
}

fn instant(nanoseconds: u32) -> Val {
    let part = |name: &str, value| (name.to_owned(), value);
    Val::Record(vec![part("seconds", Val::U64(0)), part("nanoseconds", Val::U32(nanoseconds))])
}

fn zeros(arguments: &[Val]) -> Option<Val> {
    let [Val::U64(count)] = arguments else { return None };
    let count = usize::try_from(*count).ok().filter(|_| *count <= RANDOM_BYTES)?;
    Some(Val::List(vec![Val::U8(0); count]))
}
