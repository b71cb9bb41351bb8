//! What is wrong with a device, and what to do about it.

use anyhow::anyhow;
use bitbox_backup::device::{
    ApiCode, ClaimError, DeviceKind, Error, ErrorFrame, ExchangeError, Failure, FoundDevice,
    FrameError, InfoError, OpenError, PairingError, Step, TransportError,
};
use bitbox_backup::text::escape;

use crate::exit::Refused;
use crate::privacy;
use crate::terminal::Unanswered;

/// The rule that lets the user at the machine talk to a BitBox02; also in packaging/.
const UDEV_RULE: &str = include_str!("../../../../../packaging/53-bitbox02.rules");

const REPLUG: &str = "unplug the BitBox, plug it in again, and run this again";
const CLOSE_OTHERS: &str =
    "close the BitBoxApp, the browser and other programs that use the BitBox, and run this again";

const NOT_LIKE_ONE: &str =
    "the device does not answer like a BitBox02: plug it in again; if it stays so, do not trust it";

/// What a card that crashes the device looks like from here.
const VANISHED: &str = "the wallet in the BitBox is not affected; unless the cable was pulled, something on this card crashes the BitBox\n\
     take the card out, plug the BitBox in again, put the card into a card reader, and run `bitbox-backup list CARD`: it names the cause";

pub(in crate::commands) fn open(error: &OpenError) -> anyhow::Error {
    if let OpenError::Claim(ClaimError::System { path, .. }) = error {
        privacy::learn_places([path]);
    }
    let hint = match error {
        OpenError::None => {
            "plug it in and wait until it has started; a simulator is reached by --device tcp://127.0.0.1:15423"
                .to_owned()
        }
        OpenError::Several(found) => format!("choose one with --device:{}", list(found)),
        OpenError::NotThere { found, .. } if found.is_empty() => "plug it in".to_owned(),
        OpenError::NotThere { found, .. } => format!("there are:{}", list(found)),
        OpenError::Bootloader(_) => {
            "unplug it, plug it in again and let it start its firmware; the BitBoxApp installs one".to_owned()
        }
        OpenError::Permission(_) => permission(),
        OpenError::Claim(ClaimError::InUse(_)) => {
            "wait until it ends, or end it, and run this again".to_owned()
        }
        OpenError::Claim(ClaimError::System { .. }) => {
            "give this user access to that file or folder".to_owned()
        }
        OpenError::List => "check whether this user may use USB devices at all".to_owned(),
        OpenError::System { address, .. } if address.starts_with("tcp:") => {
            "start the simulator, or give the port it listens at".to_owned()
        }
        OpenError::NoHost(_) => "give a name or an IP address of this machine".to_owned(),
        OpenError::Remote(_) => {
            "a BitBox belongs on a cable: only with --remote is one on another machine used".to_owned()
        }
        _ => REPLUG.to_owned(),
    };
    anyhow!("{}\n{hint}", escape(&error.to_string()))
}

/// The devices there are, one a line.
fn list(found: &[FoundDevice]) -> String {
    let line = |one: &FoundDevice| {
        let mode = match one.kind {
            DeviceKind::Firmware => "",
            DeviceKind::Bootloader => ", in bootloader mode",
        };
        let version = one.version.as_deref().map(escape).unwrap_or_default();
        let (path, product) = (escape(&one.path), one.product);
        format!("\n  --device hid:{path}   {product} {version}{mode}")
    };
    found.iter().map(line).collect()
}

fn permission() -> String {
    let rule = UDEV_RULE.lines().filter(|line| !line.starts_with('#'));
    let rule: String = rule.map(|line| format!("\n  {line}")).collect();
    format!(
        "let the user at this machine use it: write these lines to /etc/udev/rules.d/53-bitbox02.rules,\n\
         run `udevadm control --reload`, and plug the BitBox in again:{rule}"
    )
}

/// Why the keys cannot be used.
pub(super) fn keys(error: &PairingError) -> anyhow::Error {
    if let PairingError::System { path, .. }
    | PairingError::Open(path)
    | PairingError::Foreign(path) = error
    {
        privacy::learn_places([path]);
    }
    let hint = match error {
        PairingError::NoPlace => "set XDG_CONFIG_HOME to a folder of yours",
        PairingError::Open(_) => {
            "its key may be known to others: run `bitbox-backup device unpair`, make the folder yours alone (chmod 700), and pair again"
        }
        PairingError::Foreign(_) => {
            "move it away, or run `bitbox-backup device unpair`, and pair again"
        }
        PairingError::Random => "run this on a system that has finished booting",
        _ => "give this user access to it, or set XDG_CONFIG_HOME to another folder",
    };
    anyhow!("{error}\n{hint}")
}

/// Why the device did not do something. What the person or the device refused is told apart.
pub(in crate::commands) fn of(error: &Error) -> anyhow::Error {
    if error.is_stopped() {
        return Unanswered::Interrupted.into();
    }
    match error {
        Error::Keys(error) => keys(error),
        Error::Step {
            failure: Failure::Refused | Failure::Api(_),
            ..
        } => Refused::error(&error.to_string(), hint(error)),
        error => anyhow!("{error}\n{}", hint(error)),
    }
}

/// Whether the device stopped to answer when all that was asked for was its card: a card that crashes it
/// does that.
pub(super) fn vanished_at_the_card(error: &Error) -> bool {
    matches!(
        error,
        Error::Step {
            step: Step::List | Step::Check,
            failure: Failure::Exchange(
                ExchangeError::Transport(TransportError::Gone)
                    | ExchangeError::Silent(_)
                    | ExchangeError::Cut { .. }
            ),
        }
    )
}

