//! The device's screen: what it showed, and what the person did.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use crate::core::{Shared, lock};
use crate::person::Reply;

/// One screen that was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Its kind.
    pub kind: Kind,
    /// Its title.
    pub title: String,
    /// The lines below the title.
    pub body: Vec<String>,
    /// What the person did.
    pub answer: Answer,
}

/// What kind of screen it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A question with a tick and a cross.
    Confirm,
    /// A question that is confirmed by a long touch.
    LongTouch,
    /// A password is to be entered.
    Password,
    /// A card is to be inserted.
    InsertCard,
    /// Good news, gone by itself.
    Success,
    /// Bad news, gone by itself.
    Failure,
}

/// What became of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is still there.
    Open,
    /// Confirmed; for a password, the right one.
    Confirmed,
    /// Rejected or cancelled.
    Rejected,
    /// A wrong password was entered.
    WrongPassword,
    /// A card was inserted.
    CardInserted,
    /// It went by itself.
    Gone,
    /// The operation was dropped while it was shown.
    Dropped,
}

/// Shows a screen and waits for the person.
pub(crate) async fn ask(shared: &Shared, kind: Kind, title: &str, body: &str) -> Answer {
    let open = Open::show(shared, kind, title, body);
    let (reply, polls) = lock(&shared.0).device.person.reply(title);
    if reply == Reply::Nothing {
        std::future::pending::<()>().await;
    }
    wait(polls).await;
    let answer = match (reply, kind) {
        (_, Kind::Success | Kind::Failure) => Answer::Gone,
        (Reply::Confirm, _) => Answer::Confirmed,
        (Reply::WrongPassword, Kind::Password) => Answer::WrongPassword,
        _ => Answer::Rejected,
    };
    open.close(answer);
    answer
}

/// Waits for a card, or for the person to cancel.
pub(crate) async fn ask_for_card(shared: &Shared) -> Answer {
    let title = "Insert microSD card";
    let open = Open::show(shared, Kind::InsertCard, title, "to continue");
    let (reply, polls) = lock(&shared.0).device.person.reply(title);
    if reply == Reply::Reject {
        wait(polls).await;
        open.close(Answer::Rejected);
        return Answer::Rejected;
    }
    poll_fn(|_| {
        if lock(&shared.0).device.slot.look() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    open.close(Answer::CardInserted);
    Answer::CardInserted
}

/// Says how it went.
pub(crate) async fn tell(shared: &Shared, success: bool, text: &str) {
    let kind = if success {
        Kind::Success
    } else {
        Kind::Failure
    };
    let (title, body) = text.split_once('\n').unwrap_or((text, ""));
    ask(shared, kind, title, body).await;
}

/// Lets the host poll so many times.
async fn wait(mut polls: u32) {
    poll_fn(|_| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls -= 1;
        Poll::Pending
    })
    .await;
}

/// A screen that is there; when it is dropped before an answer, the record says so.
struct Open {
    screens: Arc<Mutex<Vec<Screen>>>,
    index: usize,
}

impl Open {
    fn show(shared: &Shared, kind: Kind, title: &str, body: &str) -> Self {
        let screens = Arc::clone(&shared.1);
        let mut shown = lock(&screens);
        shown.push(Screen {
            kind,
            title: title.to_owned(),
            body: body.lines().map(str::to_owned).collect(),
            answer: Answer::Open,
        });
        let index = shown.len() - 1;
        drop(shown);
        Self { screens, index }
    }

    fn close(&self, answer: Answer) {
        lock(&self.screens)[self.index].answer = answer;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut screens = lock(&self.screens);
        let answer = &mut screens[self.index].answer;
        if *answer == Answer::Open {
            *answer = Answer::Dropped;
        }
    }
}
