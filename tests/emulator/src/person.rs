//! Who stands before the device.

use std::collections::VecDeque;

/// What a person does at each screen.
#[derive(Clone, Debug, Default)]
pub struct Person {
    replies: VecDeque<(String, Reply, u32)>,
    pause: u32,
}

/// What a person does at one screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Confirms, or enters the right password.
    Confirm,
    /// Rejects or cancels.
    Reject,
    /// Enters a wrong password; elsewhere the same as `Reject`.
    WrongPassword,
    /// Does nothing, ever.
    Nothing,
}

impl Person {
    /// One who confirms everything at once and knows the password.
    pub fn obliging() -> Self {
        Self::default()
    }

    /// Does this the next time a screen has this title; the times after that, what is said next for
    /// that title, and then confirms.
    #[must_use]
    pub fn at(self, title: &str, reply: Reply) -> Self {
        self.at_after(title, reply, 0)
    }

    /// The same, but only after the host has polled so many times.
    #[must_use]
    pub fn at_after(mut self, title: &str, reply: Reply, polls: u32) -> Self {
        self.replies.push_back((title.to_owned(), reply, polls));
        self
    }

    /// Takes so many polls of the host at every screen for which nothing else is said.
    #[must_use]
    pub fn slow(mut self, polls: u32) -> Self {
        self.pause = polls;
        self
    }

    /// The reply to a screen with this title, and after how many polls.
    pub(crate) fn reply(&mut self, title: &str) -> (Reply, u32) {
        let place = self.replies.iter().position(|(of, ..)| of == title);
        match place.and_then(|place| self.replies.remove(place)) {
            Some((_, reply, polls)) => (reply, polls),
            None => (Reply::Confirm, self.pause),
        }
    }
}