/// Whether the device is gone, as opposed to one that is silent or answers something else.
pub(super) fn is_gone(error: &Error) -> bool {
    matches!(
        error.exchange(),
        Some(ExchangeError::Transport(TransportError::Gone))
    )
}

fn hint(error: &Error) -> &'static str {
    match error {
        error if vanished_at_the_card(error) => VANISHED,
        Error::Bootloader => {
            "unplug it, plug it in again and let it start its firmware; the BitBoxApp installs one"
        }
        Error::Info(InfoError::TooOld(_)) => "update the firmware with the BitBoxApp",
        Error::Info(InfoError::TooNew(_)) => "update this program",
        Error::Info(InfoError::Platform(_) | InfoError::Edition(_)) => {
            "update this program; if there is no newer one, report it"
        }
        Error::Info(_) => "check whether a BitBox02 is at this address, and plug it in again",
        Error::Step { step, failure } => match failure {
            Failure::Exchange(error) => exchange(error),
            Failure::Refused => refused(*step),
            Failure::Api(code) => api(*step, *code),
            Failure::Handshake | Failure::Garbled => {
                "the connection was disturbed, or another program used the BitBox at the same time: \
                 close other programs, plug the BitBox in again, and run this again"
            }
            Failure::Random => "run this on a system that has finished booting",
            _ => NOT_LIKE_ONE,
        },
        _ => NOT_LIKE_ONE,
    }
}

fn exchange(error: &ExchangeError) -> &'static str {
    match error {
        ExchangeError::Transport(TransportError::Gone) => {
            "plug the BitBox in again and run this again"
        }
        ExchangeError::Frame(FrameError::Reported(
            ErrorFrame::COMMAND | ErrorFrame::PARAMETER | ErrorFrame::LENGTH,
        )) => REPLUG,
        ExchangeError::Frame(_) | ExchangeError::Flood(_) => CLOSE_OTHERS,
        ExchangeError::Dropped => {
            "it was asked too late, or something else took its screen: run this again"
        }
        ExchangeError::Busy(_) => {
            "finish or cancel what is on its screen, close other programs that use it, and run this again"
        }
        ExchangeError::Late(_) => {
            "it still waits: finish or cancel what is on its screen, and run this again"
        }
        _ => REPLUG,
    }
}

fn refused(step: Step) -> &'static str {
    match step {
        Step::Pairing => {
            "the code was rejected on the BitBox: nothing was stored; run this again and compare the codes"
        }
        Step::Unlock => "it stays locked: run this again and enter its password",
        Step::Handshake => {
            "run this again; if it stays so, run `bitbox-backup device unpair` and pair again"
        }
        _ => REPLUG,
    }
}

fn api(step: Step, code: ApiCode) -> &'static str {
    match code {
        ApiCode::INVALID_INPUT if step == Step::Create => {
            "check the clock and the time zone of this computer, and run this again"
        }
        ApiCode::INVALID_INPUT if step == Step::Check => {
            "check whether the card is in the BitBox, and run this again"
        }
        ApiCode::GENERIC if matches!(step, Step::List | Step::Check) => {
            "the BitBox cannot read this card, which says nothing about what is on it: put it into a card reader, and run \
             `bitbox-backup list CARD`"
        }
        ApiCode::USER_ABORT => "run this again and confirm on the device",
        ApiCode::INVALID_STATE => {
            "set the device up first: it holds no wallet, or one that was never backed up"
        }
        ApiCode::DISABLED => {
            "switch it on in the device's settings, or use another edition of the firmware"
        }
        ApiCode::NOISE_ENCRYPT | ApiCode::NOISE_DECRYPT => {
            "plug the BitBox in again and run this again"
        }
        _ => REPLUG,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, kind: DeviceKind) -> FoundDevice {
        FoundDevice {
            path: path.to_owned(),
            product: "BitBox02",
            kind,
            version: Some("v9.27.0\x1b[31m".to_owned()),
        }
    }

    #[test]
    fn without_permission_the_rule_is_printed() {
        let path = "/dev/hidraw0".to_owned();
        let text = open(&OpenError::Permission(path)).to_string();
        assert!(text.starts_with("/dev/hidraw0: no permission to talk to the device\n"));
        assert!(text.contains("/etc/udev/rules.d/53-bitbox02.rules"));
        assert!(text.contains(
            "\n  KERNEL==\"hidraw*\", SUBSYSTEM==\"hidraw\", ATTRS{idVendor}==\"03eb\", ATTRS{idProduct}==\"2403\", TAG+=\"uaccess\""
        ));
        assert!(!text.contains('#'));
    }

    #[test]
    fn of_several_devices_each_is_named() {
        let all = vec![
            found("/dev/hidraw1", DeviceKind::Firmware),
            found("/dev/hidraw4", DeviceKind::Bootloader),
        ];
        let text = open(&OpenError::Several(all)).to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "several BitBox devices are connected",
                "choose one with --device:",
                "  --device hid:/dev/hidraw1   BitBox02 v9.27.0\\x1b[31m",
                "  --device hid:/dev/hidraw4   BitBox02 v9.27.0\\x1b[31m, in bootloader mode",
            ]
        );
    }

    #[test]
    fn a_bootloader_is_told_from_a_firmware() {
        let path = "/dev/hidraw0".to_owned();
        let text = open(&OpenError::Bootloader(path)).to_string();
        assert!(text.contains("is in bootloader mode\nunplug it"));
    }
}
