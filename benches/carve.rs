//! How fast a surface is looked at: random data, warm, beside what others need only to read or to
//! search it.
//!
//! `cargo bench --bench carve` prints GB per second of processor time, of one thread and of all, and
//! the ratios to `cat`, and to `rg -aU` and PhotoRec if they are installed; it fails below [`LEAST`]. `CARVE_GIB` sets the size
//! of the file (1), `CARVE_FOLDER` where it is made (`/dev/shm` if it is there).

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bitbox_backup::catalogue::surface;
use bitbox_backup::image::FileImage;

/// How many times as fast as `cat` through a pipe, one thread, at the least.
const LEAST: f64 = 0.8;

/// The signature a person would look for: the tag of the seed, and a generator.
const SIGNATURE: &str = r"(?-u:\x08[\x10\x18\x20]\x12\x20|\x0a\x20.{32}\x12.\x08)";

fn random_file(path: &Path, length: u64) {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).expect("a file"));
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..length / 8 {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        let mixed = mixed ^ mixed >> 31;
        file.write_all(&mixed.to_le_bytes()).expect("room");
    }
    file.flush().expect("room");
}

/// Time of the processor used so far by this process or by its children that ended.
fn processor(children: bool) -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("the system's statistics");
    let after = stat.rsplit(')').next().expect("fields");
    let field = |index: usize| -> u64 {
        let text = after.split_whitespace().nth(index - 3).expect("a field");
        text.parse().expect("a number")
    };
    let ticks = if children {
        field(16) + field(17)
    } else {
        field(14) + field(15)
    };
    Duration::from_millis(ticks * 10)
}

/// The least processor time and the least time of several runs.
fn least(children: bool, mut run: impl FnMut()) -> (Duration, Duration) {
    let runs = (0..5).map(|_| {
        let (before, start) = (processor(children), Instant::now());
        run();
        (processor(children) - before, start.elapsed())
    });
    let runs: Vec<_> = runs.collect();
    let least = |of: fn(&(Duration, Duration)) -> Duration| runs.iter().map(of).min();
    (
        least(|run| run.0).expect("runs"),
        least(|run| run.1).expect("runs"),
    )
}

fn command(program: &str, arguments: &[&str]) -> Option<(Duration, Duration)> {
    let quiet = |arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
    };
    quiet(&["--version"]).ok()?;
    Some(least(true, || {
        quiet(arguments).expect("a run");
    }))
}

/// `cat` to a pipe that is emptied, since to /dev/null it copies nothing.
fn cat(path: &Path) -> (Duration, Duration) {
    let line = format!("cat {} | cat > /dev/null", path.display());
    least(true, || {
        Command::new("sh")
            .args(["-c", &line])
            .status()
            .expect("cat");
    })
}

/// Reads the file into one buffer over and over: the least anything that reads can take.
fn read_only(path: &Path) -> (Duration, Duration) {
    use std::io::Read;
    let mut buffer = vec![0; 512 << 10];
    least(false, || {
        let mut file = File::open(path).expect("the file");
        while file.read(&mut buffer).expect("bytes") > 0 {}
    })
}

fn main() {
    let gib: u64 = std::env::var("CARVE_GIB")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    let folder = std::env::var_os("CARVE_FOLDER").map_or_else(
        || {
            let shared = PathBuf::from("/dev/shm");
            if shared.is_dir() {
                shared
            } else {
                std::env::temp_dir()
            }
        },
        PathBuf::from,
    );
    let folder = tempfile::tempdir_in(folder).expect("a folder");
    let path = folder.path().join("random.img");
    let length = gib << 30;
    random_file(&path, length);
    let rate = |time: Duration| length as f64 / 1e9 / time.as_secs_f64();
    let image = FileImage::open(&path).expect("the file");
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a thread");
    let scan = || {
        let surface = surface(&image);
        assert!(surface.unreadable.is_empty());
        assert!(surface.artifacts.is_empty());
    };
    let (ours, time) = least(false, || one.install(scan));
    println!("{gib} GiB of random data, GB per second of processor time:");
    println!("our scan, one thread   {:6.2}   {time:.2?}", rate(ours));
    let (all, time) = least(false, scan);
    println!("our scan, all threads  {:6.2}   {time:.2?}", rate(all));
    let (read, _) = read_only(&path);
    let piped = cat(&path).0;
    let mut others = vec![("reading only", read), ("cat | cat", piped)];
    let name = path.display().to_string();
    if let Some((time, _)) = command("rg", &["-aU", "-c", SIGNATURE, &name]) {
        others.push(("rg -aU", time));
    }
    let target = folder.path().join("recup").display().to_string();
    let photorec = [
        "/d",
        &target,
        "/cmd",
        &name,
        "fileopt,everything,enable,search",
    ];
    if let Some((time, _)) = command("photorec", &photorec) {
        others.push(("photorec", time));
    }
    for (name, time) in others {
        println!(
            "{name:22} {:6.2}   ours is {:.2} times as fast",
            rate(time),
            time.as_secs_f64() / ours.as_secs_f64()
        );
    }
    let times = piped.as_secs_f64() / ours.as_secs_f64();
    assert!(
        times > LEAST,
        "the scan has become slow: {LEAST} times as fast as cat is expected"
    );
}
