//! Takes all that it can of its host: time, memory, handles, random bytes, requests. Each tool says what it got.

use std::time::Duration;

use bulkhead_sdk::{http, prelude::*};
use wasip2::{
    cli::{stdin::get_stdin, stdout::get_stdout},
    clocks::{monotonic_clock, wall_clock},
    filesystem::{
        preopens::get_directories,
        types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags},
    },
    random::{insecure::get_insecure_random_bytes, random::get_random_bytes, random::get_random_u64},
};

#[derive(Deserialize, JsonSchema)]
struct Count {
    count: usize,
}

#[derive(Deserialize, JsonSchema)]
struct At {
    path: String,
}

#[derive(Deserialize, JsonSchema)]
struct Cannon {
    url: String,
    count: usize,
}

fn got(count: usize) -> String {
    format!("got: {count}")
}

/// Holds timers.
#[tool]
fn timers(args: Count) -> String {
    let held: Vec<_> = (0..args.count).map(|_| monotonic_clock::subscribe_duration(1 << 40)).collect();
    got(held.len())
}

/// Holds streams.
#[tool]
fn streams(args: Count) -> String {
    let held: Vec<_> = (0..args.count).map(|_| get_stdout()).collect();
    got(held.len())
}

/// Holds handles of any kind.
#[tool]
fn handles(args: Count) -> String {
    let held: Vec<_> = (0..args.count).map(|_| get_stdin()).collect();
    got(held.len())
}

/// Draws random bytes at once.
#[tool]
fn random(args: Count) -> String {
    got(get_random_bytes(args.count as u64).len())
}

/// Draws random numbers, one by one.
#[tool]
fn numbers(args: Count) -> String {
    got((0..args.count).filter(|_| std::hint::black_box(get_random_u64()) != 0).count())
}

/// Draws from the other generator.
#[tool]
fn insecure(args: Count) -> String {
    got(get_insecure_random_bytes(args.count as u64).len())
}

/// Hands so many bytes to the host at once.
#[tool]
fn hand_over(args: Count, ctx: &Context) -> String {
    ctx.log(LogLevel::Info, "z".repeat(args.count));
    got(args.count)
}

/// Computes: so many rounds of a thousand.
#[tool]
fn compute(args: Count) -> String {
    let mut sum = 1_u64;
    for round in 0..args.count * 1_000 {
        sum = std::hint::black_box(sum.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round as u64));
    }
    got(args.count)
}

/// Has memory filled, so many times 16 MiB in one instruction each.
#[tool]
fn fill(args: Count) -> String {
    let mut block = vec![0_u8; 16 << 20];
    for round in 0..args.count {
        block.fill(std::hint::black_box(round as u8));
    }
    std::hint::black_box(&block);
    got(args.count)
}

/// Waits for nothing, again and again.
#[tool]
fn poll(args: Count) -> String {
    (0..args.count).for_each(|_| monotonic_clock::subscribe_duration(0).block());
    got(args.count)
}

/// Sleeps for so many milliseconds.
#[tool]
fn sleep(args: Count) -> String {
    std::thread::sleep(Duration::from_millis(args.count as u64));
    got(args.count)
}

/// Calls itself so many times.
#[tool]
fn recurse(args: Count) -> String {
    fn deeper(left: usize) -> usize {
        if left == 0 {
            return 0;
        }
        let below = deeper(std::hint::black_box(left) - 1);
        std::hint::black_box(below) + 1
    }
    got(deeper(args.count))
}

/// Grows its memory by so many pages, at once and untouched.
#[tool]
fn grow(args: Count) -> String {
    match core::arch::wasm32::memory_grow(0, args.count) {
        usize::MAX => "denied: memory".to_owned(),
        _ => got(args.count),
    }
}

/// Answers with so many empty blocks.
#[tool]
fn blocks(args: Count) -> ToolResult {
    ToolResult::new((0..args.count).map(|_| Content::text("")))
}

/// Makes so many requests.
#[tool]
fn cannon(args: Cannon) -> String {
    for n in 0..args.count {
        if http::Request::new("GET", &*args.url).send().is_err() {
            return format!("denied: after {n}");
        }
    }
    got(args.count)
}

/// Fetches so many times, and tells how many bytes came.
#[tool]
fn gather(args: Cannon) -> String {
    let mut bytes = 0;
    for _ in 0..args.count {
        match http::Request::new("GET", &*args.url).send() {
            Ok(response) => bytes += response.bytes().len(),
            Err(_) => return "denied: it broke off".to_owned(),
        }
    }
    got(bytes)
}

/// Fetches, and goes where it is sent.
#[tool]
fn follow(args: At) -> String {
    let first = match http::Request::new("GET", args.path).send() {
        Ok(first) => first,
        Err(_) => return "denied: at once".to_owned(),
    };
    let Some(location) = first.header("location") else { return "denied: no redirect".to_owned() };
    match http::Request::new("GET", location).send() {
        Ok(second) => format!("got: {}", String::from_utf8_lossy(second.bytes())),
        Err(_) => "denied: behind the redirect".to_owned(),
    }
}

fn mounted() -> Descriptor {
    get_directories().remove(0).0
}

/// Lists a folder so many times at once.
#[tool]
fn listings(args: Count) -> String {
    let folder = mounted();
    let mut held = Vec::new();
    for n in 0..args.count {
        match folder.read_directory() {
            Ok(listing) => held.push(listing),
            Err(_) => return format!("denied: after {n}"),
        }
    }
    got(held.len())
}

/// Opens one file so many times.
#[tool]
fn descriptors(args: Count) -> String {
    let folder = mounted();
    let mut held = Vec::new();
    for _ in 0..args.count {
        match folder.open_at(PathFlags::empty(), "mine.txt", OpenFlags::empty(), DescriptorFlags::READ) {
            Ok(file) => held.push(file),
            Err(code) => return format!("denied: {}", code.message()),
        }
    }
    got(held.len())
}

/// Opens a path as it is, without the library that would tidy it up first.
#[tool]
fn open(args: At) -> String {
    match mounted().open_at(PathFlags::SYMLINK_FOLLOW, &args.path, OpenFlags::empty(), DescriptorFlags::READ) {
        Ok(file) => match file.read(64, 0) {
            Ok((bytes, _)) => format!("got: {}", String::from_utf8_lossy(&bytes)),
            Err(code) => format!("got: it open ({})", code.message()),
        },
        Err(code) => format!("denied: {}", code.message()),
    }
}

/// Says whether a clock goes in finer steps than a millisecond.
#[tool]
fn steps(args: At) -> String {
    let read = || match args.path.as_str() {
        "wall" => u64::from(wall_clock::now().nanoseconds),
        "promised" => monotonic_clock::resolution(),
        _ => monotonic_clock::now(),
    };
    match (0..20_000).map(|_| read() % 1_000_000).any(|rest| rest != 0) {
        true => "got: fine steps".to_owned(),
        false => "denied: steps of a millisecond".to_owned(),
    }
}

/// Says whether the monotonic clock tells how long the machine is up.
#[tool]
fn uptime() -> String {
    match monotonic_clock::now() / 1_000_000_000 {
        0..30 => "denied: it begins with the call".to_owned(),
        seconds => format!("got: up for {seconds} s"),
    }
}

plugin!(
    timers,
    streams,
    handles,
    random,
    numbers,
    insecure,
    hand_over,
    compute,
    fill,
    poll,
    sleep,
    recurse,
    grow,
    blocks,
    cannon,
    gather,
    follow,
    listings,
    descriptors,
    open,
    steps,
    uptime
);
