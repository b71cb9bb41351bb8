use super::*;
use crate::answers::Examined;
use bitbox_backup::report::Summary;
use serde_json::json;

fn text(answer: &impl Serialize) -> String {
    String::from_utf8(bytes(answer).unwrap()).unwrap()
}

#[test]
fn each_element_of_a_list_of_the_answer_has_its_line() {
    #[derive(Serialize)]
    struct Answer {
        second: u8,
        first: [serde_json::Value; 2],
        none: [u8; 0],
        object: serde_json::Value,
        last: Option<u8>,
    }
    let answer = Answer {
        second: 2,
        first: [json!({ "a": [1, { "b": [2, 3] }] }), json!([[4], [5, 6]])],
        none: [],
        object: json!({ "c": [7, 8] }),
        last: None,
    };
    assert_eq!(
        text(&answer),
        "{\"second\":2,\"first\":[\n{\"a\":[1,{\"b\":[2,3]}]},\n[[4],[5,6]]],\n\"none\":[],\n\
         \"object\":{\"c\":[7,8]},\"last\":null}\n"
    );
}

#[test]
fn it_is_the_same_whether_it_is_written_at_once_or_source_by_source() {
    let source = Source::failed("a.img", "no", "");
    let mut summary = Summary::default();
    summary.add(&source);
    let firmware = Version::default();
    let mut out = Vec::new();
    let mut sources = Sources::new(&mut out, "list", firmware).unwrap();
    sources.source(&source).unwrap();
    sources.source(&source).unwrap();
    sources.end(&summary, &[]).unwrap();
    #[derive(Serialize)]
    struct Whole<'a> {
        #[serde(flatten)]
        head: Examined,
        sources: [&'a Source; 2],
        summary: &'a Summary,
    }
    let whole = Whole {
        head: Examined::new("list", firmware),
        sources: [&source, &source],
        summary: &summary,
    };
    assert_eq!(String::from_utf8(out).unwrap(), text(&whole));
}
