//! The command line: what it prints, exactly, and what it ends with.

use crate::support::cards::save_in;
use crate::support::program::{self, Ran, program, shipped, testdata};

fn run(arguments: &[&str]) -> Ran {
    program::run(&testdata(), arguments)
}

/// Status, standard output without what fills its lines, standard error.
fn text(ran: &Ran) -> String {
    let lines: Vec<_> = ran.out.lines().map(str::trim_end).collect();
    format!(
        "status {}
{}
{}",
        ran.status.unwrap(),
        lines.join(
            "
"
        ),
        ran.err
    )
}

fn json(arguments: &[&str]) -> serde_json::Value {
    run(arguments).json()
}

#[test]
fn a_healthy_card() {
    let output = run(&["list", "healthy.img.zst"]);
    assert_eq!(
        text(&output),
        "status 0\n\
         healthy.img.zst\n  \
         Your backup is complete: it has three intact copies, and the BitBox shows it.\n\
         \n   \
         NAME       MADE (LOCAL)      MADE (UTC)        WORDS  STATE    COPIES   ID\n   \
         My BitBox  2020-09-28 10:30  2020-09-28 08:30     12  healthy  3 valid  577782fd…\n\
         \n  \
         Searched: all files, deleted entries and lost clusters. --carve searches the whole card.\n\
         \n\
         The BitBox's view is that of firmware 9.26.5, verified by running that firmware.\n"
    );
}

#[test]
fn the_stray_file_is_named_with_what_to_do() {
    let output = run(&["list", "stray-ds-store.img.zst"]);
    let text = text(&output);
    assert!(text.starts_with("status 1\n"), "{text}");
    let sentence =
        "Your backup is complete, but the BitBox does not show it: \".DS_Store\" is in its folder.";
    assert!(text.contains(sentence), "{text}");
    let step = "/.DS_Store\" from the card with a computer: no copy of a backup is in it.";
    assert!(text.contains(step), "{text}");
    assert!(text.contains("error[directory-entry-count]"), "{text}");
}

#[test]
fn json_is_as_the_contract_has_it() {
    let answer = json(&[
        "list",
        "--json",
        "healthy.img.zst",
        "stray-ds-store.img.zst",
        "nowhere.img",
    ]);
    assert_eq!(answer["schema"], "bitbox-backup/1");
    assert_eq!(answer["command"], "list");
    assert_eq!(answer["firmware"], "9.26.5");
    assert_eq!(answer["basis"], "observed");
    let [healthy, hidden, failed] = answer["sources"].as_array().unwrap().as_slice() else {
        panic!("{answer}")
    };
    let id = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";
    assert_eq!(healthy["status"], "examined");
    assert_eq!(healthy["device_view"]["list"], "ok");
    assert!(healthy["device_view"]["reason"].is_null());
    let listed = serde_json::json!([{ "id": id, "timestamp": 1_601_281_809, "name": "My BitBox" }]);
    assert_eq!(healthy["device_view"]["backups"], listed);
    let backup = &healthy["backups"][0];
    for (key, value) in [
        ("id", serde_json::json!(id)),
        ("name", "My BitBox".into()),
        ("timestamp", 1_601_281_809.into()),
        ("created", "2020-09-28T08:30:09Z".into()),
        ("words", 12.into()),
        ("birthdate", serde_json::Value::Null),
        ("state", "healthy".into()),
        ("written_by", "device".into()),
        ("findings", serde_json::json!([])),
    ] {
        assert_eq!(backup[key], value, "{key}");
    }
    let copy = &backup["copies"][0];
    assert_eq!(
        copy["path"],
        format!("/bitbox02/{id}/backup_Mon_2020-09-28T08-30-09Z_0.bin")
    );
    assert_eq!(copy["origin"], "live");
    assert_eq!(copy["volume"], 0);
    assert_eq!(
        copy["extents"],
        serde_json::json!([[copy["offset"], copy["size"]]])
    );
    assert_eq!(copy["state"], "valid");
    assert_eq!(hidden["backups"][0]["state"], "hidden");
    assert_eq!(hidden["device_view"]["backups"], serde_json::json!([]));
    assert_eq!(
        hidden["backups"][0]["findings"][0]["rule"],
        "directory-entry-count"
    );
    assert_eq!(hidden["backups"][0]["findings"][0]["severity"], "error");
    assert!(hidden["backups"][0]["findings"][0]["offset"].is_u64());
    assert_eq!(failed["status"], "failed");
    assert!(failed["device_view"].is_null() && failed["error"].is_string());
    let summary = &answer["summary"];
    assert_eq!(
        (
            &summary["sources"],
            &summary["examined"],
            &summary["failed"]
        ),
        (&3.into(), &2.into(), &1.into())
    );
    assert_eq!(
        (&summary["backups"], &summary["healthy"]),
        (&2.into(), &1.into())
    );
    assert_eq!(summary["findings"]["error"], 1);
}

