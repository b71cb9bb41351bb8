//! The system calls that this program, its libraries and the C libraries of Linux make.
//!
//! Found by strace over every command and test, with those that glibc and musl use in their place on other
//! machines and releases.

/// What one argument is to be: its place, the bits that matter, their value.
pub(super) struct Argument(pub(super) u8, pub(super) u64, pub(super) u64);

/// The bits of a C `int`.
pub(super) const INT: u64 = 0xffff_ffff;
/// Those of an address.
pub(super) const ALL: u64 = u64::MAX;

/// Whatever their arguments.
pub(super) const ALWAYS: &[i64] = &[
    // Files that are open.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_preadv,
    libc::SYS_pwritev,
    libc::SYS_preadv2,
    libc::SYS_pwritev2,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_fadvise64,
    libc::SYS_flock,
    libc::SYS_getdents64,
    libc::SYS_copy_file_range,
    libc::SYS_sendfile,
    // Files by name, which Landlock watches; no rights, owners or attributes.
    libc::SYS_openat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_statfs,
    libc::SYS_getcwd,
    // Memory.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_msync,
    libc::SYS_mlock,
    libc::SYS_mlock2,
    libc::SYS_munlock,
    libc::SYS_mlockall,
    libc::SYS_munlockall,
    libc::SYS_membarrier,
    // Threads.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getcpu,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Signals that come.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigsuspend,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    // Waiting and time.
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    // What this process and this machine are.
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getgroups,
    libc::SYS_getrusage,
    libc::SYS_times,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_getrandom,
];

/// The same by older numbers, which newer architectures do not have.
#[cfg(target_arch = "x86_64")]
pub(super) const OLD: &[i64] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_link,
    libc::SYS_getdents,
    libc::SYS_dup2,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_pause,
    libc::SYS_time,
];
#[cfg(target_arch = "aarch64")]
pub(super) const OLD: &[i64] = &[libc::SYS_renameat];
#[cfg(target_arch = "riscv64")]
pub(super) const OLD: &[i64] = &[];

const fn int(value: i32) -> u64 {
    value as u32 as u64
}

const fn command(value: u64) -> [Argument; 1] {
    [Argument(1, INT, value)]
}

/// No new machine code.
const DATA: &[Argument] = &[Argument(2, int(libc::PROT_EXEC), 0)];

/// Threads of this process, as every C library starts them: not a process, nothing of which anybody else is
/// told, no namespace.
const THREAD: &[Argument] = &[Argument(
    0,
    int(libc::CLONE_VM
        | libc::CLONE_SIGHAND
        | libc::CLONE_THREAD
        | libc::CLONE_VFORK
        | libc::CLONE_PARENT
        | libc::CLONE_PTRACE
        | libc::CLONE_PIDFD
        | libc::CLONE_IO
        | libc::CLONE_NEWNS
        | libc::CLONE_NEWCGROUP
        | libc::CLONE_NEWUTS
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUSER
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWNET)
        | 0xff, // the signal at the end, and CLONE_NEWTIME
    int(libc::CLONE_VM | libc::CLONE_SIGHAND | libc::CLONE_THREAD),
)];

/// Where all arguments of one of these lists are as said.
pub(super) const WHEN: &[(i64, &[&[Argument]])] = &[
    (libc::SYS_mmap, &[DATA]),
    (libc::SYS_mprotect, &[DATA]),
    (libc::SYS_clone, &[THREAD]),
    // Limits of this process.
    (libc::SYS_prlimit64, &[&[Argument(0, INT, 0)]]),
    (
        libc::SYS_prctl,
        &[
            &[Argument(0, INT, int(libc::PR_SET_NAME))],
            &[Argument(0, INT, int(libc::PR_SET_NO_NEW_PRIVS))],
        ],
    ),
    // More filters, which only take away; none that asks another program.
    (
        libc::SYS_seccomp,
        &[&[
            Argument(0, INT, libc::SECCOMP_SET_MODE_FILTER as u64),
            Argument(1, ALL ^ libc::SECCOMP_FILTER_FLAG_TSYNC, 0),
        ]],
    ),
    // Bytes to and from a socket that is open: that of a device, and the pair by which the handler of a
    // signal wakes the thread that acts upon it, which is made before. No address: MSG_FASTOPEN connects
    // where Landlock does not look. Nothing that passes on descriptors.
    (
        libc::SYS_sendto,
        &[&[Argument(3, int(libc::MSG_FASTOPEN), 0), Argument(4, ALL, 0)]],
    ),
    (libc::SYS_recvfrom, &[&[Argument(4, ALL, 0)]]),
    // Not who gets a signal when something comes.
    (
        libc::SYS_fcntl,
        &[
            &command(int(libc::F_DUPFD)),
            &command(int(libc::F_DUPFD_CLOEXEC)),
            &command(int(libc::F_GETFD)),
            &command(int(libc::F_SETFD)),
            &command(int(libc::F_GETFL)),
            &command(int(libc::F_SETFL)),
        ],
    ),
    (
        libc::SYS_ioctl,
        &[
            // Terminals: their modes (in two forms, of which glibc 2.42 uses the newer one), their
            // size, forgetting what was typed. Not TIOCSTI, which types for the user.
            &command(0x5401),      // TCGETS
            &command(0x5402),      // TCSETS
            &command(0x5403),      // TCSETSW
            &command(0x5404),      // TCSETSF
            &command(0x802c_542a), // TCGETS2
            &command(0x402c_542b), // TCSETS2
            &command(0x402c_542c), // TCSETSW2
            &command(0x402c_542d), // TCSETSF2
            &command(0x540b),      // TCFLSH
            &command(0x5413),      // TIOCGWINSZ
            // Descriptors: whether they wait, whether other programs get them.
            &command(0x5421), // FIONBIO
            &command(0x5450), // FIONCLEX
            &command(0x5451), // FIOCLEX
            // The block of a card, the beginning of a BitBox.
            &command(0x1268),      // BLKSSZGET
            &command(0x8004_4801), // HIDIOCGRDESCSIZE
        ],
    ),
];

/// The dates of a file that is open, not of one by its name.
pub(super) const DATES: &[Argument] = &[Argument(1, ALL, 0)];

/// Further walls, which only take away.
pub(super) const NARROWING: &[i64] = &[
    libc::SYS_landlock_create_ruleset,
    libc::SYS_landlock_add_rule,
    libc::SYS_landlock_restrict_self,
];

/// What connects.
pub(super) const CONNECTING: &[i64] = &[libc::SYS_socket, libc::SYS_connect];

const fn option(level: i32, name: i32) -> [Argument; 2] {
    [Argument(1, INT, int(level)), Argument(2, INT, int(name))]
}

/// What more is done with a connection.
pub(super) const CONNECTED: &[(i64, &[&[Argument]])] = &[
    (libc::SYS_getsockopt, &[]),
    (libc::SYS_getsockname, &[]),
    (libc::SYS_getpeername, &[]),
    (libc::SYS_shutdown, &[]),
    (
        libc::SYS_setsockopt,
        &[
            &option(libc::IPPROTO_TCP, libc::TCP_NODELAY),
            &option(libc::SOL_SOCKET, libc::SO_RCVTIMEO),
            &option(libc::SOL_SOCKET, libc::SO_SNDTIMEO),
        ],
    ),
];
