//! How `audit` runs: many sources in order, resumed, merged, interrupted, watched, logged.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::cards::zip;
use crate::support::program::{Ran, json, program, run, testdata};
use fixtures::fat::Layout;
use fixtures::wallet;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Small cards with one wallet each.
fn cards(folder: &Path, count: u32) -> Vec<String> {
    let make = |number| {
        let mut fat = Layout::FAT12.format();
        fat.save(&wallet::numbered(number));
        let name = format!("card-{number:04}.img");
        fat.card.write_to(folder.join(&name)).unwrap();
        name
    };
    (0..count).map(make).collect()
}

fn lines(text: &str) -> Vec<Value> {
    let read = |line| serde_json::from_str(line).unwrap();
    text.lines().map(read).collect()
}

fn listed(folder: &Path, sources: &[String]) -> String {
    let list = folder.join("sources.list");
    fs::write(&list, sources.join("\n")).unwrap();
    list.to_str().unwrap().to_owned()
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    for form in ["--json", "--ndjson", "-v"] {
        let with = |threads: &str| {
            let ran = run(
                &testdata(),
                &["audit", ".", "nowhere.img", form, "--threads", threads],
            );
            assert_eq!(ran.status, Some(1), "{ran:?}");
            ran.out
        };
        let one = with("1");
        assert_eq!(one, with("2"), "{form}");
        assert_eq!(one, with("8"), "{form}");
    }
}

#[test]
fn one_id_only_and_only_if_it_is_unique() {
    let audit = |id| {
        run(
            &testdata(),
            &["audit", "--json", "--id", id, "several-wallets.img.zst"],
        )
    };
    let ran = audit("4C700584");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["wallets"].as_array().unwrap().len(), 1);
}

#[test]
fn a_line_is_complete_in_itself() {
    let folder = tempfile::tempdir().unwrap();
    let card = cards(folder.path(), 1).remove(0);
    let ran = run(folder.path(), &["audit", "--ndjson", "--hash", &card]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let line = &lines(&ran.out)[0];
    let bytes = fs::read(folder.path().join(&card)).unwrap();
    assert_eq!(line["schema"], "bitbox-backup/1");
    assert_eq!(line["tool"], env!("CARGO_PKG_VERSION"));
    assert_eq!(line["firmware"], "9.26.5");
    assert_eq!(line["options"]["hash"], true);
    assert_eq!(line["source"], card);
    assert_eq!(line["size"], bytes.len() as u64);
    assert_eq!(line["sha256"], hex::encode(Sha256::digest(&bytes)));
    let modified = line["modified"].as_str().unwrap();
    assert_eq!((modified.len(), &modified[modified.len() - 1..]), (30, "Z"));
    let copy = &line["backups"][0]["copies"][0];
    let offset = copy["offset"].as_u64().unwrap() as usize;
    let size = copy["size"].as_u64().unwrap() as usize;
    let hash = hex::encode(Sha256::digest(&bytes[offset..offset + size]));
    assert_eq!(copy["sha256"], hash);
}

#[test]
fn ten_thousand_sources_of_which_most_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = cards(folder.path(), 50);
    for number in 0..950 {
        let name = format!("noise-{number}.img");
        fs::write(folder.path().join(&name), [number as u8; 700]).unwrap();
        sources.push(name);
    }
    sources.extend((0..9000).map(|number| format!("nowhere-{number}.img")));
    let list = listed(folder.path(), &sources);
    let ran = run(folder.path(), &["audit", "--ndjson", "--files-from", &list]);
    assert_eq!(ran.status, Some(1));
    let found = lines(&ran.out);
    let names: Vec<_> = found
        .iter()
        .map(|line| line["source"].as_str().unwrap())
        .collect();
    assert_eq!(names, sources, "in the order given");
    let failed = found
        .iter()
        .filter(|line| line["status"] == "failed")
        .count();
    assert_eq!(failed, 9000);
    assert!(found[9999]["error"].is_string() && found[9999]["device_view"].is_null());
    let nothing = run(folder.path(), &["audit", "nowhere.img"]);
    assert_eq!(nothing.status, Some(2));
}

