//! Which files may be opened: Landlock.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus,
    NetPort, RestrictSelfAttr, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    RulesetStatus, Scope, path_beneath_rules,
};

use super::policy::Access;

/// What every command may read: time zones, what tells of processors and of card readers, the mounts
/// and limits of this very process.
const ALWAYS: [&str; 8] = [
    "/usr/share/zoneinfo",
    "/etc/localtime",
    "/etc/timezone",
    "/sys",
    "/proc",
    "/run/udev",
    "/dev/null",
    "/dev/urandom",
];
/// Terminals: asked for their size, set not to echo, written to.
const TERMINALS: [&str; 1] = ["/dev/tty"];
/// Most entries of a folder that are asked whether they are links.
const MAX_ENTRIES: usize = 100_000;

/// Lets only these be opened, by this thread and those it starts, or, where the kernel can do that, by every
/// thread; says the version of Landlock, or `None` if the kernel has none.
pub(super) fn guard(access: &Access) -> Result<Option<u32>, RulesetError> {
    let newest = ABI::V10;
    let all = AccessFs::from_all(newest);
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let write = read
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::Refer;
    let device: BitFlags<AccessFs> =
        AccessFs::ReadFile | AccessFs::ReadDir | AccessFs::WriteFile | AccessFs::IoctlDev;
    // The first version cannot move what was built beside its place into another folder: `recover
    // --to` would fail. There the files stay unguarded, and the level says so.
    let ports = access.connects.iter().map(std::net::SocketAddr::port);
    let ports = ports.map(|port| Ok(NetPort::new(port, AccessNet::ConnectTcp)));
    let mut created = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::Refer)?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .handle_access(AccessNet::from_all(newest))?
        .scope(Scope::from_all(newest))?
        .create()?
        .all_threads(true)?
        .add_rules(ports.collect::<Vec<Result<_, RulesetError>>>())?
        .add_rules(path_beneath_rules(ALWAYS, read))?
        .add_rules(path_beneath_rules(TERMINALS, device))?
        .add_rules(path_beneath_rules(&access.writes, write))?
        .add_rules(path_beneath_rules(&access.devices, device))?;
    let readable = read | AccessFs::IoctlDev;
    for path in &access.reads {
        created = created
            .add_rules(path_beneath_rules([path], readable))?
            .add_rules(path_beneath_rules(linked(Path::new(path)), readable))?;
    }
    let status = created.restrict_self()?;
    Ok(match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, _) => None,
        (_, LandlockStatus::Available { effective_abi, .. }) => Some(effective_abi as u32),
        _ => None,
    })
}

/// What the links of a folder lead to.
fn linked(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .take(MAX_ENTRIES)
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()))
        .filter_map(|entry| entry.path().canonicalize().ok())
        .collect()
}
