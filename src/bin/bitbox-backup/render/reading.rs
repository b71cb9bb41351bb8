//! A bar while one card is read.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use bitbox_backup::image::Reach;
use bitbox_backup::text::path_text;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::Global;

/// How long it may take before anybody wants to know how far it is.
const PATIENCE: Duration = Duration::from_millis(700);
/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(150);

/// Does the work, and shows on a terminal how far the reading of the source is if it takes long.
pub(crate) fn reading<T>(source: &Path, global: &Global, work: impl FnOnce(&Reach) -> T) -> T {
    let reach = Reach::default();
    if global.quiet {
        return work(&reach);
    }
    let (done, end) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let end = end;
            if end.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = bar(source, &reach);
            while end.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                bar.set_length(reach.size());
                bar.set_position(reach.end());
            }
            bar.finish_and_clear();
        });
        let worked = work(&reach);
        drop(done);
        worked
    })
}

fn bar(source: &Path, reach: &Reach) -> ProgressBar {
    let template = "reading {msg}: {bar:20} {binary_bytes} of {binary_total_bytes}, \
                    {binary_bytes_per_sec}, {eta} left";
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(reach.size())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(path_text(source))
}
