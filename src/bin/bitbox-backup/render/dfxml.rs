//! Digital Forensics XML: where each copy of a backup lies, in the form other forensic tools read;
//! described in docs/dfxml.md.
//!
//! Elements stand in the order the schema of the DFXML working group demands. What it has no word for
//! stands in a namespace of our own, where the schema lets other namespaces in.

mod element;
mod environment;
mod evidence;

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use bitbox_backup::audit::Across;
use bitbox_backup::catalogue::Origin;
use bitbox_backup::files::{Mark, Sources};
use bitbox_backup::image::SECTOR;
use bitbox_backup::report::{
    BackupReport, CopyReport, FindingReport, SCHEMA, Source, VolumeReport,
};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesStart, BytesText, Event};

pub(crate) use environment::Environment;

use super::report::{Head, Report, word};
use crate::output::file::ReportFile;
use crate::privacy;
use element::{digest, known, leaf, number, time};

/// By what an earlier document is known again.
const MARK: Mark = Mark {
    kind: "a DFXML report",
    beginning: b"<?xml ",
    within: b"<program>bitbox-backup</program>",
};
/// The version of the schema: the first with a place for several images in one document.
const VERSION: &str = "2.0.0-beta.0";
const DFXML: &str = "http://www.forensicswiki.org/wiki/Category:Digital_Forensics_XML";
const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
/// Our own namespace.
const BITBOX: &str = "https://github.com/bitbox-backup/bitbox-backup/blob/main/docs/dfxml.md";
/// The Sleuth Kit numbers the entries of a FAT volume from its first cluster on, the first being 3.
const FIRST_INODE: u64 = 3;
/// Bytes of a directory entry.
const ENTRY: u64 = 32;

/// `--dfxml`. The images come last and their names first, so what is said of them waits.
pub(crate) struct Dfxml {
    file: ReportFile,
    head: Head,
    deleted: bool,
    environment: Option<Environment>,
    names: Vec<String>,
    body: Body<BufWriter<File>>,
}

impl Dfxml {
    /// Begins the file; `deleted` says whether deleted files are in it too. Without an `environment` the same
    /// cards give the same bytes on every machine.
    pub(crate) fn create(
        place: &Path,
        sources: &Sources,
        head: Head,
        deleted: bool,
        environment: Option<Environment>,
    ) -> anyhow::Result<Self> {
        let file = ReportFile::create(place, sources, &MARK)?;
        let body = BufWriter::new(file.scratch()?);
        Ok(Self {
            file,
            head,
            deleted,
            environment,
            names: Vec::new(),
            body: Body {
                xml: Writer::new_with_indent(body, b' ', 2),
                files: 0,
            },
        })
    }
}

impl Report for Dfxml {
    fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        self.names.push(source.source.clone());
        Ok(self.body.image(source, self.deleted)?)
    }

    fn end(self: Box<Self>, _: &Across) -> anyhow::Result<()> {
        let mut out = Writer::new_with_indent(self.file, b' ', 2);
        begin(&mut out, self.head, &self.names, self.environment.as_ref())?;
        let mut file = out.into_inner();
        let body = self.body.xml.into_inner().into_inner();
        let mut body = body.map_err(io::IntoInnerError::into_error)?;
        body.seek(SeekFrom::Start(0))?;
        file.write_all(b"\n")?;
        io::copy(&mut body, &mut file)?;
        file.write_all(b"\n</dfxml>\n")?;
        file.finish()
    }
}

/// Everything before the first image.
fn begin(
    out: &mut Writer<impl Write>,
    head: Head,
    names: &[String],
    environment: Option<&Environment>,
) -> io::Result<()> {
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = BytesStart::new("dfxml").with_attributes([
        ("xmlns", DFXML),
        ("xmlns:dc", DUBLIN_CORE),
        ("xmlns:bitbox", BITBOX),
        ("version", VERSION),
    ]);
    out.write_event(Event::Start(root))?;
    out.create_element("metadata").write_inner_content(|out| {
        leaf(out, "dc:type", "Disk Image")?;
        leaf(out, "bitbox:schema", SCHEMA)?;
        leaf(out, "bitbox:redacted", &privacy::is_on().to_string())?;
        leaf(out, "bitbox:firmware", &head.firmware.to_string())
    })?;
    out.create_element("creator").write_inner_content(|out| {
        leaf(out, "program", env!("CARGO_PKG_NAME"))?;
        leaf(out, "version", env!("CARGO_PKG_VERSION"))?;
        environment.map_or(Ok(()), |environment| environment.write(out))
    })?;
    out.create_element("source").write_inner_content(|out| {
        names
            .iter()
            .try_for_each(|name| leaf(out, "image_filename", name))
    })?;
    Ok(())
}

