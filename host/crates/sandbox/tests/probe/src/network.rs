//! What a guest can try with the network.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket},
};

use wasip2::http::{
    outgoing_handler,
    types::{Fields, IncomingBody, Method, OutgoingRequest, Scheme},
};

use crate::{Said, shown};

pub fn run(name: &str, words: &[&str]) -> Option<Said> {
    let io = |result: std::io::Result<String>| Some(result.map_err(|error| format!("{:?}", error.kind())));
    match (name, words) {
        ("http", [method, url, headers @ ..]) => Some(request(method, url, headers)),
        ("tcp", [address]) => io(ping(address)),
        ("resolve", [name]) => io((*name, 0).to_socket_addrs().map(|all| all.map(|a| a.ip().to_string()).collect())),
        ("listen", _) => io(TcpListener::bind("127.0.0.1:0").map(|l| shown(l))),
        ("udp", [address]) => {
            io(UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.send_to(b"ping", address)).map(|n| n.to_string()))
        }
        _ => None,
    }
}

fn ping(address: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"ping")?;
    let mut answer = [0; 64];
    let read = stream.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..read]).into_owned())
}

fn request(method: &str, url: &str, headers: &[&str]) -> Said {
    let (scheme, rest) = url.split_once("://").ok_or("no scheme")?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let fields = Fields::new();
    for header in headers {
        let (name, value) = header.split_once(':').ok_or("no colon")?;
        fields.append(name, value.as_bytes()).map_err(shown)?;
    }
    let request = OutgoingRequest::new(fields);
    let method = match method {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "TRACE" => Method::Trace,
        other => Method::Other(other.into()),
    };
    request.set_method(&method).map_err(|()| "method")?;
    request.set_scheme(Some(&if scheme == "http" { Scheme::Http } else { Scheme::Https })).map_err(|()| "scheme")?;
    request.set_authority(Some(authority)).map_err(|()| "authority")?;
    request.set_path_with_query(Some(path)).map_err(|()| "path")?;
    let future = outgoing_handler::handle(request, None).map_err(shown)?;
    future.subscribe().block();
    let response = future.get().ok_or("not ready")?.map_err(|()| "taken")?.map_err(shown)?;
    let status = response.status();
    let body = response.consume().map_err(|()| "no body")?;
    Ok(format!("{status} {}", read(&body)))
}

fn read(body: &IncomingBody) -> String {
    let Ok(stream) = body.stream() else { return "no stream".into() };
    let mut text = Vec::new();
    loop {
        match stream.blocking_read(64 << 10) {
            Ok(bytes) => text.extend(bytes),
            Err(wasip2::io::streams::StreamError::Closed) => break,
            Err(_) => {
                text.extend(b"<cut>");
                break;
            }
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}
