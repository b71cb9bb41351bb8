//! Reads a card again, and says where it is not what its image says.

use anyhow::anyhow;
use bitbox_backup::acquire::{self, Ended, ImageReport, ImageTargetError, KeptReadings};
use bitbox_backup::files::{OwnFile, Sources};
use bitbox_backup::image::{self, Limits, Medium, OpenError, Readings};
use bitbox_backup::text::path_text;

use super::{Args, Bar, not_written, open, until_stopped};
use crate::interrupt;
use crate::output_paths;

/// Reads the card once more and adds to the report where it is not what its image says.
pub(super) fn again(
    args: &Args,
    bar: &Bar<'_>,
    kept: Option<&mut Readings>,
    report: &mut ImageReport,
) -> anyhow::Result<Ended> {
    let number = kept.as_ref().map_or(2, |kept| kept.count());
    bar.says(&format!("reading {number}"));
    let source = match open(args) {
        Err(_) if interrupt::stopped() => return Ok(Ended::Stopped),
        opened => opened?.image,
    };
    let limits = Limits::unpacked(u64::MAX);
    let image = match image::open(&args.to, &limits, |_| false, &until_stopped()) {
        Err(OpenError::Stopped) => return Ok(Ended::Stopped),
        opened => opened.map_err(|error| anyhow!("{}: {error}", path_text(&args.to)))?,
    };
    let Medium::Image(image) = image.source else {
        anyhow::bail!("{}: is no longer an image", path_text(&args.to));
    };
    let Some(read) = acquire::reread(&*source, &*image, kept, &bar.progress) else {
        return Ok(Ended::Stopped);
    };
    if let (Some(_), Some(offset)) = (args.reads, read.other_card()) {
        let path = args.to.clone();
        return Err(not_written(&ImageTargetError::OtherCard { path, offset }));
    }
    if let Some(readings) = &mut report.readings {
        readings.complete &= read.all_kept;
    }
    report.add_differing(read.differing);
    Ok(Ended::Through)
}

/// Reads the card until it was read so often in this run, and keeps beside the image what differs. What earlier runs
/// kept stays.
pub(super) fn keep_readings(
    args: &Args,
    reads: u32,
    sources: &Sources,
    bar: &Bar<'_>,
    report: &mut ImageReport,
) -> anyhow::Result<Ended> {
    let place = image::readings_of(&args.to);
    let opened = OwnFile::open(&place, sources, Readings::MAX_BYTES);
    let (mut file, found) = opened.map_err(|error| output_paths::not_written(&error))?;
    let name = path_text(&place);
    let mut readings = match found.map(Readings::parse) {
        None => Readings::new(report.size),
        Some(Ok(readings)) if readings.size() == report.size && readings.damaged() == 0 => readings,
        Some(_) => anyhow::bail!(
            "{name}: is there already, and is not of this card, or damaged\nmove it away, or give another name"
        ),
    };
    let mut kept = KeptReadings {
        count: readings.count(),
        file: None,
        sectors: readings.sectors(),
        complete: true,
    };
    for _ in 1..reads {
        if !readings.begin() {
            kept.complete = false;
            break;
        }
        report.readings = Some(kept.clone());
        let ended = again(args, bar, Some(&mut readings), report)?;
        if ended != Ended::Through {
            return Ok(ended);
        }
        if readings.sectors() > 0 {
            let written = file.write(readings.as_bytes());
            written.map_err(|error| output_paths::not_written(&error))?;
        }
        kept = KeptReadings {
            count: readings.count(),
            file: (readings.sectors() > 0).then(|| name.clone()),
            sectors: readings.sectors(),
            complete: report.readings.as_ref().is_none_or(|kept| kept.complete),
        };
    }
    report.readings = Some(kept);
    Ok(Ended::Through)
}