#[test]
fn the_exit_status_is_a_contract() {
    for (arguments, status) in [
        (&["list", "healthy.img.zst"][..], 0),
        (&["list", "several-wallets.img.zst"], 0),
        (&["list", "one-copy-damaged.img.zst"], 0), // a warning changes nothing
        (&["list", "stray-ds-store.img.zst"], 1),
        (&["list", "exfat.img.zst"], 1),
        (&["list", "metadata-crash.img.zst"], 1),
        (&["list", "healthy.img.zst", "nowhere"], 1),
        (&["list", "nowhere"], 2),
        (&["list"], 2),
        (&["list", "--firmware", "8.0.0", "healthy.img.zst"], 2),
        (&["list", "--firmware", "v9.26.5", "healthy.img.zst"], 0),
        (&["inspect", "healthy.img.zst"], 0),
        (&["inspect", "recreate-interrupted.img.zst"], 1),
        (&["inspect", "nowhere"], 2),
        (&["words", "healthy.img.zst"], 0),
        (&["words", "metadata-crash.img.zst"], 0),
        (&["words", "blank.img.zst"], 1),
        (&["words", "healthy.img.zst", "--id", "00"], 1),
        (&["words", "nowhere"], 2),
        (&["words", "nowhere", "--json"], 2),
        (&["words", "healthy.img.zst", "--reveal", "--json"], 2),
        (&["words", "healthy.img.zst", "--to", "new"], 2),
        (&["words", "healthy.img.zst", "--length", "20"], 2),
        (&["words", "healthy.img.zst", "--effort", "much"], 2),
        (&["words", "healthy.img.zst", "--effort", "1000"], 0),
        (&["wallet", "healthy.img.zst"], 0),
        (&["wallet", "healthy.img.zst", "nowhere"], 1),
        (&["wallet", "healthy.img.zst", "--id", "00"], 1),
        (&["wallet", "blank.img.zst"], 1),
        (&["wallet", "nowhere"], 2),
        (&["wallet", "nowhere", "--json"], 2),
        (&["wallet", "healthy.img.zst", "--find", "5862f623"], 0),
        (&["wallet", "healthy.img.zst", "--find", "5862f624"], 1),
        (
            &["wallet", "healthy.img.zst", "nowhere", "--find", "5862f623"],
            1,
        ),
        (&["wallet", "nowhere", "--find", "5862f623"], 2),
        (&["wallet", "healthy.img.zst", "--find", "5862f62"], 2),
        (&["wallet", "healthy.img.zst", "--account", "100"], 2),
        (&["--help"], 0),
        (&["completions", "bash"], 0),
        (&["self-test"], 0),
        (&["man"], 0),
        (&["frobnicate"], 2),
    ] {
        let output = run(arguments);
        assert_eq!(
            output.status,
            Some(status),
            "{arguments:?}\n{}",
            text(&output)
        );
    }
}

#[test]
fn older_firmware_says_where_its_rules_are_from() {
    let answer = json(&["list", "--json", "--firmware", "9.12.0", "healthy.img.zst"]);
    assert_eq!(
        (&answer["firmware"], &answer["basis"]),
        (&"9.12.0".into(), &"source".into())
    );
}

