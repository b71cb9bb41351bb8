//! What is wrong with the copies of a backup, whoever looks.

use super::backup::{Backup, State};
use super::folder_contents::is_unwritten;
use super::hidden::ListedBy;
use crate::backup::{CheckError, Method};
use crate::catalogue::{BackupCopy, Catalogue, CopyState, Facts, Health, Origin};
use crate::finding::{Finding, Rule, Severity};
use crate::firmware::Winner;
use crate::text::plural;

pub(super) fn health(catalogue: &Catalogue, backup: &mut Backup, listed: Option<ListedBy>) {
    let mut findings: Vec<Finding> = of_state(catalogue, backup).into_iter().collect();
    findings.extend(listed.and_then(of_listed));
    let repaired = backup.repaired.filter(|_| listed.is_none());
    findings.extend(repaired.map(of_method));
    for (index, copy) in backup.copies_in(catalogue) {
        if backup.begun.is_none() || !is_unwritten(catalogue, index) {
            findings.extend(of_copy(catalogue, copy));
        }
    }
    for (_, copy) in backup.copies_in(catalogue) {
        if let Some(facts) = &copy.facts {
            findings.extend(of_facts(facts));
            break;
        }
    }
    let seeds = findings.iter_mut();
    // Nobody counts on what is deleted.
    for one in seeds.filter(|one| backup.state.is_trace() && one.rule == Rule::UnusualSeed) {
        one.severity = Severity::Warning;
    }
    backup.findings = findings;
}

/// What a state that is none of a whole backup means for it.
fn of_state(catalogue: &Catalogue, backup: &Backup) -> Option<Finding> {
    let files = plural(backup.copies.len(), "file", "files");
    let (rule, message) = match backup.state {
        State::Deleted => {
            let is_read = |(_, copy): (_, &BackupCopy)| copy.state != CopyState::Unreadable;
            let message = match backup.copies_in(catalogue).any(is_read) {
                true => format!("the contents of {files} are still on the card"),
                false => format!(
                    "{} deleted, and what was in them cannot be read",
                    plural(backup.copies.len(), "file was", "files were")
                ),
            };
            (Rule::DeletedBackup, message)
        }
        State::Erased => (
            Rule::ErasedBackup,
            format!("{files}, overwritten with 0xAC by the BitBox"),
        ),
        State::Damaged => (Rule::Damaged, damaged_message(catalogue, backup)),
        State::Lost => (Rule::Lost, lost_message(catalogue, backup).to_owned()),
        State::Healthy | State::Degraded | State::Hidden => return None,
    };
    let mut copies = backup.copies_in(catalogue);
    let first = copies.find_map(|(_, copy)| copy.extents.first());
    let folder = || catalogue.nodes.get(backup.unread_folder?)?.offset();
    let offset = first.map(|extent| extent.offset).or_else(folder);
    Some(Finding::new(rule, message, offset))
}

/// What is not as it should be with a backup that the device lists.
fn of_listed(listed: ListedBy) -> Option<Finding> {
    let whole = listed.whole;
    match listed.winner {
        Winner::Vote => Some(Finding::new(
            Rule::ListedByVote,
            "no copy is intact; only the majority of the three gives the backup",
            None,
        )),
        Winner::Copy(_) if whole < 3 => {
            let are = if whole == 1 { "is" } else { "are" };
            let message = format!("{whole} of 3 copies {are} intact");
            Some(Finding::new(Rule::FewerCopies, message, None))
        }
        Winner::Copy(_) => None,
    }
}

/// How a backup that the device does not list was proved.
fn of_method(method: Method) -> Finding {
    let how = match method {
        Method::Vote => "the majority of the three copies has the right checksum",
        Method::Splice => "intact fields from several copies together have the right checksum",
        Method::SeedById => {
            "a copy still holds the seed, which the ID in a name on the card proves"
        }
        Method::Copy => "a copy is intact",
        Method::Align => "the aligned copies have the right checksum",
        Method::Likeliest => "the likeliest bits of the damaged copies are proved",
        Method::Search => "the damaged bits were found by search, and the result is proved",
    };
    Finding::new(Rule::Repairable, how, None)
}

