//! Which system calls fail: seccomp.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp,
    SeccompCondition, SeccompFilter, SeccompRule, apply_filter,
};

/// Talking to other machines and programs.
const SOCKETS: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
];

/// What a reader of cards never does.
const NEVER: &[i64] = &[
    // Other programs.
    libc::SYS_execve,
    libc::SYS_execveat,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // System calls by another way, which a filter does not see.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    // Mounts and other views of the system.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    libc::SYS_mknodat,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    // The kernel itself.
    libc::SYS_bpf,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_reboot,
    libc::SYS_syslog,
    libc::SYS_acct,
    libc::SYS_quotactl,
    // Keys of the kernel, the clock, the machine's name.
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    // Another kind of process.
    libc::SYS_personality,
];

/// The same for the machine's ports and older calls.
#[cfg(target_arch = "x86_64")]
const HERE: &[i64] = &[
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_mknod,
    libc::SYS_uselib,
    libc::SYS_kexec_file_load,
    // These calls by the numbers of x32, whose arguments have another form.
    0x4000_0000 + 520, // execve
    0x4000_0000 + 521, // ptrace
    0x4000_0000 + 528, // kexec_load
    0x4000_0000 + 539, // process_vm_readv
    0x4000_0000 + 540, // process_vm_writev
    0x4000_0000 + 545, // execveat
];
#[cfg(not(target_arch = "x86_64"))]
const HERE: &[i64] = &[];

/// Typing on a terminal for its user, and taking from the screen of a console.
const TIOCSTI: u64 = 0x5412;
const TIOCLINUX: u64 = 0x541c;

/// Has these calls fail with EPERM from now on.
pub(super) fn forbid(network: bool) -> Result<(), Error> {
    apply_filter(&filter(network)?)
}

fn filter(network: bool) -> Result<BpfProgram, BackendError> {
    let sockets = SOCKETS.iter().filter(|_| !network);
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for call in sockets.chain(NEVER).chain(HERE) {
        rules.insert(*call, Vec::new());
        // x32 has the same numbers with a bit set, under the same architecture.
        if cfg!(target_arch = "x86_64") {
            rules.insert(call | 0x4000_0000, Vec::new());
        }
    }
    let asks = |command| {
        SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, command)
            .and_then(|condition| SeccompRule::new(vec![condition]))
    };
    rules.insert(libc::SYS_ioctl, vec![asks(TIOCSTI)?, asks(TIOCLINUX)?]);
    let eperm = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        eperm,
        std::env::consts::ARCH.try_into()?,
    )?
    .try_into()
}
