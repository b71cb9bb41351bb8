//! What the page in `web/page` asks of the library: cards examined, the report of them, what can be recovered.
//!
//! It runs as WebAssembly in a worker of a browser, which has no files and no threads: every read is a call of
//! [`readAt`](browser). The words of the report are the program's own, from the same files.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::indexing_slicing))]

pub mod browser;
pub mod cards;
mod output;
mod privacy;
pub mod recovery;
pub mod report;

/// What the program answers, as far as the page answers the same.
#[allow(dead_code)]
#[path = "../../src/bin/bitbox-backup/answers"]
mod answers {
    mod audit;
    mod head;
    mod outcome;

    pub(crate) use audit::AuditEnd;
    pub(crate) use head::{Answer, Examined};
    pub(crate) use outcome::Outcome;
}

/// How the program writes it, which has more forms than the page.
#[allow(dead_code)]
#[path = "../../src/bin/bitbox-backup/render"]
mod render {
    pub(crate) mod html;
    mod mark;
    pub(crate) mod phrase;
    mod report;

    pub(crate) mod json {
        mod lines;
        mod sources;

        pub(crate) use lines::bytes;
        pub(crate) use sources::Sources;
    }
    pub(crate) mod text {
        pub(crate) mod proof;
    }

    pub(crate) use report::Report;
}

/// What the program advises; the page words one card after the other.
#[allow(dead_code)]
#[path = "../../src/bin/bitbox-backup"]
mod program {
    pub(crate) mod advice;
}

pub(crate) use program::advice;