#[test]
fn one_file_by_two_paths_is_one_card() {
    let folder = tempfile::tempdir().unwrap();
    let card = cards(folder.path(), 1).remove(0);
    std::os::unix::fs::symlink(&card, folder.path().join("link.img")).unwrap();
    let arguments = ["audit", "--json", &card, "link.img", &card];
    let ran = run(folder.path(), &arguments);
    let note = format!("note: link.img is the same as {card}; it is examined once\n");
    assert!(ran.err.starts_with(&note), "{}", ran.err);
    let answer = json(folder.path(), &arguments);
    assert_eq!(answer["sources"].as_array().unwrap().len(), 1);
    assert_eq!(
        answer["sources"][0]["also"],
        serde_json::json!(["link.img", card])
    );
    assert_eq!(answer["wallets"][0]["separate_cards"], 1);
}

#[test]
fn lines_merge_into_the_answer_of_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let parts = ["a", "b", "c"].map(|part| folder.path().join(part).display().to_string());
    let mut all: Vec<_> = fs::read_dir(testdata())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".zst"))
        .collect();
    all.sort();
    all.push("nowhere.img".to_owned());
    for (part, cards) in parts.iter().zip(all.chunks(7)) {
        let mut arguments = vec![
            "audit".to_owned(),
            format!("--ndjson={part}"),
            "-q".to_owned(),
        ];
        arguments.extend(cards.iter().cloned());
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        run(&testdata(), &arguments);
    }
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let merge = [
        &["audit", "merge"][..],
        &parts.each_ref().map(String::as_str),
    ]
    .concat();
    for form in [&["--json"][..], &["--ndjson"], &["-v"]] {
        let direct = run(&testdata(), &[&["audit"][..], form, &all].concat());
        let merged = run(&testdata(), &[&merge[..], form].concat());
        assert_eq!(direct.out, merged.out, "{form:?}");
        assert_eq!(direct.status, merged.status, "{form:?}");
    }
    // The same lines once more change nothing and are said.
    let twice = [&merge[..], &[&parts[0]], &["--json"]].concat();
    let ran = run(&testdata(), &twice);
    assert!(
        ran.err.contains("7 lines are in the files more than once"),
        "{}",
        ran.err
    );
    assert_eq!(
        ran.out,
        run(&testdata(), &[&merge[..], &["--json"]].concat()).out
    );
}

#[test]
fn a_file_cut_in_mid_line_is_read_up_to_there() {
    let folder = tempfile::tempdir().unwrap();
    let cards = cards(folder.path(), 3);
    let names: Vec<_> = cards.iter().map(String::as_str).collect();
    let whole = run(
        folder.path(),
        &[&["audit", "--ndjson"], &names[..]].concat(),
    )
    .out;
    let ends: Vec<_> = whole.match_indices('\n').map(|(at, _)| at + 1).collect();
    let file = folder.path().join("cut.ndjson");
    let merge = ["audit", "merge", "--ndjson", "cut.ndjson"];
    for cut in [ends[1] + 1, ends[1] + 300, ends[2] - 2] {
        fs::write(&file, &whole[..cut]).unwrap();
        let ran = run(folder.path(), &merge);
        assert_eq!(
            (ran.status, ran.out.as_str()),
            (Some(1), &whole[..ends[1]]),
            "{cut}"
        );
        let said = "warning: cut.ndjson: it ends in the middle of line 3: the run that wrote it was \
                    cut off; 2 whole lines are used\n";
        assert_eq!(ran.err, said);
    }
    // Without its line feed the last line is still whole.
    fs::write(&file, whole.trim_end()).unwrap();
    assert_eq!(run(folder.path(), &merge).out, whole);
    for (text, said) in [
        ("", "error: there is no line to merge"),
        (
            "{}\n",
            "error: cut.ndjson, line 1: it is no line of `audit --ndjson`",
        ),
        ("\n\n", "error: there is no line to merge"),
        (
            "{\"schema\":\"bitbox-backup/9\"}\n",
            "error: cut.ndjson, line 1: its schema is bitbox-backup/9",
        ),
        (
            "{\"schema\":\"\\u001b[31m\"}\n",
            "error: cut.ndjson, line 1: its schema is \\x1b[31m",
        ),
    ] {
        fs::write(&file, text).unwrap();
        let ran = run(folder.path(), &merge);
        assert_eq!(ran.status, Some(2), "{text:?}: {ran:?}");
        assert!(ran.err.starts_with(said), "{text:?}: {}", ran.err);
    }
    fs::write(&file, whole.replacen("9.26.5", "9.20.0", 1)).unwrap();
    let ran = run(folder.path(), &merge);
    assert!(
        ran.err
            .contains("firmware 9.20.0 and for 9.26.5 cannot be merged"),
        "{}",
        ran.err
    );
}