/// The images written so far.
struct Body<W: Write> {
    xml: Writer<W>,
    files: u64,
}

impl<W: Write> Body<W> {
    fn image(&mut self, source: &Source, deleted: bool) -> io::Result<()> {
        let files = &mut self.files;
        self.xml
            .create_element("diskimageobject")
            .write_inner_content(|out| {
                ours(out, source)?;
                let card = source.card.as_ref();
                let size = card.and_then(|card| card.size);
                number(out, "filesize", size)?;
                evidence::hashes(out, source, size)?;
                number(out, "sector_size", size.map(|_| SECTOR))?;
                let volumes = card.map_or(&[][..], |card| &card.volumes);
                for (index, volume) in volumes.iter().enumerate() {
                    let offset = volume.offset.to_string();
                    out.create_element("volume")
                        .with_attribute(("offset", offset.as_str()))
                        .write_inner_content(|out| {
                            geometry(out, volume, deleted)?;
                            copies(out, source, Some((index, volume)), files)
                        })?;
                }
                copies(out, source, None, files)?;
                source
                    .error
                    .as_deref()
                    .map_or(Ok(()), |error| leaf(out, "error", error))
            })?;
        Ok(())
    }
}

/// What the schema has no word for: the source, its verdict, its backups, and what was found.
fn ours(out: &mut Writer<impl Write>, source: &Source) -> io::Result<()> {
    out.create_element("bitbox:source")
        .with_attributes(known([
            ("status", Some(word(&source.status))),
            (
                "kind",
                source.card.as_ref().map(|card| card.kind.to_string()),
            ),
            ("size", source.size.map(|size| size.to_string())),
            ("modified", source.modified.clone()),
            ("sha256", source.sha256.clone()),
        ]))
        .write_text_content(BytesText::new(&source.source))?;
    if let Some(evidence) = &source.e01 {
        evidence::ours(out, evidence)?;
    }
    if let Some(verdict) = &source.verdict {
        leaf(out, "bitbox:verdict", verdict)?;
    }
    for (index, backup) in source.backups.iter().enumerate() {
        ours_of(out, index, backup)?;
    }
    source.findings.iter().try_for_each(|one| finding(out, one))
}

fn ours_of(out: &mut Writer<impl Write>, index: usize, backup: &BackupReport) -> io::Result<()> {
    let element = out.create_element("bitbox:backup").with_attributes(known([
        ("number", Some(index.to_string())),
        ("state", Some(backup.state.to_string())),
        ("id", backup.id.clone()),
        ("words", backup.words.map(|words| words.to_string())),
        ("name", backup.name.clone()),
        ("timestamp", backup.timestamp.map(|time| time.to_string())),
        ("generator", backup.generator.clone()),
        ("written_by", backup.written_by.map(|by| word(&by))),
    ]));
    if backup.findings.is_empty() {
        element.write_empty()?;
    } else {
        element.write_inner_content(|out| {
            let findings = &backup.findings;
            findings.iter().try_for_each(|one| finding(out, one))
        })?;
    }
    Ok(())
}

fn finding(out: &mut Writer<impl Write>, finding: &FindingReport) -> io::Result<()> {
    out.create_element("bitbox:finding")
        .with_attributes(known([
            ("rule", Some(finding.rule.to_string())),
            ("severity", Some(word(&finding.severity))),
            ("offset", finding.offset.map(|offset| offset.to_string())),
        ]))
        .write_text_content(BytesText::new(&finding.message))?;
    Ok(())
}

