//! Words and numbers as people read them: nothing here knows a card or a secret.

mod escape;
mod plural;
mod quote;
mod shorten;
mod stem;
mod time;

pub use escape::{escape, path_text};
pub use plural::{bytes, plural};
pub use quote::quoted;
pub use shorten::{short_id, shorten, unique_digits};
pub use stem::stem;
pub use time::{day, exact, made, rfc3339};
