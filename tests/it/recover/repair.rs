//! Damaged copies become a backup only with proof, and the right one.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::cards::seed_offset;
use bitbox_backup::backup::Method;
use bitbox_backup::backup::{self, Id, Seed};
use bitbox_backup::progress::Progress;
use bitbox_backup::repair::{self, Case, ProvedBackup, ProvedFields};
use fixtures::backup::Backup;
use fixtures::damage::Random;
use fixtures::wallet;

/// Candidates tried here: enough for what these tests damage.
const EFFORT: u64 = 1 << 17;

fn id(backup: &Backup) -> Id {
    let seed: [u8; 32] = backup.seed.as_slice().try_into().unwrap();
    Seed::new(&seed, backup.seed_length).unwrap().id()
}

fn prove(copies: &[Vec<u8>], ids: &[Id]) -> Option<ProvedBackup> {
    prove_with(EFFORT, copies, ids)
}

fn prove_with(effort: u64, copies: &[Vec<u8>], ids: &[Id]) -> Option<ProvedBackup> {
    let case = Case {
        copies: copies.iter().map(Vec::as_slice).collect(),
        others: Vec::new(),
        ids: ids.to_vec(),
        own_id: !ids.is_empty(),
        times: Vec::new(),
        seed: None,
        ..Case::default()
    };
    repair::prove(&case, effort, 0, &Progress::default()).proved
}

/// The file a proof makes; only for those of all fields.
fn file(proved: &ProvedBackup) -> Vec<u8> {
    match &proved.fields {
        ProvedFields::Whole(contents) => contents.encode().to_vec(),
        ProvedFields::Seed { .. } => panic!("only the seed is proved"),
    }
}

fn flip(random: &mut Random, copies: &mut [Vec<u8>], one_in: u64) {
    for byte in copies.iter_mut().flatten() {
        for bit in 0..8 {
            *byte ^= u8::from(random.one_in(one_in)) << bit;
        }
    }
}

#[test]
fn flipped_bits_in_all_copies_come_back_whatever_the_wallet() {
    for (number, backup) in wallet::five().into_iter().enumerate() {
        for trial in 0..4 {
            let whole = backup.encode();
            let mut copies = vec![whole.clone(); 3];
            flip(
                &mut Random::new(number as u64 * 100 + trial),
                &mut copies,
                50,
            );
            let proved = prove(&copies, &[id(&backup)]);
            let proved = proved.unwrap_or_else(|| panic!("{} in trial {trial}", backup.name));
            assert_eq!(file(&proved), whole, "{} in trial {trial}", backup.name);
        }
    }
}

#[test]
fn the_checksum_says_how_long_a_seed_is_that_ends_in_zeros() {
    let mut backup = wallet::twenty_four();
    backup.seed[16..].fill(0);
    let whole = backup.encode();
    let proved = (0..12).filter(|trial| {
        let mut copies = vec![whole.clone(); 3];
        flip(&mut Random::new(*trial), &mut copies, 50);
        let proved = prove_with(1 << 20, &copies, &[id(&backup)]).unwrap();
        match &proved.fields {
            ProvedFields::Whole(contents) => {
                assert_eq!(contents.encode().to_vec(), whole, "{trial}");
                true
            }
            ProvedFields::Seed { .. } => false,
        }
    });
    assert!(proved.count() > 8);
}

#[test]
fn foreign_contents_in_the_other_files_do_not_matter() {
    let backup = wallet::twelve();
    let whole = backup.encode();
    let mut random = Random::new(4);
    let mut bytes = |of: &[u8]| -> Vec<u8> {
        let mut byte = || of[usize::from(random.byte()) % of.len()];
        whole.iter().map(|_| byte()).collect()
    };
    let all: Vec<u8> = (0..=255).collect();
    for foreign in [all.as_slice(), b"etaoin shrdlu,.\n"] {
        let mut copies = vec![whole.clone()];
        flip(&mut Random::new(1), &mut copies, 60);
        copies.extend([bytes(foreign), bytes(foreign)]);
        let proved = prove(&copies, &[id(&backup)]).expect("one copy has nearly all of it");
        assert!(proved.id == Some(id(&backup)));
    }
}

#[test]
fn without_an_id_the_checksum_proves_even_if_it_is_damaged_itself() {
    let backup = wallet::twenty_four();
    let whole = backup.encode();
    for trial in 0..4 {
        let mut copies = vec![whole.clone(); 3];
        flip(&mut Random::new(trial), &mut copies, 60);
        // The same bit of the checksum in all three: no vote brings it back.
        copies.iter_mut().for_each(|copy| copy[20] ^= 0x08);
        let proved = prove(&copies, &[]).expect("a proof");
        assert_eq!(file(&proved), whole);
    }
}

