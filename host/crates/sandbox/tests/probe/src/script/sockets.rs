use wasip2::sockets::{
    instance_network::instance_network,
    ip_name_lookup::{ResolveAddressStream, resolve_addresses},
    network::{IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress, Network},
    tcp::{ShutdownType, TcpSocket},
    tcp_create_socket::create_tcp_socket,
    udp::UdpSocket,
    udp_create_socket::create_udp_socket,
};

use super::{Script, let_go, one};
use crate::wasi::config;

#[derive(Default)]
pub struct Held {
    networks: Vec<Network>,
    names: Vec<ResolveAddressStream>,
    tcp: Vec<TcpSocket>,
    udp: Vec<UdpSocket>,
}

impl Script<'_> {
    pub(super) fn sockets(&mut self, what: u8) {
        match what {
            0 | 1 => self.sockets.networks.push(instance_network()),
            2 | 3 => {
                let family = self.family();
                self.keep(create_tcp_socket(family), |script| &mut script.sockets.tcp);
            }
            4 => {
                let family = self.family();
                self.keep(create_udp_socket(family), |script| &mut script.sockets.udp);
            }
            5..=8 => self.look_up(what),
            9..=16 => self.connect(what),
            30 => {
                let which = self.byte();
                let_go(&mut self.sockets.tcp, which);
            }
            _ => self.settings(what),
        }
    }

    fn family(&mut self) -> IpAddressFamily {
        if self.byte() & 7 == 7 { IpAddressFamily::Ipv6 } else { IpAddressFamily::Ipv4 }
    }

    fn look_up(&mut self, what: u8) {
        let which = self.byte();
        if what > 6 {
            let Some(names) = one(&self.sockets.names, which) else { return };
            let next = names.resolve_next_address();
            return self.hear_of(next);
        }
        let name = if self.byte() < 128 { "127.0.0.1".to_owned() } else { self.text() };
        let Some(network) = one(&self.sockets.networks, which) else { return };
        self.keep(resolve_addresses(network, &name), |script| &mut script.sockets.names);
    }

    fn connect(&mut self, what: u8) {
        let (which, at, address) = (self.byte(), self.byte(), self.address());
        let (Some(network), Some(socket)) = (one(&self.sockets.networks, at), one(&self.sockets.tcp, which)) else {
            return;
        };
        match what {
            9..=11 => self.hear_of(socket.start_connect(network, address)),
            12 | 13 => match socket.finish_connect() {
                Ok((input, output)) => {
                    self.inputs.push(input);
                    self.outputs.push(output);
                }
                Err(error) => self.hear_of(error),
            },
            14 => self.hear_of(socket.start_bind(network, address)),
            15 => self.hear_of((socket.finish_bind(), socket.start_listen(), socket.finish_listen())),
            _ => match socket.accept() {
                Ok((socket, ..)) => self.sockets.tcp.push(socket),
                Err(error) => self.hear_of(error),
            },
        }
    }

    /// The granted one, one that is not, or any.
    fn address(&mut self) -> IpSocketAddress {
        let how = self.byte();
        let told = |key: &str| config::store::get(key).ok().flatten()?.parse().ok();
        let port = told(if how < 0x60 { "port" } else { "elsewhere" }).unwrap_or(0);
        match how {
            0..=0x7f => IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address: (127, 0, 0, 1) }),
            0x80..=0xbf => {
                let [a, b, c, d] = self.bytes();
                let port = if self.yes() { port } else { self.number() as u16 };
                IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address: (a, b, c, d) })
            }
            _ => IpSocketAddress::Ipv6(Ipv6SocketAddress {
                port,
                flow_info: self.number() as u32,
                address: (0, 0, 0, 0, 0, if self.yes() { 0xffff } else { 0 }, 0x7f00, 1),
                scope_id: self.number() as u32,
            }),
        }
    }

    fn settings(&mut self, what: u8) {
        let (which, number, yes) = (self.byte(), self.number(), self.yes());
        if let Some(udp) = one(&self.sockets.udp, which).filter(|_| what > 26) {
            let said = (udp.local_address(), udp.set_receive_buffer_size(number), udp.stream(None).map(|_| ()));
            return self.hear_of(said);
        }
        let Some(socket) = one(&self.sockets.tcp, which) else { return };
        match what {
            17 => self.hear_of((socket.set_keep_alive_enabled(yes), socket.keep_alive_enabled())),
            18 => self.hear_of((socket.set_keep_alive_idle_time(number), socket.keep_alive_idle_time())),
            19 => self.hear_of((socket.set_keep_alive_interval(number), socket.keep_alive_count())),
            20 => self.hear_of((socket.set_hop_limit(number as u8), socket.hop_limit())),
            21 => self.hear_of((socket.set_receive_buffer_size(number), socket.receive_buffer_size())),
            22 => self.hear_of((socket.set_send_buffer_size(number), socket.send_buffer_size())),
            23 => self.hear_of((socket.set_listen_backlog_size(number), socket.is_listening())),
            24 => {
                self.hear_of((socket.address_family(), socket.local_address().is_ok(), socket.remote_address().is_ok()))
            }
            25 => self.hear_of(socket.shutdown(if yes { ShutdownType::Send } else { ShutdownType::Both })),
            26 => self.hear_of(socket.set_keep_alive_count(number as u32)),
            _ => {
                let pollable = socket.subscribe();
                self.pollables.push(pollable);
            }
        }
    }
}