#[test]
fn a_run_goes_on_where_another_ended() {
    let folder = tempfile::tempdir().unwrap();
    let cards = cards(folder.path(), 4);
    let names: Vec<_> = cards.iter().map(String::as_str).collect();
    let audit = |arguments: &[&str]| {
        run(
            folder.path(),
            &[&["audit", "--ndjson"], arguments, &names].concat(),
        )
    };
    let fresh = audit(&[]).out;
    // What is taken over is told by a mark that no examination would make.
    let marked = fresh.replace("Your backup is complete", "MARKED");
    let earlier = folder.path().join("earlier.ndjson");
    let resume = |text: &str, arguments: &[&str]| {
        fs::write(&earlier, text).unwrap();
        let ran = audit(&[&["--resume", "earlier.ndjson"], arguments].concat());
        let lines: Vec<_> = ran.out.lines().map(str::to_owned).collect();
        let taken = lines
            .iter()
            .map(|line| line.contains("MARKED"))
            .collect::<Vec<_>>();
        (ran, taken)
    };
    let (ran, taken) = resume(&fresh, &[]);
    assert_eq!(
        (ran.out, taken),
        (fresh.clone(), vec![false; 4]),
        "equal to a fresh run"
    );
    assert_eq!(resume(&marked, &[]).1, [true; 4]);
    assert_eq!(resume(&marked, &["--quick"]).1, [false; 4]);
    assert_eq!(resume(&marked, &["--firmware", "9.20.0"]).1, [false; 4]);
    assert_eq!(resume(&marked, &["--redact"]).1, [false; 4]);
    let other_tool = marked.replace("\"tool\":\"", "\"tool\":\"0");
    assert_eq!(resume(&other_tool, &[]).1, [false; 4]);
    // Cut off in the third line.
    let third = marked.match_indices('\n').nth(2).unwrap().0;
    let (ran, taken) = resume(&marked[..third - 9], &[]);
    assert_eq!(taken, [true, true, false, false]);
    assert!(ran.err.contains("in the middle of line 3"), "{}", ran.err);
    // A changed time, another size, another file in its place, a file that is gone.
    let touched = File::options()
        .append(true)
        .open(folder.path().join(names[0]))
        .unwrap();
    touched
        .set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    let copy = folder.path().join("copy.img");
    fs::copy(folder.path().join(names[1]), &copy).unwrap();
    let time = fs::metadata(folder.path().join(names[1]))
        .unwrap()
        .modified()
        .unwrap();
    File::options()
        .append(true)
        .open(&copy)
        .unwrap()
        .set_modified(time)
        .unwrap();
    fs::rename(&copy, folder.path().join(names[1])).unwrap();
    fs::remove_file(folder.path().join(names[2])).unwrap();
    let (ran, taken) = resume(&marked, &[]);
    assert_eq!(taken, [false, false, false, true]);
    assert_eq!(lines(&ran.out)[2]["status"], "failed");
}

