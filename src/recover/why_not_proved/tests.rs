use super::*;

const ID: Against = Against {
    id_known: true,
    owner: None,
    passphrase: false,
    words: false,
    is_file: false,
};

#[test]
fn what_is_missing_is_said_in_numbers() {
    let mut estimate = SearchEstimate {
        target: TargetKind::Id,
        missing_bytes: 4,
        uncertain_bits: 0,
        possibilities_log2: 32,
        with_reading_log2: 0,
        with_card_log2: 0,
        covered_ppm: Some(1953),
        needed_budget: Some(4_311_744_512),
        is_feasible: true,
        deep_ppm: 0,
        looks_whole: false,
    };
    assert_eq!(
        what_is_missing(&estimate),
        "4 bytes of its seed are missing: 2^32 possibilities"
    );
    let said = unproved(8_388_608, ID, Some(&estimate));
    assert!(said.ends_with("; none of 8,388,608 candidates has the right ID or checksum"));
    assert!(unproved_advice(1, ID, Some(&estimate), None).contains("--effort 4311744512 covers"));
    estimate.covered_ppm = Some(1_000_000);
    let alone = Id::from_directory(&"5f".repeat(32));
    assert!(unproved_advice(1, ID, Some(&estimate), alone).contains("--id 5f5f5f5f."));
    let in_vain = estimate.in_vain();
    assert_eq!(in_vain.covered_ppm, None);
    let said = unproved_advice(1, ID, Some(&in_vain), None);
    assert!(said.ends_with("how likely a longer search finds it: --effort deep tries more."));
    let said = unproved_advice(Effort::DEEP, ID, Some(&in_vain), None);
    assert!(said.ends_with("how likely a longer search finds it."));
    let beyond = SearchEstimate {
        covered_ppm: Some(0),
        needed_budget: None,
        possibilities_log2: 96,
        ..estimate
    };
    assert!(unproved_advice(1, ID, Some(&beyond), None).ends_with("next to no chance."));
    estimate.is_feasible = false;
    assert!(unproved(0, ID, Some(&estimate)).contains("none was started"));
    estimate.missing_bytes = 1;
    estimate.uncertain_bits = 1;
    estimate.target = TargetKind::Checksum;
    assert_eq!(
        what_is_missing(&estimate),
        "1 byte of it is missing and 1 bit is uncertain: about 2^32 possibilities"
    );
    estimate.possibilities_log2 = 0;
    let said = unproved(0, Against::default(), Some(&estimate));
    assert_eq!(said, format!("{NOTHING}: no search was started"));
    estimate.possibilities_log2 = 32;
    estimate.missing_bytes = 0;
    assert_eq!(
        what_is_missing(&estimate),
        "1 bit of it is uncertain: about 2^32 possibilities"
    );
}

const LOST: SearchEstimate = SearchEstimate {
    target: TargetKind::Id,
    missing_bytes: 0,
    uncertain_bits: 28,
    possibilities_log2: 60,
    with_reading_log2: 60,
    with_card_log2: 60,
    covered_ppm: Some(5600),
    needed_budget: Some(1 << 60),
    is_feasible: true,
    deep_ppm: 0,
    looks_whole: false,
};

#[test]
fn what_takes_too_long_is_no_advice() {
    let another = "Another card of the same wallet helps most: a part that is damaged here may be intact there.";
    let advice = |estimate: &SearchEstimate| unproved_advice(1 << 23, ID, Some(estimate), None);
    assert_eq!(
        advice(&LOST),
        format!(
            "{another} A longer search has little chance: nearly all possibilities take an effort of about 2^60, \
             years of a computer's time."
        )
    );
    let fair = SearchEstimate {
        covered_ppm: Some(50_000),
        ..LOST
    };
    assert_eq!(
        advice(&fair),
        format!(
            "{another} Or search longer, with --effort deep; nearly all possibilities take an effort of about 2^60, \
             years of a computer's time."
        )
    );
    let half = SearchEstimate {
        missing_bytes: 8,
        uncertain_bits: 0,
        possibilities_log2: 64,
        with_reading_log2: 64,
        with_card_log2: 0,
        covered_ppm: Some(0),
        needed_budget: None,
        ..LOST
    };
    assert_eq!(
        advice(&half),
        format!(
            "{another} Another reading of this card adds nothing; another card as damaged as this one may leave so few \
             possibilities that it is found at once. Give both together: recover FIRST SECOND. A longer search has \
             little chance: nearly all possibilities are more than any computer can try."
        )
    );
    let decade = SearchEstimate {
        needed_budget: Some(1 << 52),
        ..LOST
    };
    assert_eq!(
        unproved_advice(1 << 40, ID, Some(&decade), None),
        format!(
            "{another} A longer search has little chance: nearly all possibilities take an effort of about 2^52, \
             years of a computer's time."
        )
    );
    let alone = Id::from_directory(&"5f".repeat(32));
    assert!(unproved_advice(1, ID, Some(&LOST), alone).ends_with("with --id 5f5f5f5f."));
}

#[test]
fn there_are_no_fewer_possibilities_than_were_tried() {
    let known = SearchEstimate {
        uncertain_bits: 0,
        possibilities_log2: 0,
        ..LOST
    };
    assert_eq!(what_is_missing(&known), "its copies are damaged");
    assert_eq!(
        unproved(8_388_608, ID, Some(&known)),
        "its copies are damaged; none of 8,388,608 candidates has the right ID or checksum"
    );
    let few = SearchEstimate {
        possibilities_log2: 8,
        ..LOST
    };
    assert_eq!(
        unproved(257, ID, Some(&few)),
        "28 bits of its seed are uncertain; none of 257 candidates has the right ID or checksum"
    );
}

#[test]
fn what_the_owner_knows_is_asked_for_and_named() {
    let nothing = SearchEstimate {
        possibilities_log2: 0,
        is_feasible: false,
        ..LOST
    };
    let mut against = Against::default();
    assert_eq!(
        unproved_advice(0, against, Some(&nothing), None),
        "Give all 64 digits of the wallet's ID with --id, a register with --expect, or what you know of the wallet \
         with --xpub, --address, or --fingerprint. The folder on another card is named by the ID."
    );
    against.owner = Some((OwnerProof::Xpub, 128));
    assert_eq!(
        unproved(128, against, Some(&nothing)),
        format!("{NOTHING}; none of 128 candidates has the right xpub")
    );
    assert_eq!(
        unproved_advice(128, against, Some(&nothing), None),
        "Give all 64 digits of the wallet's ID with --id, or a register with --expect: the folder on another card \
         is named by the ID. The xpub may be of another wallet, or of the one with a passphrase: --passphrase asks \
         for that."
    );
    against.passphrase = true;
    let said = unproved_advice(128, against, Some(&nothing), None);
    assert!(
        said.ends_with("The xpub may be of another wallet, or the passphrase may be mistyped."),
        "{said}"
    );
}

#[test]
fn numbers_are_readable() {
    assert_eq!(candidates(1), "1 candidate");
    assert_eq!(candidates(999), "999 candidates");
    assert_eq!(candidates(8_388_608), "8,388,608 candidates");
}
