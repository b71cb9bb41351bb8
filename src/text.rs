//! Words and numbers as people read them: nothing here knows a card or a secret.

mod plural;
mod time;

pub use plural::plural;
pub use time::{exact, rfc3339};