/// A map or readings that came or changed beside an image change its answer.
#[test]
fn what_lies_beside_an_image_counts_for_a_resumed_run() {
    let folder = tempfile::tempdir().unwrap();
    let names = cards(folder.path(), 2);
    let at = |name: &str| folder.path().join(name);
    let size = fs::metadata(at(&names[0])).unwrap().len();
    let audit = |arguments: &[&str]| {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let ran = run(
            folder.path(),
            &[&["audit", "--ndjson"], arguments, &names].concat(),
        );
        ran.out
    };
    let taken = || {
        let out = audit(&["--resume", "earlier.ndjson"]);
        out.lines()
            .map(|line| line.contains("MARKED"))
            .collect::<Vec<_>>()
    };
    let keep = || {
        let marked = audit(&[]).replace("Your backup is complete", "MARKED");
        fs::write(at("earlier.ndjson"), marked).unwrap();
    };
    keep();
    assert_eq!(taken(), [true; 2]);
    let map = at("card-0000.img.map");
    fs::write(&map, format!("0x00 +\n0x00 {size:#x} +\n")).unwrap();
    assert_eq!(taken(), [false, true], "a map is new");
    keep();
    assert_eq!(taken(), [true; 2]);
    let line = lines(&audit(&[])).remove(0);
    assert_eq!(line["beside"][0]["file"], "card-0000.img.map");
    let touched = File::options().append(true).open(&map).unwrap();
    touched.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(taken(), [false, true], "it was changed");
    keep();
    fs::remove_file(&map).unwrap();
    assert_eq!(taken(), [false, true], "it is gone");
}

/// The cards in an archive are as old as it is, and the same archive under two names holds the same cards.
#[test]
fn the_cards_in_an_archive_are_taken_over_while_it_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let names = cards(folder.path(), 2);
    let images = names
        .iter()
        .map(|name| (&**name, fs::read(at(name)).unwrap()));
    let images: Vec<_> = images.collect();
    let members: Vec<_> = images
        .iter()
        .map(|(name, bytes)| (*name, &**bytes))
        .collect();
    fs::write(at("cards.zip"), zip(&members)).unwrap();
    let audit = |arguments: &[&str]| {
        let ran = run(
            folder.path(),
            &[&["audit", "--ndjson"], arguments, &["cards.zip"]].concat(),
        );
        ran.out
    };
    let fresh = audit(&[]);
    assert!(
        lines(&fresh)
            .iter()
            .all(|line| line["beside"].as_array().is_none_or(Vec::is_empty)),
        "{fresh}"
    );
    fs::write(
        at("earlier.ndjson"),
        fresh.replace("Your backup is complete", "MARKED"),
    )
    .unwrap();
    let taken = || {
        let out = audit(&["--resume", "earlier.ndjson"]);
        out.lines()
            .map(|line| line.contains("MARKED"))
            .collect::<Vec<_>>()
    };
    assert_eq!(taken(), [true; 2]);
    let touched = File::options().append(true).open(at("cards.zip")).unwrap();
    touched.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(taken(), [false; 2]);
    fs::hard_link(at("cards.zip"), at("same.zip")).unwrap();
    let twice = run(
        folder.path(),
        &["audit", "--ndjson", "cards.zip", "same.zip"],
    );
    assert_eq!(lines(&twice.out).len(), 2, "{twice:?}");
}

#[test]
fn no_report_is_written_to_an_answer_that_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let cards = cards(folder.path(), 1);
    let card = cards[0].as_str();
    let fresh = run(folder.path(), &["audit", "--ndjson", card]).out;
    fs::write(folder.path().join("same.nd"), &fresh).unwrap();
    for (arguments, what) in [
        (
            &["audit", card, "--resume", "same.nd", "--ndjson=./same.nd"][..],
            "./same.nd: is the answer that is resumed from",
        ),
        (
            &["audit", "merge", "same.nd", "--csv", "same.nd"],
            "same.nd: is one of the files that are merged",
        ),
    ] {
        let ran = run(folder.path(), arguments);
        let said = format!(
            "status 2\nerror: {what}, and nothing is written to it\n       give the new report another name\n"
        );
        assert_eq!(ran.text(), said);
    }
    assert_eq!(
        fs::read_to_string(folder.path().join("same.nd")).unwrap(),
        fresh
    );
}

