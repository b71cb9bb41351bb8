//! The published JSON Schemas: as they are, and with no room for what they do not describe.

use std::path::Path;

use bitbox_backup::firmware::Version;
use bitbox_backup::report::{Line, OptionsReport, Source};
use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

macro_rules! published {
    ($($field:ident $name:literal,)*) => {
        /// The schemas, compiled: as they are published, and closed.
        pub struct Published {
            schemas: Schemas,
            $(pub $field: [SchemaIndex; 2],)*
        }

        /// Their names.
        pub const NAMES: &[&str] = &[$($name),*];

        impl Published {
            fn of(schemas: Schemas, compiled: &[[SchemaIndex; 2]]) -> Self {
                let mut compiled = compiled.iter().copied();
                Self {
                    $($field: compiled.next().unwrap(),)*
                    schemas,
                }
            }
        }
    };
}

published! {
    answer "answer",
    line "line",
    diff "diff",
    log "log",
    recover "recover",
    copies "copies",
    words "words",
    self_test "self-test",
    image "image",
    sources "sources",
    device "device",
    wallet "wallet",
    matching "match",
    letter "letter",
    failure "failure",
}

pub fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/schema")
        .join(format!("{name}.schema.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Where a part of a schema stands.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// It describes a value wholly.
    Whole,
    /// It describes a value together with what refers to it or stands beside it.
    Share,
    /// It only asks for some fields of a value that is described elsewhere.
    Condition,
}

/// The same schema without room for what it does not describe: every object that names its fields, and
/// every reference to one, has no others.
fn closed(schema: &Value, part: Part) -> Value {
    let Value::Object(fields) = schema else {
        return match schema {
            Value::Array(all) => all.iter().map(|one| closed(one, part)).collect(),
            other => other.clone(),
        };
    };
    let mut all = serde_json::Map::new();
    for (key, value) in fields {
        let inside = match key.as_str() {
            _ if part == Part::Condition => Part::Condition,
            "if" | "then" | "else" | "not" => Part::Condition,
            "allOf" | "$defs" => Part::Share,
            _ => Part::Whole,
        };
        let value = match value {
            // Names of fields and definitions are no keywords.
            Value::Object(named) if key == "$defs" || key == "properties" => named
                .iter()
                .map(|(name, one)| (name.clone(), closed(one, inside)))
                .collect(),
            _ => closed(value, inside),
        };
        all.insert(key.clone(), value);
    }
    let names_fields = all.contains_key("properties") || all.contains_key("$ref");
    if names_fields && part == Part::Whole {
        all.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
    }
    Value::Object(all)
}

impl Published {
    pub fn new() -> Self {
        let mut schemas = Schemas::new();
        let mut compile = |close: bool| {
            let mut compiler = Compiler::new();
            compiler.enable_format_assertions();
            let urls: Vec<_> = NAMES
                .iter()
                .map(|name| {
                    let mut schema = schema(name);
                    if close {
                        schema = closed(&schema, Part::Whole);
                        // Both kinds live in one collection, so they need addresses of their own.
                        let url = schema["$id"].as_str().unwrap();
                        schema["$id"] = url.replace("/schema/", "/closed/").into();
                    }
                    let url = schema["$id"].as_str().unwrap().to_owned();
                    compiler.add_resource(&url, schema).unwrap();
                    url
                })
                .collect();
            urls.iter()
                .map(|url| compiler.compile(url, &mut schemas).unwrap())
                .collect::<Vec<_>>()
        };
        let (open, closed) = (compile(false), compile(true));
        let pairs: Vec<_> = open
            .into_iter()
            .zip(closed)
            .map(|(open, closed)| [open, closed])
            .collect();
        Self::of(schemas, &pairs)
    }

    pub fn refuses(&self, value: &Value, schema: SchemaIndex) -> Option<String> {
        let answer = self.schemas.validate(value, schema);
        answer.err().map(|error| error.to_string())
    }

    pub fn holds(&self, what: &str, value: &Value, schemas: [SchemaIndex; 2]) {
        for schema in schemas {
            if let Some(error) = self.refuses(value, schema) {
                panic!("{what}: {error}");
            }
        }
    }

    /// Holds a report against the schemas, as a source of each command and as a line.
    pub fn source(&self, what: &str, source: &Source, options: &OptionsReport) {
        let line = Line::of(Version::default(), options, source).unwrap();
        self.holds(what, &serde_json::from_slice(&line).unwrap(), self.line);
        let answer = json!({
            "schema": "bitbox-backup/1", "command": "list", "firmware": "9.26.5", "basis": "observed",
            "sources": [source],
            "summary": { "sources": 1, "examined": 1, "failed": 0, "backups": 0, "healthy": 0,
                         "findings": { "error": 0, "warning": 0, "info": 0 } },
        });
        self.holds(what, &answer, self.answer);
    }
}
