//! The page of `audit --html`: nothing in it but itself, whatever is on the cards.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::support::program::{run, testdata};

use fixtures::fleet;
use sha2::{Digest, Sha256};

/// A folder with cards, and a place for pages beside it.
struct Cards {
    folder: tempfile::TempDir,
}

impl Cards {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("cards")).unwrap();
        Self { folder }
    }

    /// Twenty healthy cards, of which the eighth is bad.
    fn with_one_bad() -> Self {
        let cards = Self::new();
        for n in 0..20 {
            let card = if n == 7 {
                fleet::bad(n)
            } else {
                fleet::healthy(n)
            };
            cards.add(&format!("card-{n:02}.img"), &card);
        }
        cards
    }

    fn hostile() -> Self {
        let cards = Self::new();
        cards.add("<img src=x onerror=3> ' style='x.img", &fleet::hostile());
        cards
    }

    fn add(&self, name: &str, card: &fixtures::card::Card) {
        card.write_to(self.folder.path().join("cards").join(name))
            .unwrap();
    }

    fn cards(&self) -> String {
        self.folder.path().join("cards").to_str().unwrap().into()
    }

    fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn page(&self, more: &[&str]) -> String {
        let place = self.place("page.html");
        let cards = self.cards();
        let to = ["audit", &cards, "--html", place.to_str().unwrap()];
        let ran = run(&testdata(), &[&to, more].concat());
        assert!(ran.status.is_some_and(|status| status < 2), "{ran:?}");
        std::fs::read_to_string(place).unwrap()
    }
}

/// The page of the cards that are checked in.
fn page_of_testdata() -> String {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("page.html");
    let (cards, to) = (testdata(), place.to_str().unwrap());
    let output = run(
        &testdata(),
        &["audit", cards.to_str().unwrap(), "--deleted", "--html", to],
    );
    assert_eq!(output.status, Some(1));
    std::fs::read_to_string(place).unwrap()
}

/// Every tag of a page, from `<` to `>`. Text never holds either: both are escaped.
fn tags(page: &str) -> Vec<&str> {
    let (before, style) = page.split_once("<style>").unwrap();
    let (_, after) = style.split_once("</style>").unwrap();
    let mut tags = Vec::new();
    for part in [before, after] {
        for piece in part.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').expect("a tag ends");
            assert!(!text.contains('>'), "a bare > in {text:?}");
            tags.push(tag);
        }
    }
    tags
}

const KNOWN_TAGS: &[&str] = &[
    "!doctype", "a", "article", "b", "bdi", "body", "caption", "circle", "code", "dd", "defs",
    "details", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "head", "header", "html", "li",
    "line", "main", "meta", "nav", "ol", "p", "path", "pattern", "rect", "section", "span",
    "summary", "sup", "svg", "symbol", "table", "tbody", "td", "text", "th", "thead", "time",
    "title", "tr", "ul", "use",
];

const KNOWN_ATTRIBUTES: &[&str] = &[
    "aria-hidden",
    "aria-label",
    "charset",
    "class",
    "colspan",
    "content",
    "cx",
    "cy",
    "d",
    "data-label",
    "datetime",
    "height",
    "href",
    "html",
    "http-equiv",
    "id",
    "lang",
    "name",
    "open",
    "patternUnits",
    "r",
    "role",
    "scope",
    "tabindex",
    "text-anchor",
    "title",
    "viewBox",
    "width",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
];

/// The attributes of a tag with their values.
fn attributes(tag: &str) -> Vec<(&str, &str)> {
    let mut rest = tag.split_once([' ', '\n']).map_or("", |(_, rest)| rest);
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\n', '/']);
        if rest.is_empty() {
            return found;
        }
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        match behind.strip_prefix("=\"") {
            Some(value) => {
                let (value, behind) = value.split_once('"').expect("a value ends");
                found.push((name, value));
                rest = behind;
            }
            None => {
                found.push((name, ""));
                rest = behind;
            }
        }
    }
}

/// Holds what must be true of every page.
fn check(page: &str) {
    assert!(page.starts_with(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta http-equiv=\"Content-Security-Policy\""
    ));
    let all = tags(page);
    let each = all.iter().flat_map(|tag| attributes(tag));
    let ids: HashSet<&str> = each
        .filter(|(attribute, _)| *attribute == "id")
        .map(|(_, value)| value)
        .collect();
    for tag in all {
        let name = tag.trim_start_matches('/');
        let name = name.split([' ', '\n', '/']).next().unwrap();
        assert!(KNOWN_TAGS.contains(&name), "<{tag}>");
        for (attribute, value) in attributes(tag) {
            assert!(
                KNOWN_ATTRIBUTES.contains(&attribute),
                "{attribute} in <{tag}>"
            );
            if attribute == "href" {
                let target = value.strip_prefix('#').expect("a link within the page");
                assert!(ids.contains(target), "nothing is at {value}");
            }
        }
    }
    let lower = page.to_lowercase();
    assert!(!lower.contains("<script") && !lower.contains("//"));
    assert!(!lower.contains("http:") && !lower.contains("https:/"));
    assert!(!page.contains('\u{202e}') && !page.contains('\u{1b}'));
    check_policy(page);
}

