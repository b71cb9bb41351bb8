//! Cards: their division, their directories, and everything a person is told.

use std::collections::{BTreeSet, VecDeque};

use bitbox_backup::assess::{Assessment, Seen, State, assess};
use bitbox_backup::backup::{self, wire};
use bitbox_backup::catalogue::{self, Catalogue, CopyState, Looked, Problem};
use bitbox_backup::fat::cluster::Cluster;
use bitbox_backup::fat::directory::{self, Directory, ListDepth, Start};
use bitbox_backup::fat::geometry::{BootSector, Geometry};
use bitbox_backup::fat::table;
use bitbox_backup::firmware::{self, GeometryRule, List, MountError, MountedVolume, Version};
use bitbox_backup::image::{ReadAt, Sectors};
use bitbox_backup::partition;
use bitbox_backup::report::{Card, Source};

use crate::card::Built;

/// Most partitions: four, 64 logical ones, 128 of a GUID table.
const MOST_PARTITIONS: usize = 4 + 64 + 128;
/// Most sectors read to find them: the tables alone.
const MOST_TABLE_SECTORS: usize = 3 + 64 + 1024;
/// Most directories followed.
const MOST_DIRECTORIES: usize = 64;
/// Most entries taken from one directory.
const MOST_ENTRIES: usize = 65_536;
/// Most different sectors read for a report, the surface apart.
const MOST_SECTORS: usize = 20_000;
/// Most bytes read for a report: some sectors more than once.
const MOST_BYTES: u64 = 64 << 20;
/// Longest report.
const LONGEST_REPORT: usize = 16 << 20;

/// The division of a card: bounded, inside the card, the same twice.
pub fn partition(data: &[u8]) {
    let built = Built::of(data);
    let sectors = Sectors::new(&built);
    let table = partition::read(&sectors);
    assert_eq!(table, partition::read(&Sectors::new(&built)), "twice");
    let (read, _) = built.reads();
    assert!(read <= MOST_TABLE_SECTORS, "{read} sectors read");
    let found = table.partitions.len();
    assert!(found <= MOST_PARTITIONS, "{found} partitions");
    for partition in &table.partitions {
        let inside = partition.record.is_none_or(|at| at < built.size());
        assert!(inside, "{partition:?} has its record outside");
        partition::file_system(&sectors, partition.extent.offset);
    }
}

/// Every directory reached: entries inside the card, chains that end, the live ones among all.
pub fn fat(data: &[u8]) {
    let built = Built::of(data);
    let sectors = Sectors::new(&built);
    for partition in partition::read(&sectors).partitions.iter().take(8) {
        let start = partition.extent.offset;
        let Ok(boot) = sectors.sector(start / 512) else {
            continue;
        };
        if let Some(geometry) = Geometry::new(&BootSector(&boot), start) {
            tree(&sectors, &geometry);
        }
    }
    let (read, bytes) = built.reads();
    assert!(
        bytes <= MOST_BYTES,
        "{read} sectors, {bytes} bytes read of a card of {} bytes",
        built.size()
    );
}

fn tree(sectors: &Sectors<'_>, geometry: &Geometry) {
    let size = sectors.image().size();
    let mut queue = VecDeque::from([Start::Root]);
    let mut seen = BTreeSet::new();
    while let Some(start) = queue.pop_front() {
        let all = directory::read(
            sectors,
            geometry,
            start,
            ListDepth::Deleted,
            wire::looks_like_backup,
        );
        let live = directory::read(
            sectors,
            geometry,
            start,
            ListDepth::Live,
            wire::looks_like_backup,
        );
        holds_together(&all, &live, size);
        for entry in &all.entries {
            if entry.is_directory() && seen.len() < MOST_DIRECTORIES && seen.insert(entry.cluster) {
                queue.push_back(Start::Cluster(entry.cluster));
            }
        }
        for entry in all.entries.iter().take(MOST_DIRECTORIES) {
            let chain = table::chain(sectors, geometry, entry.cluster, 1024);
            distinct(&chain.clusters);
            let (both, _) = table::chain_by_both(sectors, geometry, entry.cluster, 1024);
            distinct(&both.clusters);
            let shared = chain.clusters.len();
            assert!(
                both.clusters.get(..shared) == Some(&chain.clusters[..]),
                "the second FAT only adds"
            );
            table::differences(sectors, geometry, &chain.clusters);
        }
    }
}

fn distinct(clusters: &[Cluster]) {
    let different: BTreeSet<_> = clusters.iter().collect();
    assert_eq!(
        different.len(),
        clusters.len(),
        "a cluster twice in a chain"
    );
}

fn holds_together(all: &Directory, live: &Directory, size: u64) {
    distinct(&all.clusters);
    for found in [all, live] {
        let entries = found.entries.len();
        assert!(entries <= MOST_ENTRIES, "{entries} entries");
        for entry in &found.entries {
            let mut places = entry.slots.iter().chain([&entry.offset]);
            assert!(
                places.all(|at| at + 32 <= size),
                "{entry:?} lies outside {size}"
            );
        }
    }
    let of_all: BTreeSet<_> = all
        .entries
        .iter()
        .filter(|entry| !entry.deleted && !entry.behind_end)
        .map(|entry| entry.offset)
        .collect();
    for entry in &live.entries {
        assert!(
            of_all.contains(&entry.offset),
            "{entry:?} is live and not among all"
        );
    }
}

