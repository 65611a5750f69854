use wasip2::http::{
    outgoing_handler::handle,
    types::{
        Fields, FutureIncomingResponse, FutureTrailers, IncomingBody, IncomingResponse, Method, OutgoingBody,
        OutgoingRequest, OutgoingResponse, RequestOptions, Scheme,
    },
};

use super::{Script, let_go, one};
use crate::wasi::config;

#[derive(Default)]
pub struct Held {
    fields: Vec<Fields>,
    requests: Vec<OutgoingRequest>,
    bodies: Vec<OutgoingBody>,
    coming: Vec<FutureIncomingResponse>,
    responses: Vec<IncomingResponse>,
    parts: Vec<IncomingBody>,
    trailers: Vec<FutureTrailers>,
}

impl Script<'_> {
    pub(super) fn http(&mut self, what: u8) {
        match what {
            0..=3 => self.http.fields.push(Fields::new()),
            4..=15 => self.field(what),
            16..=20 => {
                let which = self.byte();
                if !self.http.fields.is_empty() {
                    let at = usize::from(which) % self.http.fields.len();
                    let request = OutgoingRequest::new(self.http.fields.swap_remove(at));
                    self.http.requests.push(request);
                }
            }
            21..=35 => self.request(what),
            36..=42 => self.send(),
            43..=49 => self.answer(),
            50..=57 => self.body(what),
            _ => self.whole(),
        }
    }

    fn field(&mut self, what: u8) {
        let (which, name) = (self.byte(), self.text());
        let value = if what < 10 { self.data() } else { Vec::new() };
        let Some(fields) = one(&self.http.fields, which) else { return };
        match what {
            4..=7 => self.hear_of(fields.append(&name, &value)),
            8 | 9 => self.hear_of(fields.set(&name, &[value.clone(), value])),
            10 => self.hear_of(fields.delete(&name)),
            11 => self.hear_of((fields.get(&name), fields.has(&name))),
            12 => self.hear_of(fields.entries()),
            13 => {
                let copy = fields.clone();
                self.http.fields.push(copy);
            }
            14 => let_go(&mut self.http.fields, which),
            _ => {
                let copy = Fields::from_list(&fields.entries());
                self.keep(copy, |script| &mut script.http.fields);
            }
        }
    }

    fn request(&mut self, what: u8) {
        let which = self.byte();
        let (how, text) = (self.byte(), self.text());
        let granted = told("authority");
        let Some(request) = one(&self.http.requests, which) else { return };
        match what {
            21 => self.hear_of(request.set_method(&method(how, text))),
            22..=24 => {
                let scheme = match how % 4 {
                    0 => Scheme::Https,
                    1 => Scheme::Other(text),
                    _ => Scheme::Http,
                };
                self.hear_of(request.set_scheme(Some(&scheme)));
            }
            25..=28 => {
                let authority = match how {
                    0..=0x9f => granted,
                    0xa0..=0xbf => granted + &text,
                    0xc0..=0xcf => text + &granted,
                    0xd0..=0xdf => format!("127.0.0.1:{}", told("elsewhere")),
                    _ => text,
                };
                self.hear_of(request.set_authority(Some(&authority)));
            }
            29..=32 => {
                let path = if how < 0xc0 { format!("/open/{text}") } else { text };
                self.hear_of(request.set_path_with_query(Some(&path)));
            }
            33 => self.keep(request.body(), |script| &mut script.http.bodies),
            34 => {
                let headers = request.headers();
                self.http.fields.push(headers);
            }
            _ => {
                let body = one(&self.http.bodies, which).map(OutgoingBody::write);
                if let Some(body) = body {
                    self.keep(body, |script| &mut script.outputs);
                }
            }
        }
    }

    fn send(&mut self) {
        let which = self.byte();
        if self.http.requests.is_empty() {
            return;
        }
        let at = usize::from(which) % self.http.requests.len();
        let options = self.perhaps(|script| {
            let options = RequestOptions::new();
            let _ = options.set_connect_timeout(Some(script.number()));
            let _ = options.set_first_byte_timeout(Some(script.number()));
            let _ = options.set_between_bytes_timeout(Some(script.number()));
            options
        });
        let sent = handle(self.http.requests.swap_remove(at), options);
        self.keep(sent, |script| &mut script.http.coming);
    }

    fn answer(&mut self) {
        let (which, waits) = (self.byte(), self.byte() > 7);
        let Some(coming) = one(&self.http.coming, which) else { return };
        if waits {
            coming.subscribe().block();
        }
        match coming.get() {
            Some(Ok(got)) => self.keep(got, |script| &mut script.http.responses),
            other => self.hear_of(other.is_some()),
        }
    }

    fn body(&mut self, what: u8) {
        let which = self.byte();
        match what {
            50 | 51 => {
                let Some(response) = one(&self.http.responses, which) else { return };
                let (status, headers, body) = (response.status(), response.headers(), response.consume());
                self.hear_of((status, headers.entries()));
                self.http.fields.push(headers);
                self.keep(body, |script| &mut script.http.parts);
            }
            52 | 53 => {
                let Some(stream) = one(&self.http.parts, which).map(IncomingBody::stream) else { return };
                self.keep(stream, |script| &mut script.inputs);
            }
            54 if !self.http.parts.is_empty() => {
                let at = usize::from(which) % self.http.parts.len();
                let trailers = IncomingBody::finish(self.http.parts.swap_remove(at));
                self.http.trailers.push(trailers);
            }
            55 if !self.http.bodies.is_empty() => {
                let at = usize::from(which) % self.http.bodies.len();
                let trailers = self.perhaps(|script| script.http.fields.pop()).flatten();
                let done = OutgoingBody::finish(self.http.bodies.swap_remove(at), trailers);
                self.hear_of(done);
            }
            56 => {
                let Some(trailers) = one(&self.http.trailers, which) else { return };
                let got = trailers.get().map(|got| got.map(|got| got.map(|fields| fields.map(|f| f.entries()))));
                self.hear_of(got);
            }
            57 => {
                let response = self.http.fields.pop().map(OutgoingResponse::new);
                if let Some(response) = response {
                    let status = self.number() as u16;
                    self.hear_of((response.set_status_code(status), response.status_code(), response.body().is_ok()));
                }
            }
            _ => {}
        }
    }

    /// A request and its answer in one step: what a guest that means well does.
    fn whole(&mut self) {
        let fields = self.http.fields.pop().unwrap_or_else(Fields::new);
        let request = OutgoingRequest::new(fields);
        let (how, path) = (self.byte(), self.text());
        let granted = told("authority");
        let scheme = if how & 1 == 0 { Scheme::Http } else { Scheme::Https };
        let set = (
            request.set_method(&method(how >> 1, path.clone())),
            request.set_scheme(Some(&scheme)),
            request.set_authority(Some(&granted)),
            request.set_path_with_query(Some(&format!("/open/{path}"))),
        );
        self.hear_of(set);
        self.http.requests.push(request);
        self.send();
        self.answer();
        self.body(50);
        self.body(52);
    }
}

fn told(key: &str) -> String {
    config::store::get(key).ok().flatten().unwrap_or_default()
}

fn method(how: u8, text: String) -> Method {
    match how % 16 {
        0 => Method::Post,
        1 => Method::Trace,
        2 => Method::Connect,
        3 => Method::Head,
        4 => Method::Other(text),
        _ => Method::Get,
    }
}