fn check_policy(page: &str) {
    let (_, style) = page.split_once("<style>").unwrap();
    let (style, _) = style.split_once("</style>").unwrap();
    assert!(!style.contains("@import") && !style.contains("http"));
    for url in style.split("url(").skip(1) {
        assert!(url.starts_with('#'), "{url}");
    }
    let (_, policy) = page.split_once("content=\"").unwrap();
    let (policy, _) = policy.split_once('"').unwrap();
    let hash = Sha256::digest(style);
    let hash = data_encoding::BASE64.encode(&hash);
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
        )
    );
}

/// Base64 a second time, by bits.
#[test]
fn the_page_holds_nothing_but_itself() {
    check(&page_of_testdata());
    check(&Cards::with_one_bad().page(&[]));
    check(&Cards::with_one_bad().page(&["--redact"]));
}

#[test]
fn hostile_names_stay_text() {
    let cards = Cards::hostile();
    let page = cards.page(&["--deleted"]);
    check(&page);
    for shown in [
        "&lt;script&gt;alert(1)",
        "&quot;&gt;&lt;img src=x onerror=1&gt;",
        "{{7*7}}",
        "&amp;lt;b&amp;gt;",
        "\\u{202e}gnp.exe",
        "<bdi class=\"name\">\u{5d0}\u{5d1}\u{5d2} (1) \u{5d3}</bdi>",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    for made in [">49<", ">49{", " 49<"] {
        assert!(!page.contains(made), "a name was taken for a template");
    }
}

#[test]
fn a_hostile_line_stays_text() {
    let cards = Cards::with_one_bad();
    let line = run(&testdata(), &["audit", &cards.cards(), "--ndjson"]);
    let lines = line.out;
    let first = lines.lines().next().unwrap();
    let attack = first
        .replace("\"FAT32\"", "\"<script>\"")
        .replace("v9.27.0", "<b onclick=1>")
        .replace("\"kind\":\"", "\"kind\":\"'><img src=x>")
        .replace("-0000-", "-</style>-");
    assert_ne!(first, attack);
    let (file, place) = (cards.place("lines"), cards.place("page.html"));
    std::fs::write(&file, attack).unwrap();
    let (file, to) = (file.to_str().unwrap(), place.to_str().unwrap());
    let output = run(&testdata(), &["audit", "merge", file, "--html", to]);
    assert_ne!(output.status, Some(2));
    let page = std::fs::read_to_string(place).unwrap();
    check(&page);
    assert!(page.contains("&lt;b onclick=1&gt;"));
}

#[test]
fn the_bad_card_comes_first_and_every_card_is_told() {
    let cards = Cards::with_one_bad();
    let page = cards.page(&[]);
    let (_, body) = page.split_once("</style>").unwrap();
    let name = |n: u32| format!("card-{n:02}.img");
    let first = |text: &str| body.find(text).unwrap_or_else(|| panic!("{text}"));
    for n in 0..20 {
        let (link, row) = (
            format!("href=\"#card-{}\"", n + 1),
            format!("id=\"row-{}\"", n + 1),
        );
        assert!(first(&row) < body.rfind(&name(n)).unwrap());
        assert!(n == 7 || first("href=\"#card-8\"") < first(&link), "{link}");
    }
    assert!(body.contains("<h1>1 of 20 cards and 1 of 10 wallets need attention.</h1>"));
    assert!(first(".DS_Store&quot; from the card with a computer") < first("id=\"wallets\""));
    assert!(!page.contains("No map"));
}

/// What was not searched is not in order, and what is empty is called so.
#[test]
fn a_card_that_was_not_searched_needs_attention() {
    let cards = Cards::new();
    let blank = fixtures::fat::Layout::FAT12.format().card;
    for n in 0..7 {
        cards.add(&format!("empty-{n}.img"), &blank);
    }
    let head = |page: &str| {
        let (_, head) = page.split_once("<h1>").unwrap();
        head.split_once("</h1>").unwrap().0.to_owned()
    };
    let page = cards.page(&[]);
    assert_eq!(head(&page), "All 7 cards are empty; no wallet was found.");
    let page = cards.page(&["--quick"]);
    check(&page);
    let said = "All 7 cards need attention; no wallet was found.";
    assert_eq!(head(&page), said);
    let group = "<span class=\"what\">7 cards:</span> No backup was found so far, and not everything was searched.";
    assert!(page.contains(group));
    assert!(page.contains("<header class=\"top warn\">"));
    let folder = PathBuf::from(cards.cards());
    let ran = run(&folder, &["audit", "empty-0.img", "--quick"]);
    let text = "status 0\n   \
                CARD         STATE       BACKUPS  WALLETS\n   \
                empty-0.img  unsearched\n\
                \n\
                Needs attention\n  \
                warning: empty-0.img: No backup was found (in its live folders; the rest of the card was not searched).\n      \
                what to do: Search the whole card, including unallocated space, before anything is written to it.\n      \
                bitbox-backup list empty-0.img --carve\n\
                \n\
                1 source, 1 not wholly searched; 0 backups, 0 healthy; 0 errors, 0 warnings.\n\
                The BitBox's view is that of firmware 9.26.5, verified by running that firmware.\n";
    assert_eq!(ran.text(), text);
    let ran = run(&folder, &["audit", ".", "--quick", "--json"]);
    assert_eq!(ran.json()["summary"]["unsearched"], 7);
    assert_eq!(
        run(&folder, &["audit", ".", "--json"]).json()["summary"]["empty"],
        7
    );
}

#[test]
fn of_very_many_cards_none_is_dropped_in_silence() {
    let cards = Cards::with_one_bad();
    let lines = run(&testdata(), &["audit", &cards.cards(), "--ndjson"]).out;
    // 600 in order, then as many warned of as have sections and more, then the bad one.
    let (bad, healthy): (Vec<_>, Vec<_>) = lines.lines().partition(|line| line.contains("07.img"));
    let warned = healthy[0].replace("\"findings\":[]", "\"findings\":[{\"rule\":\"volume-not-used\",\"severity\":\"warning\",\"message\":\"\",\"offset\":null,\"shows\":\"\",\"advice\":\"\"}]");
    let mut many = String::new();
    for (count, line) in [(600, healthy[1]), (1200, &warned), (1, bad[0])] {
        for n in 0..count {
            let other = format!("n{n}.img\",\"status\"");
            many += &line.replacen(".img\",\"status\"", &other, 1);
            many.push('\n');
        }
    }
    let (file, place) = (cards.place("lines"), cards.place("page.html"));
    std::fs::write(&file, many).unwrap();
    let (file, to) = (file.to_str().unwrap(), place.to_str().unwrap());
    run(&testdata(), &["audit", "merge", file, "--html", to]);
    let page = std::fs::read_to_string(place).unwrap();
    check(&page);
    assert_eq!(page.matches("<tr id=\"row-").count(), 1801);
    assert!(page.contains("The 600 cards without an error or a warning have no section"));
    assert!(page.contains("700 more cards with an error or a warning have no section"));
    assert!(page.contains("And 700 more cards with a warning"));
    let first = page.find("<a href=\"#card-").unwrap();
    assert!(page[first..].starts_with("<a href=\"#card-1801\""));
}

#[test]
fn a_card_that_failed_is_told() {
    let cards = Cards::with_one_bad();
    let nowhere = cards.place("nowhere.img");
    let page = cards.page(&[nowhere.to_str().unwrap()]);
    check(&page);
    assert!(page.contains("2 of 21 cards and 1 of 10 wallets need attention"));
    assert!(page.contains("nowhere.img"));
}

#[test]
fn the_same_cards_give_the_same_bytes() {
    let cards = Cards::with_one_bad();
    let one = cards.page(&["--threads", "1"]);
    assert!(one == cards.page(&["--threads", "8"]));
    let (lines, place) = (cards.place("lines"), cards.place("merged.html"));
    std::fs::write(
        &lines,
        run(&testdata(), &["audit", &cards.cards(), "--ndjson"]).out,
    )
    .unwrap();
    let (lines, to) = (lines.to_str().unwrap(), place.to_str().unwrap());
    run(&testdata(), &["audit", "merge", lines, "--html", to]);
    assert!(one == std::fs::read_to_string(place).unwrap());
}

#[test]
fn redacted_pages_show_no_name() {
    let cards = Cards::with_one_bad();
    let page = cards.page(&["--redact"]);
    assert!(!page.contains("Wallet 3"));
    let id = fixtures::wallet::numbered(3).id();
    assert!(!page.contains(&id[..8]));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let cards = Cards::with_one_bad();
    cards.page(&[]);
    let mode = std::fs::metadata(cards.place("page.html")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let cards = Cards::hostile();
    let card = std::fs::read_dir(cards.cards()).unwrap().next().unwrap();
    let card = card.unwrap().path();
    let before = std::fs::read(&card).unwrap();
    let count = |folder: &Path| std::fs::read_dir(folder).unwrap().count();
    let nowhere = cards.place("no/such/folder/page.html");
    for (place, said) in [
        (&nowhere, "no such folder to write into"),
        (&cards.place("cards"), "what is there is not an HTML report"),
        (&card, "is on the source"),
    ] {
        let output = run(
            &testdata(),
            &["audit", &cards.cards(), "--html", place.to_str().unwrap()],
        );
        let error = output.err;
        assert_eq!(output.status, Some(2), "{error}");
        assert!(
            error.starts_with("error: ") && error.contains(said),
            "{error}"
        );
        assert!(output.out.is_empty());
    }
    assert!(
        before == std::fs::read(&card).unwrap(),
        "a card was replaced"
    );
    assert_eq!(
        (count(cards.folder.path()), count(card.parent().unwrap())),
        (1, 1)
    );
}
