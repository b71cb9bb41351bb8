//! Every error of the library gives its cause, and may grow.

use super::layers::library;

/// The declarations of errors in a file: from behind `derive` to the closing brace.
fn errors(code: &str) -> impl Iterator<Item = &str> {
    code.split("\n#[derive(").skip(1).filter_map(|rest| {
        let (derived, rest) = rest.split_once(")]\n")?;
        let is_error = derived.split(", ").any(|one| one.trim().ends_with("Error"));
        is_error.then(|| rest.split("\n}").next().unwrap_or(rest))
    })
}

/// Whether a type is another error.
fn is_error(name: &str) -> bool {
    name.trim_end_matches(',').ends_with("Error")
}

/// The fields that hold another error and do not say that it is the cause.
fn causes_left_out(declaration: &str) -> Vec<&str> {
    let lines: Vec<_> = declaration.lines().map(str::trim).collect();
    let before = lines.iter().map(Some);
    let before = std::iter::once(None).chain(before);
    let left_out = before.zip(&lines).filter(|(before, line)| {
        let named = line
            .split_once(": ")
            .is_some_and(|(_, name)| is_error(name));
        let tuple = line
            .strip_suffix("),")
            .and_then(|line| line.split_once('('));
        let unnamed = tuple.is_some_and(|(_, name)| is_error(name) && !name.starts_with("#["));
        let is_cause = before.is_some_and(|before| {
            ["#[source]", "#[from]", "#[error(transparent)]"].contains(before)
        });
        (named || unnamed) && !is_cause
    });
    left_out.map(|(_, line)| *line).collect()
}

#[test]
fn every_error_gives_its_cause_and_may_grow() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (path, code) in library() {
        for error in errors(&code) {
            count += 1;
            let closed = error.contains("pub enum") && !error.contains("#[non_exhaustive]");
            let causes = causes_left_out(error);
            if closed || !causes.is_empty() {
                let first = error.lines().find(|line| line.contains("pub "));
                wrong.push((path.clone(), first.map(str::to_owned), causes.join(" ")));
            }
        }
    }
    assert!(count > 35, "{count} errors");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_cause_that_is_left_out_is_seen() {
    let code = "use std::io;\n#[derive(Debug, thiserror::Error)]\npub enum One {\n    #[error(\"{error}\")]\n    \
                A {\n        error: io::Error,\n    },\n    #[error(\"{0}\")]\n    B(io::Error),\n    \
                C(#[from] io::Error),\n    D {\n        #[source]\n        error: io::Error,\n    },\n}\n";
    let found: Vec<_> = errors(code).flat_map(causes_left_out).collect();
    assert_eq!(found, ["error: io::Error,", "B(io::Error),"]);
}
