//! A bar while one card is read.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use bitbox_backup::progress::Progress;
use bitbox_backup::text::path_text;
use indicatif::{ProgressBar, ProgressStyle};

use crate::interrupt;
use crate::privacy;

/// How long it may take before anybody wants to know how far it is.
const PATIENCE: Duration = Duration::from_millis(700);
/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(150);

/// Does the work, and shows on a terminal how far the reading of the source is if it takes long.
pub(crate) fn reading<T>(
    source: &Path,
    is_quiet: bool,
    work: impl FnOnce(&Progress<'_>) -> T,
) -> T {
    let progress = Progress::stopped_by(interrupt::flag());
    if is_quiet {
        return work(&progress);
    }
    let (done, end) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let end = end;
            if end.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = bar(source, &progress);
            while end.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                bar.set_length(progress.total());
                bar.set_position(progress.done());
            }
            bar.finish_and_clear();
        });
        let worked = work(&progress);
        drop(done);
        worked
    })
}

fn bar(source: &Path, progress: &Progress<'_>) -> ProgressBar {
    // The name last: only so much of it is shown as fits the line.
    let template = "reading {bar:10} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left: \
                    {wide_msg}";
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(progress.total())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(privacy::text(&path_text(source)))
}