/// A report that the disk does not take keeps nothing from the answer and the others.
#[test]
fn a_report_that_cannot_be_written_is_named_and_the_rest_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let cards = cards(folder.path(), 4);
    let program = env!("CARGO_BIN_EXE_bitbox-backup");
    let audit = |more: &str| -> Ran {
        let script = format!(
            "ulimit -f 16; exec {program} audit {} {more}",
            cards.join(" ")
        );
        let mut shell = std::process::Command::new("sh");
        let shell = shell.args(["-c", &script]).current_dir(folder.path());
        shell.output().unwrap().into()
    };
    let error = "error: page.html: cannot be written: File too large (os error 27)\n       \
                 nothing of it was written; give a place on another disk\n";
    let ran = audit("--json --html page.html --csv rows.csv");
    assert_eq!((ran.status, ran.err.as_str()), (Some(2), error));
    let answer = ran.json();
    assert_eq!(answer["sources"].as_array().unwrap().len(), 4);
    assert_eq!(answer["summary"]["examined"], 4);
    let missing = serde_json::json!([{
        "file": "page.html",
        "error": "page.html: cannot be written: File too large (os error 27)",
        "hint": "nothing of it was written; give a place on another disk",
    }]);
    assert_eq!(answer["not_written"], missing);
    let rows = fs::read_to_string(folder.path().join("rows.csv")).unwrap();
    assert_eq!(rows.lines().count(), 5);
    assert!(!folder.path().join("page.html").exists());
    let ran = audit("--html page.html");
    assert_eq!((ran.status, ran.err.as_str()), (Some(2), error));
    assert!(
        ran.out.contains("4 sources; 4 backups, 4 healthy;"),
        "{ran:?}"
    );
}

/// Of very many troubles each kind is shown.
#[test]
fn no_kind_of_trouble_hides_another() {
    let folder = tempfile::tempdir().unwrap();
    cards(folder.path(), 1);
    let ids: Vec<_> = (10..40).map(|number| format!("0000{number}\n")).collect();
    fs::write(
        folder.path().join("ours.csv"),
        format!("id\n{}", ids.concat()),
    )
    .unwrap();
    let arguments = [
        "audit",
        "card-0000.img",
        "nowhere.img",
        "--expect",
        "ours.csv",
    ];
    let ran = run(folder.path(), &arguments);
    let (_, troubles) = ran.out.split_once("\nNeeds attention\n").unwrap();
    let (troubles, _) = troubles.split_once("\n\n").unwrap();
    let kinds: Vec<_> = troubles
        .lines()
        .filter(|line| !line.contains("what to do: "))
        .map(|line| line.split_once("]").map_or(line, |(kind, _)| kind))
        .map(|kind| match kind.starts_with("  error: ") {
            true => "  error: ",
            false => kind,
        })
        .collect();
    let missing = "  error[expected-wallet-missing";
    let expected = [
        &[missing; 6][..],
        &[
            "      and 24 more of these: wallet 000016, wallet 000017, wallet 000018, +21",
            "  error: ",
            "  warning[wallet-on-few-cards",
            "  warning[unknown-wallet",
            "  -v shows all, --html FILE writes them as a page",
        ],
    ]
    .concat();
    assert_eq!(kinds, expected, "{troubles}");
}

#[test]
fn a_reader_that_goes_away_costs_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let cards = cards(folder.path(), 60);
    let names: Vec<_> = cards.iter().map(String::as_str).collect();
    let mut child = start(
        folder.path(),
        &[&["audit", "--json", "--csv=report.csv", "-q"], &names[..]].concat(),
    );
    drop(child.stdout.take());
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let report = fs::read_to_string(folder.path().join("report.csv")).unwrap();
    assert_eq!(report.lines().count(), 61);
}