#[test]
fn deleted_and_erased_backups_show_unless_it_is_to_be_quick() {
    for (card, state) in [
        ("deleted-by-computer.img.zst", "deleted"),
        ("erased-by-device.img.zst", "erased"),
    ] {
        let states = |arguments: &[&str]| {
            let answer = json(&[arguments, &["--json", card]].concat());
            let backups = answer["sources"][0]["backups"].as_array().unwrap().clone();
            let has = backups.iter().any(|backup| backup["state"] == state);
            (has, answer["summary"]["backups"].clone())
        };
        let (shown, count) = states(&["list", "--quick"]);
        assert!(!shown, "{card}");
        let (shown, with_traces) = states(&["list"]);
        assert!(shown, "{card}");
        assert_eq!(count, with_traces, "{card}: a trace counts for nothing");
        assert_eq!(states(&["list", "--deleted"]), states(&["list"]), "{card}");
        assert!(states(&["inspect"]).0, "{card}");
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let cards = shipped();
    let list = |threads: &str| {
        let mut arguments = vec!["list", "--json", "--threads", threads];
        arguments.extend(cards.iter().map(String::as_str));
        run(&arguments).out
    };
    assert_eq!(list("1"), list("8"));
}

#[test]
fn a_list_of_sources_from_standard_input() {
    use std::io::Write;
    use std::process::Stdio;
    let mut child = program(&testdata())
        .args(["list", "--json", "--files-from", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"healthy.img.zst\n\nblank.img.zst\n")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["summary"]["sources"], 2);
}

#[test]
fn one_id_only_and_only_if_it_is_unique() {
    let answer = json(&[
        "list",
        "--json",
        "--id",
        "577782FD",
        "several-wallets.img.zst",
    ]);
    assert_eq!(answer["sources"][0]["backups"].as_array().unwrap().len(), 1);
    assert_eq!(
        run(&["list", "--id", "xyz", "healthy.img.zst"]).status,
        Some(2)
    );
}

#[test]
fn colour_only_where_it_is_wanted() {
    let coloured = |arguments: &[&str]| run(arguments).out.contains('\x1b');
    assert!(!coloured(&["list", "healthy.img.zst"]), "in a pipe");
    assert!(coloured(&["list", "--color=always", "healthy.img.zst"]));
    assert!(!coloured(&["list", "--color=never", "healthy.img.zst"]));
    assert!(!coloured(&["inspect", "healthy.img.zst"]));
}

#[test]
fn a_state_that_is_an_error_is_red() {
    for (card, state) in [
        ("blank", "unusable"),
        ("deleted-by-computer", "recoverable"),
        ("stray-ds-store", "hidden"),
    ] {
        let ran = run(&["audit", "--color=always", &format!("{card}.img.zst")]);
        assert!(ran.out.contains(&format!("\x1b[31m{state}")), "{}", ran.out);
    }
    let ran = run(&["audit", "--color=always", "healthy.img.zst"]);
    assert!(ran.out.contains("\x1b[32mhealthy"), "{}", ran.out);
}

#[test]
fn a_folder_is_seen_as_a_card_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let backup = fixtures::wallet::twelve();
    let copy = save_in(folder.path(), &backup);
    let look = || json(&["list", "--json", folder.path().to_str().unwrap()])["sources"][0].clone();
    let source = look();
    assert_eq!(source["device_view"]["backups"][0]["id"], backup.id());
    assert_eq!(source["backups"][0]["state"], "healthy");
    assert!(source["backups"][0]["written_by"].is_null());
    assert!(source["backups"][0]["copies"][0]["offset"].is_null());
    assert_eq!(source["findings"][0]["rule"], "assumed-volume");
    std::fs::write(copy.with_file_name(".DS_Store"), [0; 6148]).unwrap();
    let source = look();
    assert_eq!(source["backups"][0]["state"], "hidden");
    assert_eq!(
        source["backups"][0]["findings"][0]["rule"],
        "directory-entry-count"
    );
    // One copy as a source of its own.
    let single = json(&["list", "--json", copy.to_str().unwrap()])["sources"][0].clone();
    assert!(single["device_view"].is_null());
    assert_eq!(single["backups"][0]["id"], backup.id());
    assert_eq!(single["backups"][0]["copies"][0]["state"], "valid");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::Stdio;
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<_> = (0..60).map(|number| format!("{number}.img.zst")).collect();
    for name in &names {
        let card = testdata().join("several-wallets.img.zst");
        std::fs::copy(card, folder.path().join(name)).unwrap();
    }
    for json in [&["--json"][..], &[]] {
        let mut child = program(folder.path())
            .arg("list")
            .args(json)
            .args(&names)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn help_that_cannot_be_written_is_no_success() {
    for arguments in [&["--help"][..], &["list", "-h"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let mut command = program(&testdata());
        let ran = command.args(arguments).stdout(full.unwrap()).status();
        assert_eq!(ran.unwrap().code(), Some(2), "{arguments:?}");
    }
}