/// What is unusual in the fields of a whole copy.
fn of_facts(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    if facts.length_fits_generator == Some(false) {
        let (length, generator) = (facts.length, &facts.generator);
        let message = format!("the length field is {length}, which {generator} does not write");
        findings.push(Finding::new(Rule::LengthField, message, None));
    }
    if !matches!(facts.seed_length, 16 | 24 | 32) {
        let message = format!("the seed is {} bytes long", facts.seed_length);
        findings.push(Finding::new(Rule::UnusualSeed, message, None));
    }
    findings
}

fn lost_message(catalogue: &Catalogue, backup: &Backup) -> &'static str {
    let mut copies = backup.copies_in(catalogue);
    if copies.all(|(_, copy)| copy.health == Health::Empty) {
        "a backup was begun and nothing of it was written: its files are empty"
    } else {
        "no byte of the seed remains in its files"
    }
}

fn damaged_message(catalogue: &Catalogue, backup: &Backup) -> String {
    let folder = backup.unread_folder;
    if let Some(folder) = folder.and_then(|node| catalogue.nodes.get(node)) {
        let path = &folder.path;
        return format!("its folder {path} could not be read: what is in it is not known");
    }
    let unreadable = backup.count(catalogue, true, CopyState::Unreadable);
    let damaged = backup.count(catalogue, true, CopyState::Damaged);
    format!(
        "{} damaged and {unreadable} unreadable; none of them and no combination is proved",
        plural(damaged, "copy", "copies")
    )
}

fn of_copy(catalogue: &Catalogue, copy: &BackupCopy) -> Option<Finding> {
    let node = catalogue.nodes.get(copy.node)?;
    let offset = copy.extents.first().map(|extent| extent.offset);
    if let Some(form) = copy.form {
        let message = format!("{} holds the copy as {}", node.name, form.as_str());
        return Some(Finding::new(Rule::CopyInText, message, offset));
    }
    if let Some(size) = catalogue.other_size(copy) {
        let message = format!(
            "{} holds an intact copy of {} bytes, but its directory entry says {size}",
            node.name, copy.size
        );
        let finding = Finding::new(Rule::CopySizeDiffers, message, offset);
        return Some(finding.at(Severity::Warning));
    }
    if copy.state == CopyState::Valid {
        let (_, folder) = catalogue.wallet_of(copy.node)?;
        let own = copy.facts.as_ref()?.id;
        // With a few wrong digits the folder's name is still that of this wallet.
        let names = folder.zip(own);
        let is_other = names.is_some_and(|(named, own)| !named.is_near(&own));
        let name = &node.name;
        let message = format!("{name} is an intact backup of another wallet than its folder's");
        return is_other.then(|| Finding::new(Rule::OtherWallet, message, offset));
    }
    if copy.origin != Origin::Live {
        return None;
    }
    let (rule, what) = match copy.health {
        Health::Undecodable(error) => (Rule::CopyDamaged, error.to_string()),
        Health::Refused(error @ CheckError::TestVariant) => (Rule::TestVariant, error.to_string()),
        Health::Refused(error) => (Rule::CopyDamaged, error.to_string()),
        Health::Empty => (Rule::CopyDamaged, "the file is empty".to_owned()),
        Health::Erased => {
            let what = "the BitBox overwrote it with 0xAC";
            (Rule::CopyDamaged, what.to_owned())
        }
        Health::Foreign => (Rule::CopyForeign, "something else is in it".to_owned()),
        Health::Unreadable => (Rule::CopyUnreadable, "it cannot be read".to_owned()),
        Health::Whole => return None,
    };
    Some(Finding::new(rule, format!("{}: {what}", node.name), offset))
}