/// The program at work, with its first lines of output read.
fn start(folder: &Path, arguments: &[&str]) -> Child {
    program(folder)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn interrupt(child: &Child) {
    send(child, Signal::INT);
}

fn send(child: &Child, signal: Signal) {
    let process = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(process, signal).unwrap();
}

/// Waits until something holds, and not for ever.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_interrupted_run_ends_with_what_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = cards(folder.path(), 1);
    // Hashing these takes long enough to be interrupted.
    for number in 0..60 {
        let name = format!("large-{number}.img");
        let file = File::create(folder.path().join(&name)).unwrap();
        file.set_len(256 << 20).unwrap();
        sources.push(name);
    }
    let list = listed(folder.path(), &sources);
    let mut child = start(
        folder.path(),
        &[
            "audit",
            "--hash",
            "--json",
            "--ndjson=lines.ndjson",
            "--html=page.html",
            "--threads=1",
            "--files-from",
            &list,
        ],
    );
    let written = folder.path().join("lines.ndjson");
    until("the first line", || {
        fs::read(&written).is_ok_and(|lines| lines.contains(&b'\n'))
    });
    interrupt(&child);
    child.wait().unwrap();
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!(ran.status, Some(130), "{ran:?}");
    assert!(
        ran.err.contains("press again to stop at once"),
        "{}",
        ran.err
    );
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let done = answer["sources"].as_array().unwrap().len();
    assert!((1..sources.len()).contains(&done), "{done}");
    assert_eq!(answer["summary"]["sources"], done);
    assert_eq!(answer["summary"]["left_out"], sources.len() - done);
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("<h1>Interrupted: "), "{page}");
    assert_eq!(lines(&fs::read_to_string(&written).unwrap()).len(), done);
}

#[test]
fn interrupted_twice_it_ends_at_once_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let large = File::create(folder.path().join("large.img")).unwrap();
    large.set_len(64 << 30).unwrap();
    let child = start(
        folder.path(),
        &[
            "audit",
            "--hash",
            "--csv=report.csv",
            "--log=a.log",
            "large.img",
        ],
    );
    let files = || fs::read_dir(folder.path()).unwrap().count();
    until("the log is begun, after the report", || files() == 2);
    std::thread::sleep(Duration::from_millis(300));
    // Both at once: nothing goes on for long after the first.
    for signal in [Signal::STOP, Signal::INT, Signal::TERM, Signal::CONT] {
        send(&child, signal);
    }
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!((ran.status, ran.out.as_str()), (Some(130), ""));
    assert_eq!(files(), 2, "no report and no part of one");
}

/// What was begun in JSON is one object even then.
#[test]
fn interrupted_twice_an_answer_in_json_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let large = File::create(folder.path().join("large.img")).unwrap();
    large.set_len(64 << 30).unwrap();
    let names = cards(folder.path(), 2);
    let sources = [names[0].as_str(), "large.img", &names[1]];
    let arguments = ["audit", "--hash", "--json", "--log=a.log", "--threads=1"];
    let child = start(folder.path(), &[&arguments[..], &sources].concat());
    until("the log is begun", || folder.path().join("a.log").exists());
    std::thread::sleep(Duration::from_millis(500));
    for signal in [Signal::STOP, Signal::INT, Signal::TERM, Signal::CONT] {
        send(&child, signal);
    }
    let ran: Ran = child.wait_with_output().unwrap().into();
    let answer = ran.json();
    // The first signal may have ended it before the second came.
    let is_ended = answer["summary"].is_object() || answer["status"] == "interrupted";
    assert!(is_ended, "{answer}");
}

/// Also before anything was printed.
#[test]
fn an_interrupted_answer_in_json_is_one_object() {
    let folder = tempfile::tempdir().unwrap();
    let mut large = File::create(folder.path().join("large.img")).unwrap();
    let bytes: Vec<u8> = (0..1_u32 << 18).flat_map(u32::to_le_bytes).collect();
    for _ in 0..512 {
        large.write_all(&bytes).unwrap();
    }
    for command in ["inspect", "list"] {
        let child = start(folder.path(), &[command, "--json", "--carve", "large.img"]);
        std::thread::sleep(Duration::from_millis(500));
        interrupt(&child);
        let ran: Ran = child.wait_with_output().unwrap().into();
        assert_eq!(ran.status, Some(130), "{command} {ran:?}");
        assert_eq!(ran.json()["command"], command);
    }
}

