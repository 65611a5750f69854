//! Which calls are let through, and with which arguments.

use seccompiler::{
    BackendError,
    SeccompCmpArgLen::{Dword, Qword},
    SeccompCmpOp as Op, SeccompCondition as Condition, SeccompRule,
};

use super::{Rules, calls};

/// `PAGEMAP_SCAN`: which pages of an instance were written.
const PAGEMAP_SCAN: u64 = 0xc060_6610;
/// `PR_GET_AUXV`.
const PR_GET_AUXV: u64 = 0x4155_5856;
/// The low bits of a socket's type; the rest are flags.
const SOCKET_TYPE: u64 = 0xf;
/// `MSG_FASTOPEN`: sends and dials in one, past the rules for ports.
const FAST_OPEN: u64 = 0x2000_0000;

/// At these the process ends.
pub(super) fn fatal() -> Rules {
    calls::FATAL.iter().map(|call| (*call, Vec::new())).collect()
}

/// What is let through.
pub(super) fn needed() -> Result<Rules, BackendError> {
    let plain = [calls::FILES, calls::OLDER, calls::PROCESS, calls::SOCKETS].into_iter().flatten();
    let mut rules: Rules = plain.map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_clone, thread_only()?);
    rules.insert(libc::SYS_socket, sockets()?);
    rules.insert(libc::SYS_socketpair, vec![SeccompRule::new(vec![is(0, number(libc::AF_UNIX))?])?]);
    for (call, flags) in [(libc::SYS_sendto, 3), (libc::SYS_sendmsg, 2), (libc::SYS_sendmmsg, 3)] {
        rules.insert(call, vec![SeccompRule::new(vec![without(flags, FAST_OPEN)?])?]);
    }
    rules.insert(libc::SYS_mmap, never_shared_code()?);
    rules.insert(libc::SYS_mprotect, never_writable_code()?);
    let controls = [libc::FIONBIO, libc::FIONREAD, libc::FIOCLEX, libc::TCGETS, libc::TIOCGWINSZ];
    let controls = controls.into_iter().chain([PAGEMAP_SCAN]);
    rules.insert(libc::SYS_ioctl, controls.map(|control| one(1, control)).collect::<Result<_, _>>()?);
    rules.insert(libc::SYS_prctl, prctl()?);
    // Limits are read, never set.
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![nothing(2)?])?]);
    Ok(rules)
}

/// A thread and no process, in the namespaces that there are. `clone3` hides
/// its flags behind a pointer, so it is not let through: libc then does this.
fn thread_only() -> Result<Vec<SeccompRule>, BackendError> {
    let spaces = libc::CLONE_NEWNS
        | libc::CLONE_NEWCGROUP
        | libc::CLONE_NEWUTS
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUSER
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWNET;
    let (thread, spaces) = (number(libc::CLONE_THREAD), number(spaces));
    let condition = Condition::new(0, Dword, Op::MaskedEq(thread | spaces), thread)?;
    Ok(vec![SeccompRule::new(vec![condition])?])
}

/// TCP and UDP: no raw packets, no other protocol (rules for ports know TCP
/// alone, and MPTCP dials like it), and nothing to other programs' sockets on
/// this machine, which start what they are asked to.
fn sockets() -> Result<Vec<SeccompRule>, BackendError> {
    let mut rules = Vec::new();
    for family in [libc::AF_INET, libc::AF_INET6] {
        for (kind, protocol) in [(libc::SOCK_STREAM, libc::IPPROTO_TCP), (libc::SOCK_DGRAM, libc::IPPROTO_UDP)] {
            for protocol in [0, protocol] {
                let kind = Condition::new(1, Dword, Op::MaskedEq(SOCKET_TYPE), number(kind))?;
                rules.push(SeccompRule::new(vec![is(0, number(family))?, kind, is(2, number(protocol))?])?);
            }
        }
    }
    Ok(rules)
}

/// Compiled code is written first and made executable afterwards.
fn never_writable_code() -> Result<Vec<SeccompRule>, BackendError> {
    let both = number(libc::PROT_WRITE | libc::PROT_EXEC);
    let rule = |bits| SeccompRule::new(vec![Condition::new(2, Dword, Op::MaskedEq(both), bits)?]);
    [0, number(libc::PROT_WRITE), number(libc::PROT_EXEC)].into_iter().map(rule).collect()
}

/// The same, and what is mapped as code is nobody else's memory.
fn never_shared_code() -> Result<Vec<SeccompRule>, BackendError> {
    let both = number(libc::PROT_WRITE | libc::PROT_EXEC);
    let protection = |bits| Condition::new(2, Dword, Op::MaskedEq(both), bits);
    let code = vec![protection(number(libc::PROT_EXEC))?, without(3, number(libc::MAP_SHARED))?];
    let others = [0, number(libc::PROT_WRITE)].into_iter().map(|bits| SeccompRule::new(vec![protection(bits)?]));
    others.chain([SeccompRule::new(code)]).collect()
}

fn prctl() -> Result<Vec<SeccompRule>, BackendError> {
    let plain = [libc::PR_SET_NAME, libc::PR_GET_NAME, libc::PR_SET_VMA, libc::PR_GET_DUMPABLE].map(number);
    let mut rules: Vec<SeccompRule> =
        plain.into_iter().chain([PR_GET_AUXV]).map(|option| one(0, option)).collect::<Result<_, _>>()?;
    // Dumps can be forbidden, not allowed.
    rules.push(SeccompRule::new(vec![is(0, number(libc::PR_SET_DUMPABLE))?, is(1, 0)?])?);
    Ok(rules)
}

fn one(argument: u8, value: u64) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![is(argument, value)?])
}

fn is(argument: u8, value: u64) -> Result<Condition, BackendError> {
    Condition::new(argument, Dword, Op::Eq, value)
}

/// None of these bits.
fn without(argument: u8, bits: u64) -> Result<Condition, BackendError> {
    Condition::new(argument, Dword, Op::MaskedEq(bits), 0)
}

/// A null pointer.
fn nothing(argument: u8) -> Result<Condition, BackendError> {
    Condition::new(argument, Qword, Op::Eq, 0)
}

/// A constant of the C library as an argument's bits.
fn number(constant: i32) -> u64 {
    u64::from(constant.cast_unsigned())
}
