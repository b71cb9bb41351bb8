use super::*;

fn letter() -> Letter {
    Letter {
        prefix: "577782fd".to_owned(),
        id: "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2".to_owned(),
        name: Some("<b>Ann & Bob</b>".to_owned()),
        created: Some("2020-09-28T08:30:09Z".to_owned()),
        words: 12,
        fingerprint: Some("5862f623".to_owned()),
        cards: 2,
        is_degraded: false,
        others: Vec::new(),
        rest: Vec::new(),
        files: Vec::new(),
    }
}

#[test]
fn both_forms_say_what_is_known() {
    let text = text(&letter());
    let page = page(&letter()).unwrap();
    for said in [
        "5777 82fd",
        "2020-09-28",
        "5862f623",
        "12",
        "bitbox.swiss",
        "`bitbox-backup match CARD --id 577782fd`",
    ] {
        assert!(text.contains(said) && page.contains(said), "{said}");
    }
    assert!(text.starts_with(BEGINNING));
    assert!(
        text.lines().all(|line| line.chars().count() <= WIDTH),
        "{text}"
    );
    assert!(
        page.contains("&lt;b&gt;Ann &amp; Bob&lt;") && !page.contains("<b>Ann"),
        "{page}"
    );
}

#[test]
fn what_is_not_known_is_said_to_be_unknown() {
    let unknown = Letter {
        name: None,
        created: None,
        fingerprint: None,
        ..letter()
    };
    assert_eq!(text(&unknown).matches("unknown").count(), 3);
}