/// A block is a cluster; the blocks lie behind the FATs, so they do not begin at 0.
fn geometry(out: &mut Writer<impl Write>, volume: &VolumeReport, deleted: bool) -> io::Result<()> {
    leaf(out, "partition_offset", &volume.offset.to_string())?;
    leaf(out, "sector_size", &SECTOR.to_string())?;
    number(out, "block_size", volume.cluster_length)?;
    leaf(out, "ftype_str", &volume.file_system.to_lowercase())?;
    number(out, "block_count", volume.clusters)?;
    let data = volume.data_offset;
    let first = data.and_then(|data| data.checked_sub(volume.offset));
    number(out, "first_block", first)?;
    let before_last = volume
        .clusters
        .zip(volume.cluster_length)
        .and_then(|(clusters, length)| length.checked_mul(u64::from(clusters).checked_sub(1)?));
    let last = first.zip(before_last).map(|(first, more)| first + more);
    number(out, "last_block", last.filter(|last| *last > 0))?;
    leaf(out, "allocated_only", if deleted { "0" } else { "1" })
}

/// The copies on a volume, or those on none.
fn copies(
    out: &mut Writer<impl Write>,
    source: &Source,
    volume: Option<(usize, &VolumeReport)>,
    files: &mut u64,
) -> io::Result<()> {
    let on = volume.map(|(index, _)| index);
    for (number, backup) in source.backups.iter().enumerate() {
        for copy in backup.copies.iter().filter(|copy| copy.volume == on) {
            *files += 1;
            out.create_element("fileobject")
                .write_inner_content(|out| fileobject(out, source, number, copy, volume, *files))?;
        }
    }
    Ok(())
}

fn fileobject(
    out: &mut Writer<impl Write>,
    source: &Source,
    backup: usize,
    copy: &CopyReport,
    volume: Option<(usize, &VolumeReport)>,
    id: u64,
) -> io::Result<()> {
    // A single file is named by its place on the computer; all else from the root of its volume.
    let path = copy.path.as_str();
    let inside = if path == source.source {
        path
    } else {
        path.trim_start_matches('/')
    };
    leaf(out, "filename", inside)?;
    number(out, "partition", volume.map(|(index, _)| index + 1))?;
    number(out, "id", Some(id))?;
    leaf(out, "name_type", "r")?;
    number(out, "filesize", Some(copy.size))?;
    let live = copy.origin == Origin::Live;
    leaf(out, "alloc", if live { "1" } else { "0" })?;
    if copy.origin == Origin::Carved {
        leaf(out, "orphan", "1")?;
    }
    number(
        out,
        "inode",
        volume.and_then(|(_, volume)| inode(copy, volume)),
    )?;
    if let Some(times) = &copy.times {
        // Without a zone, which the schema allows and FAT has not.
        time(out, "mtime", 2, times.written.as_deref())?;
        time(out, "atime", 86_400, times.accessed.as_deref())?;
        time(out, "crtime", 1, times.created.as_deref())?;
    }
    if !copy.extents.is_empty() {
        out.create_element("byte_runs")
            .write_inner_content(|out| runs(out, copy, volume.map(|(_, volume)| volume)))?;
    }
    digest(out, "sha256", copy.sha256.as_deref())?;
    out.create_element("bitbox:copy")
        .with_attributes(known([
            ("state", Some(copy.state.to_string())),
            ("origin", Some(copy.origin.to_string())),
            ("backup", Some(backup.to_string())),
            (
                "entry_offset",
                copy.entry_offset.map(|offset| offset.to_string()),
            ),
        ]))
        .write_empty()?;
    Ok(())
}

/// The number of a directory entry, as The Sleuth Kit counts them on FAT32.
fn inode(copy: &CopyReport, volume: &VolumeReport) -> Option<u64> {
    let from = volume
        .data_offset
        .filter(|_| volume.file_system == "FAT32")?;
    Some(copy.entry_offset?.checked_sub(from)? / ENTRY + FIRST_INODE)
}

fn runs(
    out: &mut Writer<impl Write>,
    copy: &CopyReport,
    volume: Option<&VolumeReport>,
) -> io::Result<()> {
    let mut before = 0_u64;
    for extent in &copy.extents {
        let inside = volume.and_then(|volume| extent.offset.checked_sub(volume.offset));
        out.create_element("byte_run")
            .with_attributes(known([
                ("file_offset", Some(before.to_string())),
                ("fs_offset", inside.map(|offset| offset.to_string())),
                ("img_offset", Some(extent.offset.to_string())),
                ("len", Some(extent.length.to_string())),
            ]))
            .write_empty()?;
        before = before.saturating_add(extent.length);
    }
    Ok(())
}
