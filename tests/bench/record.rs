//! What the record costs: calls a second at 32 connections without one, with
//! one that is on disk soon, and with one that is on disk before the answer,
//! beside what the disk takes to sync.
//!
//! `cargo build --release && cargo run --release -p bulkhead --example record [FOLDER]`
//!
//! Not on tmpfs, where a sync costs nothing: FOLDER (default `target/bench-record`)
//! has to be on the disk that the record will lie on.

#![allow(clippy::print_stdout, reason = "an example speaks")]
#![allow(clippy::disallowed_methods, reason = "it starts the server that it measures")]

use std::{
    error::Error,
    fs::{self, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

type Failed = Box<dyn Error + Send + Sync>;

const CONNECTIONS: usize = 32;
const WARM: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(8);
const CALL: &str =
    r#"{"jsonrpc":"2.0","id":1,"method":"mcp.tool.invoke","params":{"toolId":"calc.add","args":{"a":1,"b":2}}}"#;
/// `statfs` of a tmpfs.
const TMPFS: i64 = 0x0102_1994;

fn main() -> Result<(), Failed> {
    let home = std::env::args().nth(1).map_or_else(|| PathBuf::from("target/bench-record"), PathBuf::from);
    fs::create_dir_all(&home)?;
    if rustix::fs::statfs(&home)?.f_type as i64 == TMPFS {
        return Err("this folder is on tmpfs, where a sync costs nothing".into());
    }
    let bulkhead = std::env::current_exe()?.parent().and_then(Path::parent).ok_or("no folder")?.join("bulkhead");
    let plugin = home.join("calc.wasm");
    run(&bulkhead, &["build", "plugins/calc", "--out", text(&plugin)?])?;
    let sync = sync_latency(&home.join("probe"))?;
    println!("one write of 16 KiB and fdatasync: {sync:?}");
    println!("{:>8} {:>10} {:>8}", "mode", "calls/s", "of off");
    let mut off = None;
    for mode in ["off", "batch", "record"] {
        let calls = measure(&bulkhead, &home, &plugin, mode)?;
        let base = *off.get_or_insert(calls);
        println!("{mode:>8} {calls:>10.0} {:>7.2}x", calls / base);
    }
    // Two writes stand between a call and its answer, and all who wait share them.
    let shared = f64::from(u32::try_from(CONNECTIONS)?) / (2.0 * sync.as_secs_f64());
    println!("what the disk allows, two writes a call, {CONNECTIONS} calls a write: {shared:.0} calls/s");
    Ok(())
}

fn sync_latency(path: &Path) -> Result<Duration, Failed> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let mut taken = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        file.write_all(&[b'x'; 16 << 10])?;
        file.sync_data()?;
        taken.push(begun.elapsed());
    }
    fs::remove_file(path)?;
    taken.sort();
    Ok(taken[taken.len() / 2])
}

/// Calls a second.
fn measure(bulkhead: &Path, home: &Path, plugin: &Path, mode: &str) -> Result<f64, Failed> {
    let house = tempfile::tempdir_in(home)?;
    let at = |name: &str| house.path().join(name);
    let key = at("key.pem");
    run(bulkhead, &["keygen", "--quiet", "--out", text(&key)?])?;
    fs::copy(plugin, at("calc.wasm"))?;
    run(bulkhead, &["sign", text(&at("calc.wasm"))?, "--quiet", "--key", text(&key)?])?;
    let config = format!(
        "allowAnonymous: true\naudit: {{mode: \"{mode}\"}}\nlimits: {{callsPerPlugin: 256}}\n\
         trust: {{keys: [{{id: bench, publicKey: \"file:key.pub.pem\", plugins: [calc]}}]}}\n\
         plugins: {{calc: {{source: calc.wasm, publisher: bench, limits: {{concurrency: 256}}}}}}\n"
    );
    fs::write(at("mcp.yaml"), config)?;
    let mut server = Server(
        Command::new(bulkhead)
            .args(["serve", "--config", text(&at("mcp.yaml"))?, "--listen", "127.0.0.1:0", "--log-format", "json"])
            .stderr(Stdio::piped())
            .spawn()?,
    );
    let stderr = server.0.stderr.take().ok_or("no standard error")?;
    let mut lines = BufReader::new(stderr).lines();
    let address = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("listening on http://")?.1.split('/').next()?.to_owned()))
        .ok_or("it does not listen")?;
    thread::spawn(move || lines.for_each(drop));
    let begin = Instant::now() + WARM;
    let callers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let address = address.clone();
            thread::spawn(move || caller(&address, begin, begin + MEASURED))
        })
        .collect();
    let mut calls = 0;
    for caller in callers {
        calls += caller.join().map_err(|_| "a caller broke")??;
    }
    Ok(f64::from(calls) / MEASURED.as_secs_f64())
}

/// How many of its calls were answered in time.
fn caller(address: &str, begin: Instant, end: Instant) -> Result<u32, Failed> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let (mut reader, mut stream) = (BufReader::new(stream.try_clone()?), stream);
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n{CALL}",
        CALL.len()
    );
    let mut calls = 0;
    while Instant::now() < end {
        stream.write_all(request.as_bytes())?;
        let body = answer(&mut reader)?;
        if !body.contains("\"isError\":false") {
            return Err(format!("no answer: {body}").into());
        }
        calls += u32::from(Instant::now() >= begin);
    }
    Ok(calls)
}

fn answer(reader: &mut impl std::io::BufRead) -> Result<String, Failed> {
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(String::from_utf8(body)?)
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(bulkhead: &Path, args: &[&str]) -> Result<(), Failed> {
    let status = Command::new(bulkhead).args(args).status()?;
    if status.success() { Ok(()) } else { Err(format!("bulkhead {}: {status}", args.join(" ")).into()) }
}

fn text(path: &Path) -> Result<&str, Failed> {
    path.to_str().ok_or_else(|| "a path in UTF-8 is needed".into())
}