#[test]
fn interrupted_once_a_hash_ends_soon() {
    let folder = tempfile::tempdir().unwrap();
    let large = File::create(folder.path().join("large.img")).unwrap();
    large.set_len(64 << 30).unwrap();
    let child = start(
        folder.path(),
        &["audit", "--hash", "--log=a.log", "large.img"],
    );
    until("the log is begun", || folder.path().join("a.log").exists());
    std::thread::sleep(Duration::from_millis(500));
    let began = Instant::now();
    interrupt(&child);
    let ran: Ran = child.wait_with_output().unwrap().into();
    // 64 GiB take minutes; the bound has room for a machine with much else to do.
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(ran.status, Some(130));
    let log = fs::read_to_string(folder.path().join("a.log")).unwrap();
    assert!(log.contains("\"event\":\"interrupted\""), "{log}");
}

#[test]
fn lines_come_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let sources = cards(folder.path(), 1);
    let large = File::create(folder.path().join("large.img")).unwrap();
    large.set_len(2 << 30).unwrap();
    let mut child = start(
        folder.path(),
        &["audit", "--hash", "--ndjson", &sources[0], "large.img"],
    );
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.contains(&sources[0]), "{line}");
    assert!(
        child.try_wait().unwrap().is_none(),
        "the second is still hashed"
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_station_reads_one_card_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let cards = cards(folder.path(), 3);
    let arguments = [
        "audit",
        "--watch",
        "slot",
        "--ndjson=lines.ndjson",
        "--log=station.log",
    ];
    let written = folder.path().join("lines.ndjson");
    let count = || fs::read_to_string(&written).map_or(0, |text| text.lines().count());
    let slot = folder.path().join("slot");
    let put_in = |card: &str| {
        fs::copy(folder.path().join(card), &slot).unwrap();
    };
    let child = start(folder.path(), &arguments);
    put_in(&cards[0]);
    until("the first card", || count() == 1);
    fs::remove_file(&slot).unwrap();
    std::thread::sleep(Duration::from_millis(1000));
    put_in(&cards[1]);
    until("the second card", || count() == 2);
    interrupt(&child);
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert_eq!(ran.status, Some(130), "{ran:?}");
    assert!(ran.err.contains(" HEALTHY  slot#1 "), "{}", ran.err);
    assert!(ran.err.contains("take the card out"), "{}", ran.err);
    assert!(ran.out.contains("2 wallets: "), "{}", ran.out);
    // A power cut took the end of the last line; the station goes on behind the first.
    let text = fs::read_to_string(&written).unwrap();
    fs::write(&written, &text[..text.len() - 40]).unwrap();
    fs::remove_file(&slot).unwrap();
    let child = start(folder.path(), &arguments);
    put_in(&cards[2]);
    until("the third card", || {
        count() == 2 && fs::read_to_string(&written).unwrap().ends_with('\n')
    });
    interrupt(&child);
    let ran: Ran = child.wait_with_output().unwrap().into();
    assert!(ran.err.contains("in the middle of line 2"), "{}", ran.err);
    let found = lines(&fs::read_to_string(&written).unwrap());
    let names: Vec<_> = found.iter().map(|line| &line["source"]).collect();
    assert_eq!(names, ["slot#1", "slot#2"]);
    assert_eq!(found[1]["backups"][0]["id"], wallet::numbered(2).id());
    let log = run(folder.path(), &["log", "verify", "station.log"]);
    assert_eq!(log.status, Some(0), "{log:?}");
}

