//! Every checked-in input through its target: what fuzzing found once is never lost again.

use std::fs;
use std::path::Path;
use std::time::Instant;

use hostile::{TARGETS, seeds};

/// Most bytes of the corpus, so that it stays a corpus and no archive.
const MOST_BYTES: u64 = 2 << 20;

#[test]
fn every_checked_in_input_holds() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus"));
    let mut bytes = 0;
    for &(target, run) in TARGETS {
        let folder = corpus.join(target);
        let mut inputs: Vec<_> = fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|file| file.unwrap().path())
            .collect();
        inputs.sort();
        let seeds = seeds::of(target).len();
        assert!(
            seeds > 0 && inputs.len() >= seeds,
            "{target} has lost its seeds"
        );
        for input in &inputs {
            let data = fs::read(input).unwrap();
            bytes += data.len() as u64;
            let began = Instant::now();
            println!("{}", input.display()); // the last one is the one that fails
            run(&data);
            let took = began.elapsed();
            assert!(took.as_secs() < 20, "{} takes {took:?}", input.display());
        }
        println!("{target}: {} inputs", inputs.len());
    }
    assert!(bytes <= MOST_BYTES, "{bytes} bytes of corpus");
}
