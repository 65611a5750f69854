//! Opens a connection where it is told.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream, UdpSocket},
};

use bulkhead_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Target {
    host: String,
    port: u16,
}

/// Connects, sends `ping` and reads up to 64 bytes.
#[tool]
fn run(args: Target) -> Result<String> {
    let mut stream = TcpStream::connect((args.host.as_str(), args.port))?;
    stream.write_all(b"ping")?;
    let mut bytes = [0; 64];
    let read = stream.read(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes[..read]).into_owned())
}

/// Tries to be a server.
#[tool]
fn listen() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// Tries to send a datagram.
#[tool]
fn datagram(args: Target) -> Result<usize> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.send_to(b"ping", (args.host.as_str(), args.port))?)
}

plugin!(run, listen, datagram);