#[test]
fn bytes_lost_and_inserted_are_brought_into_line() {
    let backup = wallet::twenty_four();
    let whole = backup.encode();
    let mut copies = vec![whole.clone(); 3];
    copies[0].drain(20..25);
    copies[1].splice(70..70, [1, 2, 3]);
    copies[2].truncate(80);
    let proved = prove(&copies, &[id(&backup)]).expect("a proof");
    assert_eq!((file(&proved), proved.method), (whole, Method::Align));
}

#[test]
fn what_the_format_fixes_is_no_vote() {
    let backup = wallet::twelve();
    let whole = backup.encode();
    // The same two bits of tags in all three copies: no majority has them right.
    let mut copy = whole.clone();
    copy[38] ^= 0x08;
    copy[2] ^= 0x01;
    let copies = [copy.clone(), copy.clone(), copy];
    let proved = prove(&copies, &[id(&backup)]).expect("a proof");
    assert_eq!((file(&proved), proved.method), (whole, Method::Likeliest));
}

#[test]
fn thirds_cut_out_of_each_copy_do_not_matter() {
    let backup = wallet::twelve();
    let whole = backup.encode();
    let third = whole.len().div_ceil(3);
    let copies: Vec<Vec<u8>> = (0..3)
        .map(|part| {
            let mut copy = whole.clone();
            copy.drain(part * third..((part + 1) * third).min(whole.len()));
            copy
        })
        .collect();
    for ids in [vec![id(&backup)], Vec::new()] {
        let proved = prove(&copies, &ids).expect("a proof");
        assert_eq!(file(&proved), whole);
    }
}

#[test]
fn two_bytes_of_the_seed_gone_from_all_copies_are_found_by_the_id() {
    let backup = wallet::twenty_four();
    let whole = backup.encode();
    let seed = seed_offset(&whole, &backup);
    for value in [0, 0xFF, 0xAC] {
        let mut copies = vec![whole.clone(); 3];
        copies
            .iter_mut()
            .for_each(|copy| copy[seed + 5..seed + 7].fill(value));
        let proved = prove(&copies, &[id(&backup)]).expect("a proof");
        assert_eq!(
            (file(&proved), proved.method),
            (whole.clone(), Method::Search)
        );
        assert!(proved.rank > 1 && !proved.changed.is_empty());
    }
}

#[test]
fn what_a_text_editor_replaced_is_found_by_the_id() {
    let mut seed = b"plain old letter".to_vec();
    (seed[2], seed[13]) = (0x92, 0xE7);
    seed.resize(32, 0);
    let text = |backup: &Backup| String::from_utf8_lossy(&backup.encode()).into_owned();
    let of = |later| Backup {
        seed: seed.clone(),
        timestamp: wallet::twelve().timestamp + later,
        ..wallet::twelve()
    };
    // One whose checksum has no two bytes that are one letter.
    let backup = (1..)
        .map(of)
        .find(|backup| text(backup).chars().count() == backup.encode().len());
    let backup = backup.unwrap();
    let (whole, text) = (backup.encode(), text(&backup).into_bytes());
    assert!(text.len() > whole.len());
    let proved = prove(&vec![text; 3], &[id(&backup)]).expect("a proof");
    let found = match proved.fields {
        ProvedFields::Whole(contents) => contents.seed().unwrap(),
        ProvedFields::Seed { seed, .. } => seed,
    };
    assert_eq!(found.expose()[..16], seed[..16]);
    // 7 bits of each of them: the highest is 1.
    assert!(proved.rank <= 1 << 14, "{}", proved.rank);
}

#[test]
fn a_seed_of_which_nothing_else_is_left_has_the_shortest_length_its_zeros_allow() {
    let backup = wallet::twelve();
    let whole = backup.encode();
    let seed = seed_offset(&whole, &backup);
    let mut copy = vec![0; whole.len()];
    copy[seed..seed + 32].copy_from_slice(&backup.seed);
    let proved = prove(&[copy], &[id(&backup)]).expect("a proof");
    let ProvedFields::Seed { seed, length } = proved.fields else {
        panic!("the checksum proves nothing here");
    };
    assert_eq!((seed.expose(), length), (backup.seed.as_slice(), Some(16)));
}

