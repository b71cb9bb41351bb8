//! Root's rights, which card readers often need to be opened and nothing else does.

use std::path::Path;

use super::policy::Access;
use super::privilege::{Caller, Keep, Privilege, give_up as gave_up};
use anyhow::anyhow;
use bitbox_backup::image;

/// Opens the devices among the sources and gives up what root may do more than its caller; says what
/// became of it.
pub(super) fn give_up(access: &Access, returns: bool) -> anyhow::Result<String> {
    if !rustix::process::geteuid().is_root() {
        return Ok(String::new());
    }
    let caller = caller();
    // The node of a reader goes with its card, and the next one must be opened too.
    if !returns {
        // Files are opened as the caller. What cannot be opened is said where it is to be read.
        for path in access.sources() {
            let _ = image::hold(path);
        }
    }
    let keep = match caller {
        Some(_) => Keep {
            reading: returns,
            writing: false,
        },
        None => Keep {
            reading: true,
            writing: access.writes(),
        },
    };
    let became = gave_up(caller, keep)
        .map_err(|error| anyhow!("{error}\nrun the program as yourself, or say --no-sandbox"))?;
    Ok(match became {
        Privilege::Never => String::new(),
        Privilege::Caller(caller, keep) => {
            let rest = if keep.reading {
                ", may open any reader"
            } else {
                ""
            };
            format!("user {}{rest}", caller.user)
        }
        Privilege::Owner(keep) => {
            let rest = if keep.writing { " and write" } else { "" };
            format!("root, with no privilege but to read{rest} files")
        }
    })
}

/// Who asked sudo or pkexec for this program.
fn caller() -> Option<Caller> {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
    if let (Some(user), Some(group)) = (number("SUDO_UID"), number("SUDO_GID")) {
        return Some(Caller { user, group }).filter(|caller| caller.user != 0);
    }
    let user = number("PKEXEC_UID").filter(|user| *user != 0)?;
    // pkexec says no group: the user's own, or none that is known.
    const NOGROUP: u32 = 65_534;
    let group = group_of(user, Path::new("/etc/passwd")).unwrap_or(NOGROUP);
    Some(Caller { user, group })
}

/// The group of a user: `name:password:user:group:…` a line.
fn group_of(user: u32, passwd: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(passwd).ok()?;
    text.lines().find_map(|line| {
        let mut fields = line.split(':').skip(2);
        let found = fields.next()?.parse::<u32>().ok()?;
        let group = fields.next()?.parse().ok()?;
        (found == user).then_some(group)
    })
}
