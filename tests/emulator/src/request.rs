//! The requests of docs/device.md 5.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use witness::Failure;

use crate::backup::{self, Contents, backup_id};
use crate::card::{Reached, Slot};
use crate::core::{Event, Shared, lock};
use crate::device::{Device, Wallet};
use crate::operation::enter_password;
use crate::screen::{Answer, Kind, ask, ask_for_card, tell};
use crate::wire::{self, Field};

const INVALID_INPUT: u32 = 101;
const GENERIC: u32 = 103;
const USER_ABORT: u32 = 104;
const INVALID_STATE: u32 = 105;
const DISABLED: u32 = 106;

/// Requests by number and name.
const NAMES: [(u32, &str); 11] = [
    (2, "device_name"),
    (4, "device_info"),
    (5, "set_password"),
    (6, "create_backup"),
    (12, "insert_remove_sdcard"),
    (13, "check_sdcard"),
    (15, "list_backups"),
    (16, "restore_backup"),
    (19, "check_backup"),
    (22, "restore_from_mnemonic"),
    (24, "fingerprint"),
];

/// The response to a request, or the code of an error.
type Answered = Result<Vec<u8>, u32>;

/// Carries a request out.
pub(crate) async fn process(shared: &Shared, request: &[u8]) -> Vec<u8> {
    match carry_out(shared, request).await {
        Ok(response) => response,
        Err(code) => wire::error(code, message(code)),
    }
}

/// What the firmware says to each code.
fn message(code: u32) -> &'static str {
    match code {
        INVALID_INPUT => "invalid input",
        GENERIC => "generic error",
        USER_ABORT => "aborted by the user",
        INVALID_STATE => "can't call this endpoint: wrong state",
        _ => "disabled",
    }
}

async fn carry_out(shared: &Shared, request: &[u8]) -> Answered {
    let fields = wire::fields(request).ok_or(INVALID_INPUT)?;
    let Some(Field::Bytes(number, content)) = fields.last() else {
        return Err(INVALID_INPUT);
    };
    let content = wire::fields(content).ok_or(INVALID_INPUT)?;
    let named = NAMES.iter().find(|(of, _)| of == number);
    let name = named.map_or("other", |(_, name)| name);
    {
        let mut state = lock(&shared.0);
        state.request = Some(name);
        state.events.push(Event::Request(name));
        if !may_call(&state.device, name) {
            return Err(INVALID_STATE);
        }
    }
    match name {
        "device_info" => Ok(device_info(&lock(&shared.0).device)),
        "check_sdcard" => Ok(wire::check_sdcard(lock(&shared.0).device.slot.look())),
        "insert_remove_sdcard" => insert(shared, wire::number_of(&content, 1) == 1).await,
        "list_backups" => list(shared).await,
        "check_backup" => check(shared, wire::number_of(&content, 1) != 0).await,
        "create_backup" => {
            let timestamp = wire::number_of(&content, 1) as u32;
            let offset = wire::number_of(&content, 2) as i32;
            create(shared, timestamp, offset).await
        }
        "fingerprint" => {
            let fingerprint = lock(&shared.0).device.wallet.fingerprint();
            Ok(wire::fingerprint(&fingerprint.ok_or(GENERIC)?))
        }
        _ => Err(DISABLED), // not emulated
    }
}

/// The states of docs/device.md 5.2.
fn may_call(device: &Device, request: &str) -> bool {
    let (uninitialized, seeded, open) = match &device.wallet {
        Wallet::Uninitialized => (true, false, false),
        Wallet::Seeded { .. } => (false, true, false),
        Wallet::Initialized { .. } => (false, false, !device.locked),
    };
    match request {
        "check_backup" | "fingerprint" => open,
        "create_backup" => seeded || open,
        "set_password" | "restore_backup" | "restore_from_mnemonic" => uninitialized || seeded,
        _ => uninitialized || seeded || open,
    }
}

fn device_info(device: &Device) -> Vec<u8> {
    let chip = match device.platform {
        crate::Platform::BitBox02 => "ATECC608B",
        crate::Platform::Nova => "OPTIGA_TRUST_M_V3",
    };
    let fields = [
        wire::text(1, &device.name),
        wire::number(2, u64::from(device.wallet.is_initialized())),
        wire::text(3, &device.version),
        wire::number(4, u64::from(device.wallet.passphrase().is_some())),
        wire::number(5, 730),
        wire::text(6, chip),
    ];
    wire::bytes(4, &fields.concat())
}

async fn insert(shared: &Shared, insert: bool) -> Answered {
    let needed = insert && !lock(&shared.0).device.slot.look();
    if needed && ask_for_card(shared).await == Answer::Rejected {
        return Err(USER_ABORT);
    }
    Ok(wire::success())
}