/// A whole card: what the device and we say of it, against the witness and against itself.
pub fn locate(data: &[u8]) {
    let built = Built::of(data);
    let (catalogue, assessment, json) = look(&built);
    let (sectors, bytes) = built.reads();
    if built.looked != Looked::Surface {
        assert!(sectors <= MOST_SECTORS, "{sectors} sectors read");
    }
    assert!(bytes <= MOST_BYTES, "{bytes} bytes read");
    assert!(
        json.len() <= LONGEST_REPORT,
        "a report of {} bytes",
        json.len()
    );
    let harmless = |c: char| {
        c >= ' ' && !('\u{7F}'..='\u{9F}').contains(&c) && !('\u{202A}'..='\u{202E}').contains(&c)
    };
    assert!(json.chars().all(harmless), "{json}");
    let (_, _, again) = look(&built);
    assert_eq!(json, again, "twice");
    inside(&catalogue, &assessment, built.size());
    agrees_with_decode(&catalogue);
    explained(&assessment);
    agrees_with_witness(&built, &assessment);
}

fn look(built: &Built) -> (Catalogue, Assessment, String) {
    let sectors = Sectors::new(built);
    let version = Version::default();
    let answer = firmware::list_backups(&sectors, version);
    let catalogue = catalogue::locate(&sectors, built.looked);
    let assessment = assess(
        &catalogue,
        Some(answer),
        Seen::Card,
        Some(&sectors),
        version,
    );
    let card = Card::new("raw image".into(), &catalogue, None);
    let source = Source::examined("card.img", &assessment, &catalogue, card);
    let json = serde_json::to_string(&source).expect("a report is JSON");
    (catalogue, assessment, json)
}

/// Every place that is named lies on the card.
fn inside(catalogue: &Catalogue, assessment: &Assessment, size: u64) {
    for node in &catalogue.nodes {
        let inside = node.offset().is_none_or(|at| at + 32 <= size);
        assert!(inside, "{} has its entry outside {size}", node.path);
    }
    for copy in &catalogue.copies {
        let inside = copy.extents.iter().all(|extent| extent.end() <= size);
        assert!(
            inside || copy.state == CopyState::Unreadable,
            "{copy:?} lies outside {size}"
        );
    }
    // Of a volume that is longer than its card, places behind the end of the card are missing parts.
    let cut = catalogue
        .problems
        .iter()
        .any(|problem| matches!(problem, Problem::VolumePastEnd { .. }));
    for finding in assessment.all_findings() {
        let inside = cut || finding.offset.is_none_or(|at| at <= size);
        assert!(inside, "{finding:?} lies outside {size}");
    }
}

/// A copy is valid exactly if a device decodes it and its checksum is right.
fn agrees_with_decode(catalogue: &Catalogue) {
    for (index, copy) in catalogue.copies.iter().enumerate() {
        let decoded = backup::decode(catalogue.bytes(index));
        let whole = decoded.is_ok_and(|contents| contents.check().is_ok());
        assert_eq!(whole, copy.state == CopyState::Valid, "{copy:?}");
        assert_eq!(whole, copy.facts.is_some(), "{copy:?}");
    }
}

/// What the device lists is in the report, and what it does not list is explained.
fn explained(assessment: &Assessment) {
    use bitbox_backup::finding::Severity;
    if let Some(List::Ok(listed)) = assessment.answer.as_ref().map(|answer| &answer.list) {
        for one in listed {
            let found = assessment.backups.iter().any(|backup| {
                backup.id.is_some_and(|id| id.to_string() == one.id)
                    && backup.timestamp == Some(one.timestamp)
                    && matches!(backup.state, State::Healthy | State::Degraded)
            });
            assert!(found, "{one:?} is listed and not in the report");
        }
    }
    for backup in &assessment.backups {
        let mut findings = backup.findings.iter();
        let said = findings.any(|finding| finding.severity == Severity::Error);
        let needed = matches!(backup.state, State::Hidden | State::Damaged | State::Lost);
        assert!(said || !needed, "{backup:#?}");
    }
}

/// Whether a card stands on one of the two known differences in mounting: tests/it/card/oracle.rs.
fn mounts_differently(built: &Built) -> bool {
    let sectors = Sectors::new(built);
    let base = match MountedVolume::mount(&sectors, Version::default()) {
        Ok(volume) => volume.base(),
        Err(MountError::Geometry { lba, rule }) => {
            if rule == GeometryRule::TooFewClusters {
                return true;
            }
            lba
        }
        Err(_) => return false,
    };
    let Ok(boot) = sectors.sector(u64::from(base)) else {
        return true;
    };
    (64..128).contains(&BootSector(&boot).total_sectors_16())
}

pub(crate) fn agrees_with_witness(built: &Built, assessment: &Assessment) {
    let Some(answer) = &assessment.answer else {
        return;
    };
    let lines = |id: &str, time: u32, name: &str| (id.to_owned(), time, name.to_owned());
    let ours = match &answer.list {
        List::Ok(list) => Ok(list
            .iter()
            .map(|one| lines(&one.id, one.timestamp, &one.name))
            .collect::<Vec<_>>()),
        List::Error(_) => Err("an error"),
        List::Crash(_) => Err("a crash"),
    };
    let theirs = match witness::list_backups(built) {
        witness::Answer::Ok(list) => Ok(list
            .iter()
            .map(|one| lines(&one.id, one.timestamp, &one.name))
            .collect::<Vec<_>>()),
        witness::Answer::Error => Err("an error"),
        witness::Answer::Crash => Err("a crash"),
    };
    assert!(
        ours == theirs || mounts_differently(built),
        "ours {ours:?}\nwitness {theirs:?}"
    );
}
