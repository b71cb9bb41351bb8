//! What an audit answers beside its sources.

use bitbox_backup::audit::{
    Across, CloneGroup, MissingReport, RegisterCounts, Skipped, Wallet, WalletCounts,
};
use bitbox_backup::report::Summary;
use serde::Serialize;

/// What shows across all cards.
#[derive(Debug, Serialize)]
pub(crate) struct AuditEnd<'a> {
    wallets: &'a [Wallet],
    clones: &'a [CloneGroup],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    skipped: &'a [Skipped],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    not_written: &'a [MissingReport],
    summary: AuditSummary<'a>,
}

#[derive(Debug, Serialize)]
struct AuditSummary<'a> {
    #[serde(flatten)]
    cards: &'a Summary,
    wallets: WalletCounts,
    #[serde(skip_serializing_if = "Option::is_none")]
    register: Option<RegisterCounts>,
}

impl<'a> AuditEnd<'a> {
    pub(crate) fn of(across: &'a Across) -> Self {
        Self {
            wallets: &across.wallets,
            clones: &across.clones,
            skipped: &across.skipped,
            not_written: &across.not_written,
            summary: AuditSummary {
                cards: &across.summary,
                wallets: across.wallet_counts,
                register: across.register,
            },
        }
    }
}