async fn list(shared: &Shared) -> Answered {
    let answer = {
        let mut state = lock(&shared.0);
        let card = state.device.slot.inserted().ok_or(GENERIC)?;
        witness::list_backups(&Reached::new(card))
    };
    match answer {
        witness::Answer::Error => Err(GENERIC),
        witness::Answer::Crash => crash(shared).await,
        witness::Answer::Ok(list) => Ok(wire::list_backups(
            list.iter().map(|one| (&*one.id, one.timestamp, &*one.name)),
        )),
    }
}

/// The device panics, and is gone until it is plugged in again.
async fn crash(shared: &Shared) -> ! {
    lock(&shared.0).off = true;
    std::future::pending().await
}

async fn check(shared: &Shared, silent: bool) -> Answered {
    let (seed, id, loaded) = {
        let mut state = lock(&shared.0);
        let seed = state.device.wallet.seed().ok_or(GENERIC)?.to_vec();
        let card = state.device.slot.inserted().ok_or(INVALID_INPUT)?;
        let id = backup_id(&seed);
        let loaded = witness::load(&Reached::new(card), &id);
        (seed, id, loaded)
    };
    let backup = match loaded {
        Ok(backup) => backup,
        Err(Failure::Refused) => return Err(GENERIC),
        Err(Failure::Panic) => crash(shared).await,
    };
    if backup.seed != seed {
        if !silent {
            tell(shared, false, "Backup missing\nor invalid").await;
        }
        return Err(GENERIC);
    }
    if !silent {
        confirm(shared, Kind::Confirm, "Name?", &backup.name).await?;
        confirm(shared, Kind::Confirm, "ID?", &id).await?;
        tell(shared, true, "Backup valid").await;
    }
    Ok(wire::check_backup(&id))
}

async fn confirm(shared: &Shared, kind: Kind, title: &str, body: &str) -> Result<(), u32> {
    match ask(shared, kind, title, body).await {
        Answer::Confirmed => Ok(()),
        _ => Err(USER_ABORT),
    }
}

async fn create(shared: &Shared, timestamp: u32, offset: i32) -> Answered {
    let today = date(timestamp, offset).ok_or(INVALID_INPUT)?;
    confirm(shared, Kind::Confirm, "Is today?", &today).await?;
    if lock(&shared.0).device.is_at_least([9, 26, 3]) {
        confirm(shared, Kind::LongTouch, "Create backup?", "").await?;
    }
    insert(shared, true).await?;
    if lock(&shared.0).device.wallet.is_initialized() {
        match enter_password(shared, "Unlock device").await {
            Answer::Confirmed => {}
            Answer::WrongPassword => return Err(GENERIC),
            _ => return Err(USER_ABORT),
        }
    }
    match write(shared, timestamp) {
        Err(Failure::Panic) => crash(shared).await,
        Err(Failure::Refused) => Err(GENERIC),
        Ok(Ok(())) => {
            tell(shared, true, "Backup created").await;
            Ok(wire::success())
        }
        Ok(Err(why)) => {
            let said = format!("Backup not created\nPlease contact\nsupport ({why:?})");
            tell(shared, false, &said).await;
            Err(GENERIC)
        }
    }
}

/// Writes the backup; `Failure::Panic` is the end of the device, also by a power cut.
fn write(shared: &Shared, timestamp: u32) -> Result<Result<(), backup::NotCreated>, Failure> {
    let device = &mut lock(&shared.0).device;
    let initialized = device.wallet.is_initialized();
    let seed = device.wallet.seed().ok_or(Failure::Refused)?.to_vec();
    let card = device.slot.inserted().ok_or(Failure::Refused)?;
    let reached = Reached::new(card);
    let birthdate = if initialized {
        match witness::load(&reached, &backup_id(&seed)) {
            Ok(old) => old.birthdate,
            Err(Failure::Refused) => 0,
            Err(Failure::Panic) => return Err(Failure::Panic),
        }
    } else {
        timestamp
    };
    let contents = Contents {
        seed: &seed,
        name: &device.name,
        timestamp,
        birthdate,
        generator: &device.version,
    };
    let created = backup::create(&reached, &contents);
    if card.is_cut() {
        return Err(Failure::Panic);
    }
    if card.is_pulled() {
        device.slot = Slot::Empty;
    }
    if created.is_ok() && !initialized {
        device.wallet = Wallet::initialized(&seed);
        device.locked = false;
    }
    Ok(created)
}

/// The date there, if the offset is one that exists.
fn date(timestamp: u32, offset: i32) -> Option<String> {
    if !(-43_200..=50_400).contains(&offset) {
        return None;
    }
    let zone = TimeZone::fixed(Offset::from_seconds(offset).ok()?);
    let time = Timestamp::from_second(i64::from(timestamp)).ok()?;
    Some(time.to_zoned(zone).strftime("%a %Y-%m-%d").to_string())
}
