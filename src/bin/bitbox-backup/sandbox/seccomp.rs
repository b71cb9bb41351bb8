//! Which system calls may be made: seccomp.
//!
//! Two filters stand behind each other. The first names what is allowed ([`allowed`]); everything else
//! fails with EPERM. The second has every number that Linux gave since 5.1 and that is not allowed
//! fail with ENOSYS: a C library that tries a new call first then takes the old one, as it does on an older
//! kernel, so that the list need not follow it. `clone3` is one of these, whose flags no filter can
//! see; behind it comes `clone`. So are the numbers of x32, which are beyond all others.
//!
//! Nothing here kills, since whoever dies in the midst of a recovery loses more than that protects. Only a
//! call in the manner of another architecture, which no program makes by accident, ends the program.

mod allowed;
pub(crate) mod attempts;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use rustix::process::getpid;
use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp,
    SeccompCondition, SeccompFilter, SeccompRule, apply_filter, apply_filter_all_threads,
    sock_filter,
};

use super::policy::Access;
use allowed::{ALWAYS, Argument, CONNECTED, CONNECTING, DATES, INT, NARROWING, OLD, WHEN};

/// The first number of Linux 5.1; from here on numbers are the same on all architectures.
const NEW: u32 = 424;

/// What somebody who has taken over this program would try: a short name that never changes, what it is, for a person,
/// and whether it is refused whatever its arguments.
pub(super) fn attempts() -> impl Iterator<Item = (&'static str, &'static str, impl Fn() -> bool)> {
    let all = attempts::ALL.iter();
    all.map(|attempt| (attempt.name, attempt.what, || attempt.is_forbidden()))
}

/// Allows what this access needs, for this thread and those it starts.
pub(super) fn forbid(access: &Access) -> Result<(), Error> {
    let rules = rules(access)?;
    let unknown = unknown(rules.keys().copied());
    apply_filter(&filter(rules, EPERM, SeccompAction::Allow)?)?;
    apply_filter(&unknown)
}

/// Takes from every thread the right to connect to anything more.
pub(super) fn disconnect() -> Result<(), Error> {
    let rules = CONNECTING.iter().map(|call| (*call, Vec::new()));
    apply_filter_all_threads(&filter(rules.collect(), SeccompAction::Allow, EPERM)?)
}

const EPERM: SeccompAction = SeccompAction::Errno(libc::EPERM.unsigned_abs());

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// What is done with a call that no rule fits, and with one that a rule fits.
fn filter(
    rules: Rules,
    other: SeccompAction,
    fits: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let architecture = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, other, fits, architecture)?.try_into()
}

fn rules(access: &Access) -> Result<Rules, BackendError> {
    let mut rules: Rules = ALWAYS
        .iter()
        .chain(OLD)
        .map(|call| (*call, Vec::new()))
        .collect();
    for (call, choices) in WHEN {
        let choices: Result<_, _> = choices.iter().map(|choice| when(choice)).collect();
        rules.insert(*call, choices?);
    }
    // Signals to this process: an abort, and what a signal would have done without a handler.
    let own = u64::from(getpid().as_raw_nonzero().get().unsigned_abs());
    for call in [libc::SYS_kill, libc::SYS_tgkill] {
        rules.insert(call, vec![when(&[Argument(0, INT, own)])?]);
    }
    if access.dates {
        rules.insert(libc::SYS_utimensat, vec![when(DATES)?]);
    }
    // Some of it is needed only until devices are connected.
    if !access.devices.is_empty() || !access.connects.is_empty() {
        rules.extend(NARROWING.iter().map(|call| (*call, Vec::new())));
    }
    if !access.connects.is_empty() {
        rules.insert(libc::SYS_connect, Vec::new());
        rules.insert(libc::SYS_socket, streams(&access.connects)?);
        for (call, choices) in CONNECTED {
            let choices: Result<_, _> = choices.iter().map(|choice| when(choice)).collect();
            rules.insert(*call, choices?);
        }
    }
    Ok(rules)
}

/// TCP of these families. Other protocols have streams too, such as MPTCP, which Landlock does not see.
fn streams(places: &[SocketAddr]) -> Result<Vec<SeccompRule>, BackendError> {
    const KIND: u64 = 0xf; // without the flags for the descriptor
    let family = |v6: bool| if v6 { libc::AF_INET6 } else { libc::AF_INET };
    let mut rules = Vec::new();
    for v6 in [false, true] {
        if places.iter().any(|place| place.is_ipv6() == v6) {
            for protocol in [0, libc::IPPROTO_TCP] {
                rules.push(when(&[
                    Argument(0, INT, u64::from(family(v6).unsigned_abs())),
                    Argument(1, KIND, u64::from(libc::SOCK_STREAM.unsigned_abs())),
                    Argument(2, INT, u64::from(protocol.unsigned_abs())),
                ])?);
            }
        }
    }
    Ok(rules)
}

/// All of these arguments are as said.
fn when(arguments: &[Argument]) -> Result<SeccompRule, BackendError> {
    let conditions = arguments.iter().map(|Argument(index, mask, value)| {
        let masked = SeccompCmpOp::MaskedEq(*mask);
        SeccompCondition::new(*index, SeccompCmpArgLen::Qword, masked, *value)
    });
    SeccompRule::new(conditions.collect::<Result<_, _>>()?)
}

/// ENOSYS for every new number but these. seccompiler has no rule for a range of numbers.
fn unknown(allowed: impl Iterator<Item = i64>) -> BpfProgram {
    let step = |code: u32, k: u32, jt: u8, jf: u8| sock_filter {
        code: code as u16, // a few bits
        jt,
        jf,
        k,
    };
    let answer = |value: u32| step(libc::BPF_RET | libc::BPF_K, value, 0, 0);
    let jump = libc::BPF_JMP | libc::BPF_K;
    // The number of the call stands first in what the kernel shows to a filter.
    let mut program = vec![step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0)];
    let new = allowed.filter_map(|call| u32::try_from(call).ok().filter(|call| *call >= NEW));
    for call in new {
        program.push(step(jump | libc::BPF_JEQ, call, 0, 1));
        program.push(answer(libc::SECCOMP_RET_ALLOW));
    }
    program.push(step(jump | libc::BPF_JGE, NEW, 0, 1));
    program.push(answer(
        libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs(),
    ));
    program.push(answer(libc::SECCOMP_RET_ALLOW));
    program
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What takes no argument that could keep it from working, and so cannot be tried.
    #[test]
    fn no_process_is_made_whatever_a_command_needs() {
        let place = "[::1]:1".parse().unwrap();
        let access = Access::none()
            .connect(&[place])
            .dates()
            .device("/dev".as_ref());
        let rules = rules(&access).unwrap();
        #[cfg(target_arch = "x86_64")]
        for call in [libc::SYS_fork, libc::SYS_vfork] {
            assert!(!rules.contains_key(&call), "{call}");
        }
        for (call, choices) in &rules {
            let narrow = [
                libc::SYS_clone,
                libc::SYS_prctl,
                libc::SYS_ioctl,
                libc::SYS_fcntl,
                libc::SYS_kill,
                libc::SYS_tgkill,
                libc::SYS_prlimit64,
                libc::SYS_mmap,
                libc::SYS_mprotect,
                libc::SYS_seccomp,
                libc::SYS_socket,
                libc::SYS_sendto,
                libc::SYS_recvfrom,
                libc::SYS_setsockopt,
                libc::SYS_utimensat,
            ];
            assert_eq!(narrow.contains(call), !choices.is_empty(), "{call}");
        }
    }
}
