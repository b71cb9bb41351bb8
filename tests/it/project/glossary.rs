//! The words of help, findings and pages are those of docs/glossary.md.

use super::docs::{pages, prose, root, run};

/// The words of the glossary's last table that are not used.
fn avoided() -> Vec<String> {
    let page = std::fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let (_, table) = page.split_once("| say | not |\n|---|---|\n").unwrap();
    let cells = table.lines().filter_map(|row| row.split('|').nth(2));
    let words: Vec<_> = cells
        .flat_map(|cell| cell.split(';'))
        .map(|words| words.trim().to_lowercase())
        .collect();
    assert!(words.len() > 50 && words.iter().all(|words| !words.is_empty()));
    words
}

/// Lower case, one space between words, and no code, links or signs.
fn plain(text: &str) -> String {
    let code = text
        .split('`')
        .step_by(2)
        .collect::<Vec<_>>()
        .join(" code ");
    let targets = code.split("](").enumerate().map(|(n, part)| match n {
        0 => part,
        _ => part.split_once(')').map_or("", |(_, rest)| rest),
    });
    let words = targets.collect::<Vec<_>>().join(" ").to_lowercase();
    let words: Vec<_> = words
        .split(|c: char| !c.is_alphanumeric() && !"'-_".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    format!(" {} ", words.join(" "))
}

/// The help of the program and of each of its commands, with the names of the commands.
fn helps() -> Vec<(String, String)> {
    fn add(command: &str, found: &mut Vec<(String, String)>) {
        let help = run(format!("{command} --help").trim_start());
        let listed = help
            .split_once("\nCommands:\n")
            .map_or("", |(_, rest)| rest);
        let names: Vec<_> = listed
            .lines()
            .take_while(|line| !line.is_empty())
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| *name != "help")
            .map(|name| format!("{command} {name}").trim_start().to_owned())
            .collect();
        found.push((format!("{command} --help"), help));
        for name in names {
            add(&name, found);
        }
    }
    let mut found = Vec::new();
    add("", &mut found);
    found
}

#[test]
fn the_words_are_those_of_the_glossary() {
    let avoided = avoided();
    let mut texts = helps();
    assert!(texts.len() > 20, "{}", texts.len());
    for path in pages() {
        let page = std::fs::read_to_string(&path).unwrap();
        let page = page.split("| say | not |").next().unwrap();
        texts.push((path.display().to_string(), prose(page)));
    }
    for entry in std::fs::read_dir(root().join("docs/schema")).unwrap() {
        let path = entry.unwrap().path();
        texts.push((
            path.display().to_string(),
            std::fs::read_to_string(&path).unwrap(),
        ));
    }
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        let text = plain(text);
        for words in &avoided {
            if text.contains(&format!(" {words} ")) {
                wrong.push(format!("{name}: {words}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "docs/glossary.md has better words for these:\n{}",
        wrong.join("\n")
    );
}