#[test]
fn copies_of_two_wallets_never_mix() {
    let (one, other) = (wallet::twenty_four(), wallet::other_twenty_four());
    let stranger = id(&wallet::eighteen());
    let is = |proved: &ProvedBackup, of: &Backup| match &proved.fields {
        ProvedFields::Whole(contents) => contents.encode().as_slice() == of.encode(),
        ProvedFields::Seed { seed, .. } => seed.expose() == of.seed,
    };
    for trial in 0..6 {
        let mut copies = vec![one.encode(), other.encode(), one.encode()];
        flip(&mut Random::new(trial), &mut copies, 40);
        let proved = prove(&copies[..2], &[stranger]);
        assert!(proved.is_none_or(|proved| is(&proved, &one) || is(&proved, &other)));
        let proved = prove(&copies, &[id(&one)]);
        assert!(proved.is_none_or(|proved| is(&proved, &one)));
    }
}

#[test]
fn any_bytes_end_without_a_proof() {
    let wanted = id(&wallet::twelve());
    let mut random = Random::new(7);
    for _ in 0..12 {
        let copies: Vec<Vec<u8>> = (0..1 + random.below(4))
            .map(|_| (0..random.below(1100)).map(|_| random.byte()).collect())
            .collect();
        assert!(prove(&copies, &[wanted]).is_none());
    }
    for blank in [0, 0xFF, 0xAC] {
        assert!(prove(&vec![vec![blank; 110]; 3], &[wanted]).is_none());
    }
    assert!(prove(&[], &[wanted]).is_none());
    assert!(prove(&[Vec::new()], &[wanted]).is_none());
}

#[test]
fn a_search_that_was_stopped_goes_on_where_it_was() {
    let backup = wallet::twenty_four();
    let whole = backup.encode();
    let seed = seed_offset(&whole, &backup);
    let mut copy = whole.clone();
    copy[seed + 5..seed + 7].fill(0);
    copy[seed + 20] ^= 0x10;
    let case = Case {
        copies: vec![&copy],
        others: Vec::new(),
        ids: vec![id(&backup)],
        own_id: true,
        times: Vec::new(),
        seed: None,
        ..Case::default()
    };
    let most = 1 << 26;
    let stop = AtomicBool::new(false);
    let at_limit = |progress: &Progress<'_>| {
        assert_eq!(progress.total(), most);
        stop.fetch_or(progress.done() >= 1 << 14, Ordering::Relaxed);
    };
    let progress = Progress::stopped_by(&stop).heard_by(&at_limit);
    let begun = repair::prove(&case, most, 0, &progress);
    assert!(begun.stopped && begun.proved.is_none() && begun.tried >= 1 << 14);
    let whole_run = repair::prove(&case, most, 0, &Progress::default());
    let rest = repair::prove(&case, most, begun.tried, &Progress::default());
    let rank = |attempt: &repair::Attempt| attempt.proved.as_ref().map(|proved| proved.rank);
    assert!(rank(&whole_run).is_some());
    assert_eq!(rank(&whole_run), rank(&rest));
}

#[test]
fn what_can_be_expected_is_what_happens() {
    let backup = wallet::twenty_four();
    let seed: [u8; 32] = backup.seed.as_slice().try_into().unwrap();
    for trial in 0..8 {
        let mut copies = vec![backup.encode(); 3];
        flip(&mut Random::new(trial), &mut copies, 20);
        let case = Case {
            copies: copies.iter().map(Vec::as_slice).collect(),
            others: Vec::new(),
            ids: vec![id(&backup)],
            own_id: true,
            times: Vec::new(),
            seed: None,
            ..Case::default()
        };
        let chance = repair::estimate_success(&case, &seed, 1 << 14);
        let attempt = repair::prove(&case, 1 << 14, 0, &Progress::default());
        let found = attempt.proved.is_some();
        assert!(chance > 0.0 || !found, "trial {trial}");
        assert!(chance < 1.0 || found, "trial {trial}");
    }
    assert!(backup::decode(&backup.encode()).is_ok());
}

/// Each copy is foreign where the other is right: one break between them is all that is not known.
#[test]
fn two_halves_of_a_seed_are_put_together() {
    let mut random = Random::new(11);
    for backup in [wallet::twelve(), wallet::twenty_four()] {
        let whole = backup.encode();
        let seed = seed_offset(&whole, &backup);
        let length = backup.seed_length as usize;
        for at in [length / 2, length / 2 - 3] {
            let mut copies = [whole.clone(), whole.clone()];
            copies[0][6..38].fill_with(|| random.byte());
            copies[0][seed + at..seed + length].fill_with(|| random.byte());
            copies[1][seed..seed + at].fill_with(|| random.byte());
            let case = Case {
                copies: copies.iter().map(Vec::as_slice).collect(),
                ids: vec![id(&backup)],
                own_id: true,
                ..Case::default()
            };
            let proved = repair::prove(&case, 1 << 22, 0, &Progress::default()).proved;
            let proved = proved.expect("a proof");
            assert_eq!(proved.id, Some(id(&backup)), "{length} {at}");
        }
    }
}
