//! What somebody who has taken over this program would try: system calls that nothing here makes.
//!
//! # Why the unsafe code is sound
//!
//! Every call is one of the list below, with the arguments beside it. They are so chosen that a kernel which
//! allows the call refuses the arguments (a descriptor -1, the address 0, a size or flag that does not
//! exist), or does nothing: `mprotect` of no bytes, `personality` asked for its value. No
//! argument is an address of this process's memory, so none of it is read or written.

#![expect(unsafe_code, reason = "system calls by number; the proof is above")]

use libc::c_long;

pub(crate) struct Attempt {
    /// A short name, lower-case and hyphenated; it never changes.
    pub(crate) name: &'static str,
    /// What is tried, for a person.
    pub(crate) what: &'static str,
    /// By which calls; each has to fail.
    calls: &'static [Call],
}

/// A system call and its arguments; the rest are 0.
type Call = (c_long, &'static [c_long]);

impl Attempt {
    /// Whether every one of its calls is refused whatever its arguments.
    pub(crate) fn is_forbidden(&self) -> bool {
        let forbidden = [libc::EPERM, libc::ENOSYS].map(Some);
        self.calls
            .iter()
            .all(|call| forbidden.contains(&error(call)))
    }

    /// Its calls, and the number of the error of each; `None` of one that succeeds.
    #[cfg(test)]
    pub(crate) fn errors(&self) -> impl Iterator<Item = (c_long, Option<i32>)> {
        self.calls.iter().map(|call| (call.0, error(call)))
    }
}

fn error((call, arguments): &Call) -> Option<i32> {
    let at = |index: usize| arguments.get(index).copied().unwrap_or(0);
    // SAFETY: no call of this module's list reads or writes memory of this process; see above.
    let answer = unsafe { libc::syscall(*call, at(0), at(1), at(2), at(3), at(4), at(5)) };
    if answer == -1 {
        std::io::Error::last_os_error().raw_os_error()
    } else {
        None
    }
}

/// Nobody's process: more than the kernel ever gives.
const NOBODY: c_long = 0x7fff_ffff;
const EXEC: c_long = libc::PROT_EXEC as c_long;
const INET: c_long = libc::AF_INET as c_long;
/// No kind of socket, process, clock or flag.
const NONE: c_long = -1;

pub(crate) const ALL: &[Attempt] = &[
    Attempt {
        name: "sandbox-sockets",
        what: "the sandbox: to connect, listen or pass on descriptors",
        calls: &[
            (libc::SYS_socket, &[INET, NONE]),
            (libc::SYS_socket, &[libc::AF_UNIX as c_long, NONE]),
            (libc::SYS_socket, &[libc::AF_NETLINK as c_long, NONE]),
            (libc::SYS_socket, &[libc::AF_VSOCK as c_long, NONE]),
            (libc::SYS_socketpair, &[libc::AF_UNIX as c_long, NONE]),
            (libc::SYS_connect, &[NONE]),
            (libc::SYS_bind, &[NONE]),
            (libc::SYS_listen, &[NONE]),
            (libc::SYS_accept, &[NONE]),
            (libc::SYS_accept4, &[NONE]),
            (libc::SYS_sendmsg, &[NONE]),
            (libc::SYS_recvmsg, &[NONE]),
            (libc::SYS_sendmmsg, &[NONE]),
        ],
    },
    Attempt {
        name: "sandbox-processes",
        what: "the sandbox: to make another process, or become another program",
        calls: &[
            // Refused by kernels that allow it, since signal handlers without memory are nothing.
            (libc::SYS_clone, &[libc::CLONE_SIGHAND as c_long]),
            (libc::SYS_clone3, &[]),
            (libc::SYS_execve, &[]),
            (libc::SYS_execveat, &[NONE]),
        ],
    },
    Attempt {
        name: "sandbox-namespaces",
        what: "the sandbox: to have another view of the system",
        calls: &[
            (
                libc::SYS_clone,
                &[(libc::CLONE_NEWUSER | libc::CLONE_FS) as c_long],
            ),
            (libc::SYS_unshare, &[1]),
            (libc::SYS_setns, &[NONE]),
            (libc::SYS_chroot, &[]),
            (libc::SYS_pivot_root, &[]),
        ],
    },
    Attempt {
        name: "sandbox-mounts",
        what: "the sandbox: to mount, to make a device, to open a file without a path",
        calls: &[
            (libc::SYS_mount, &[]),
            (libc::SYS_umount2, &[]),
            (libc::SYS_open_tree, &[NONE]),
            (libc::SYS_move_mount, &[NONE, 0, NONE]),
            (libc::SYS_fsopen, &[]),
            (libc::SYS_fsmount, &[NONE]),
            (libc::SYS_fspick, &[NONE]),
            (libc::SYS_mount_setattr, &[NONE]),
            (libc::SYS_mknodat, &[NONE]),
            (libc::SYS_symlinkat, &[0, NONE]),
            (libc::SYS_open_by_handle_at, &[NONE]),
            (libc::SYS_swapon, &[]),
        ],
    },
    Attempt {
        name: "sandbox-ipc",
        what: "the sandbox: to leave something in memory that other programs share",
        calls: &[
            (libc::SYS_shmget, &[]),
            (libc::SYS_shmat, &[NONE]),
            (libc::SYS_shmctl, &[NONE]),
            (libc::SYS_msgget, &[NOBODY]),
            (libc::SYS_msgsnd, &[NONE]),
            (libc::SYS_msgrcv, &[NONE]),
            (libc::SYS_msgctl, &[NONE]),
            (libc::SYS_semget, &[0, NONE]),
            (libc::SYS_semop, &[NONE]),
            (libc::SYS_semctl, &[NONE]),
            (libc::SYS_mq_open, &[]),
            (libc::SYS_mq_unlink, &[]),
            (libc::SYS_mq_timedsend, &[NONE]),
            (libc::SYS_mq_timedreceive, &[NONE]),
            (libc::SYS_memfd_create, &[]),
        ],
    },
    Attempt {
        name: "sandbox-attributes",
        what: "the sandbox: to change extended attributes of a file",
        calls: &[
            (libc::SYS_setxattr, &[]),
            (libc::SYS_lsetxattr, &[]),
            (libc::SYS_fsetxattr, &[NONE]),
            (libc::SYS_removexattr, &[]),
            (libc::SYS_lremovexattr, &[]),
            (libc::SYS_fremovexattr, &[NONE]),
        ],
    },
    Attempt {
        name: "sandbox-owners",
        what: "the sandbox: to change the owner, the rights or the dates of a file",
        calls: &[
            (libc::SYS_fchmod, &[NONE]),
            (libc::SYS_fchmodat, &[NONE]),
            (libc::SYS_fchown, &[NONE]),
            (libc::SYS_fchownat, &[NONE]),
            (libc::SYS_utimensat, &[NONE, NONE]),
            (libc::SYS_utimensat, &[NONE]),
            (libc::SYS_truncate, &[]),
        ],
    },
    Attempt {
        name: "sandbox-other-processes",
        what: "the sandbox: to look into other processes, or signal them",
        calls: &[
            (libc::SYS_ptrace, &[libc::PTRACE_PEEKDATA as c_long, NOBODY]),
            (libc::SYS_process_vm_readv, &[NOBODY]),
            (libc::SYS_process_vm_writev, &[NOBODY]),
            (libc::SYS_process_madvise, &[NONE]),
            (libc::SYS_pidfd_open, &[NOBODY]),
            (libc::SYS_pidfd_getfd, &[NONE]),
            (libc::SYS_pidfd_send_signal, &[NONE]),
            (libc::SYS_kcmp, &[NOBODY, NOBODY]),
            (libc::SYS_prlimit64, &[NOBODY]),
            (libc::SYS_kill, &[NOBODY]),
            (libc::SYS_tgkill, &[NOBODY, NOBODY]),
            (libc::SYS_rt_sigqueueinfo, &[NOBODY]),
            (libc::SYS_fcntl, &[NONE, libc::F_SETOWN as c_long]),
            (libc::SYS_sched_setaffinity, &[NOBODY]),
        ],
    },
    Attempt {
        name: "sandbox-dumps",
        what: "the sandbox: to let other programs read this process",
        calls: &[
            (libc::SYS_prctl, &[libc::PR_SET_DUMPABLE as c_long, 2]),
            (libc::SYS_prctl, &[libc::PR_SET_PTRACER as c_long, NOBODY]),
            (libc::SYS_personality, &[0xffff_ffff]),
        ],
    },
    Attempt {
        name: "sandbox-code",
        what: "the sandbox: to run newly added machine code",
        calls: &[
            (libc::SYS_mprotect, &[0, 0, EXEC]),
            (
                libc::SYS_mmap,
                &[0, 0, EXEC, libc::MAP_PRIVATE as c_long, NONE],
            ),
        ],
    },
    Attempt {
        name: "sandbox-devices",
        what: "the sandbox: to type on the terminal, to command disks",
        calls: &[
            (libc::SYS_ioctl, &[NONE, 0x5412]), // TIOCSTI
            (libc::SYS_ioctl, &[NONE, 0x541c]), // TIOCLINUX
            (libc::SYS_ioctl, &[NONE, 0x2285]), // SG_IO
            (libc::SYS_ioctl, &[NONE, 0x1277]), // BLKDISCARD
            (libc::SYS_ioctl, &[NONE, 0x8901]), // FIOSETOWN
        ],
    },
    Attempt {
        name: "sandbox-kernel",
        what: "the sandbox: to reach parts of the kernel that are often attacked",
        calls: &[
            (libc::SYS_io_uring_setup, &[]),
            (libc::SYS_io_uring_enter, &[NONE]),
            (libc::SYS_io_uring_register, &[NONE]),
            (libc::SYS_userfaultfd, &[NONE]),
            (libc::SYS_perf_event_open, &[]),
            (libc::SYS_bpf, &[NONE]),
            (libc::SYS_add_key, &[]),
            (libc::SYS_request_key, &[]),
            (libc::SYS_keyctl, &[NONE]),
            (libc::SYS_kexec_load, &[0, NOBODY]),
            (libc::SYS_init_module, &[]),
            (libc::SYS_finit_module, &[NONE]),
            (libc::SYS_delete_module, &[]),
            (libc::SYS_syslog, &[NONE]),
            (libc::SYS_reboot, &[]),
            (libc::SYS_epoll_pwait2, &[NONE]),
        ],
    },
    #[cfg(target_arch = "x86_64")]
    Attempt {
        name: "sandbox-old-calls",
        what: "the sandbox: the same by older numbers, or those of x32",
        calls: &[
            (libc::SYS_chmod, &[]),
            (libc::SYS_chown, &[]),
            (libc::SYS_lchown, &[]),
            (libc::SYS_utime, &[]),
            (libc::SYS_utimes, &[]),
            (libc::SYS_futimesat, &[NONE, NONE]),
            (libc::SYS_mknod, &[]),
            (libc::SYS_symlink, &[]),
            (libc::SYS_iopl, &[NOBODY]),
            (libc::SYS_ioperm, &[NONE]),
            (libc::SYS_modify_ldt, &[NONE]),
            (X32 | libc::SYS_getpid, &[]),
            (X32 | 514, &[NONE, 0x5412]), // ioctl
            (X32 | 520, &[]),             // execve
            (X32 | 521, &[NONE, NOBODY]), // ptrace
            (X32 | 545, &[NONE]),         // execveat
        ],
    },
];

/// What the numbers of x32 have on top.
#[cfg(target_arch = "x86_64")]
const X32: c_long = 0x4000_0000;