#[test]
fn a_station_takes_images_from_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let cards = cards(folder.path(), 2);
    let inbox = folder.path().join("inbox");
    fs::create_dir(&inbox).unwrap();
    let mut child = start(folder.path(), &["audit", "--watch", "--ndjson", "inbox"]);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    for card in &cards {
        fs::copy(folder.path().join(card), inbox.join(card)).unwrap();
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        assert!(
            line["source"].as_str().unwrap().starts_with("inbox/card-"),
            "{line}"
        );
        assert_eq!(line["status"], "examined");
    }
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn an_evidence_log_holds_every_source() {
    let folder = tempfile::tempdir().unwrap();
    let cards = cards(folder.path(), 3);
    let names: Vec<_> = cards.iter().map(String::as_str).collect();
    let arguments = [
        &["audit", "--json", "--hash", "--log=audit.log"],
        &names[..],
        &["nowhere"],
    ]
    .concat();
    let ran = run(folder.path(), &arguments);
    let head = ran.err.trim_end().lines().last().unwrap().to_owned();
    let log = fs::read_to_string(folder.path().join("audit.log")).unwrap();
    let noted = lines(&log);
    let events: Vec<_> = noted
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        [
            "started", "source", "source", "source", "source", "finished"
        ]
    );
    assert_eq!(noted[0]["command"][0], "audit");
    let card = fs::read(folder.path().join(names[0])).unwrap();
    assert_eq!(noted[1]["source"]["path"], names[0]);
    assert_eq!(noted[1]["sha256"], hex::encode(Sha256::digest(&card)));
    assert_eq!(noted[1]["result"]["backups"][0]["state"], "healthy");
    assert_eq!(noted[4]["result"]["status"], "failed");
    let verify = run(
        folder.path(),
        &["log", "verify", "audit.log", "--head", &head],
    );
    assert_eq!(verify.status, Some(0), "{verify:?}");
    // A second run goes on in it; the first head still proves its part.
    run(folder.path(), &arguments);
    let verify = json(
        folder.path(),
        &["log", "verify", "audit.log", "--head", &head, "--json"],
    );
    assert_eq!(
        (&verify["intact"], &verify["behind"]),
        (&true.into(), &6.into())
    );
    fs::write(
        folder.path().join("audit.log"),
        log.replacen("healthy", "damaged", 1),
    )
    .unwrap();
    let verify = run(
        folder.path(),
        &["log", "verify", "audit.log", "--head", &head],
    );
    assert_eq!(verify.status, Some(1), "{verify:?}");
    let refused = run(folder.path(), &arguments);
    assert_eq!(refused.status, Some(2), "{refused:?}");
}

#[test]
fn nothing_is_overwritten_and_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let card = cards(folder.path(), 1).remove(0);
    let mut old = File::create(folder.path().join("old.ndjson")).unwrap();
    old.write_all(b"precious").unwrap();
    for (arguments, said) in [
        (&["--ndjson=old.ndjson"][..], "old.ndjson: is there already"),
        (
            &["--ndjson=no/such/folder"],
            "no/such: there is no such folder",
        ),
        (&["--log=no/such/log"], "no/such/log: "),
        (
            &["--csv=x.txt", "--dfxml=x.txt"],
            "x.txt: is used for two reports",
        ),
        (
            &["--json", "--ndjson"],
            "--json and --ndjson both answer on standard output",
        ),
        (
            &["--resume", "nowhere.ndjson"],
            "nowhere.ndjson: cannot be read",
        ),
    ] {
        let ran = run(folder.path(), &[&["audit", &card], arguments].concat());
        // A failure answers in JSON where JSON was asked for.
        let json = arguments.contains(&"--json");
        assert_eq!(ran.status, Some(2), "{arguments:?}: {ran:?}");
        assert_eq!(ran.out.is_empty(), !json, "{arguments:?}: {ran:?}");
        assert!(
            ran.err.starts_with(&format!("error: {said}")),
            "{}",
            ran.err
        );
    }
    assert_eq!(
        fs::read(folder.path().join("old.ndjson")).unwrap(),
        b"precious"
    );
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 2, "nothing was left behind");
}
