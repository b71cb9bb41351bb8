//! The operations of docs/device.md 4: one payload in, one out.

use crate::core::{Shared, State, lock};
use crate::device::Wallet;
use crate::noise::Noise;
use crate::request;
use crate::screen::{Answer, Kind, ask, tell};

const SUCCESS: u8 = 0;
const FAILURE: u8 = 1;
const UNINITIALIZED: u8 = 2;

/// Carries an operation out; the answer is without the HWW status.
pub(crate) async fn process(shared: Shared, payload: Vec<u8>) -> Vec<u8> {
    let answer = match payload.split_first() {
        Some((b'u', [])) => return vec![unlock(&shared).await],
        Some((b'a', challenge)) => return lock(&shared.0).device.attestation.answer(challenge),
        Some((b'h', [])) => Some(begin(&shared)),
        Some((b'H', message)) => shake(&shared, message),
        Some((b'v', [])) => verify(&shared).await,
        Some((b'n', message)) => encrypted(&shared, message).await,
        _ => None,
    };
    match answer {
        Some(answer) => [&[SUCCESS], &*answer].concat(),
        None => vec![FAILURE],
    }
}

/// Asks for the password until it is right.
async fn unlock(shared: &Shared) -> u8 {
    let (initialized, locked) = {
        let state = lock(&shared.0);
        (state.device.wallet.is_initialized(), state.device.locked)
    };
    if !initialized {
        return UNINITIALIZED;
    }
    if !locked {
        return SUCCESS;
    }
    while enter_password(shared, "Enter password").await != Answer::Confirmed {}
    ask_for_passphrase(shared).await;
    lock(&shared.0).device.locked = false;
    SUCCESS
}

/// One attempt at the password; the last wrong one wipes the device.
pub(crate) async fn enter_password(shared: &Shared, title: &str) -> Answer {
    let answer = ask(shared, Kind::Password, title, "").await;
    let remaining = {
        let device = &mut lock(&shared.0).device;
        match answer {
            Answer::Confirmed => {
                device.attempts = 10;
                return answer;
            }
            Answer::WrongPassword => device.attempts = device.attempts.saturating_sub(1),
            _ => return answer,
        }
        device.attempts
    };
    if remaining == 0 {
        wipe(&mut lock(&shared.0));
        std::future::pending::<()>().await;
    }
    let tries = match remaining {
        1 => "1 try remains".into(),
        n => format!("{n} tries remain"),
    };
    tell(shared, false, &format!("Wrong password\n{tries}")).await;
    answer
}

/// The device forgets its wallet and restarts.
fn wipe(state: &mut State) {
    state.device.wallet = Wallet::Uninitialized;
    state.device.locked = false;
    state.off = true;
}

async fn ask_for_passphrase(shared: &Shared) {
    let passphrase = lock(&shared.0).device.wallet.passphrase().map(String::from);
    let Some(passphrase) = passphrase else {
        return;
    };
    loop {
        ask(shared, Kind::Password, "Optional passphrase", "").await;
        if passphrase.is_empty() {
            return;
        }
        let notice = "You will be asked to\nvisually confirm your\npassphrase now.";
        let noticed = ask(shared, Kind::Confirm, "", notice).await;
        if noticed == Answer::Confirmed
            && ask(shared, Kind::LongTouch, "Confirm", &passphrase).await == Answer::Confirmed
        {
            return;
        }
        tell(shared, false, "Please try again").await;
    }
}

fn begin(shared: &Shared) -> Vec<u8> {
    let mut state = lock(&shared.0);
    state.noise = Noise::begin(&state.device.key);
    Vec::new()
}

fn shake(shared: &Shared, message: &[u8]) -> Option<Vec<u8>> {
    let state = &mut *lock(&shared.0);
    let answer = state.noise.step(message)?;
    let Some(channel) = state.noise.channel() else {
        return Some(answer);
    };
    channel.verified = state.device.bluetooth || state.device.hosts.contains(&channel.host);
    Some(vec![u8::from(!channel.verified)])
}

async fn verify(shared: &Shared) -> Option<Vec<u8>> {
    let code = lock(&shared.0).noise.channel()?.code();
    let answer = ask(shared, Kind::Confirm, "Pairing code", &code).await;
    let state = &mut *lock(&shared.0);
    if answer != Answer::Confirmed {
        state.noise = Noise::Nothing;
        return None;
    }
    let channel = state.noise.channel()?;
    channel.verified = true;
    if !state.device.hosts.contains(&channel.host) {
        state.device.hosts.push(channel.host);
    }
    Some(Vec::new())
}

async fn encrypted(shared: &Shared, message: &[u8]) -> Option<Vec<u8>> {
    let request = {
        let mut state = lock(&shared.0);
        let channel = state.noise.channel().filter(|channel| channel.verified)?;
        channel.decrypt(message)?
    };
    let response = request::process(shared, &request).await;
    let state = &mut *lock(&shared.0);
    let response = state.put_words_into_its_mouth().unwrap_or(response);
    Some(state.noise.channel()?.encrypt(&response))
}
