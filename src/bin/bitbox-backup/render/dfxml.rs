//! Digital Forensics XML: where each copy of a backup lies, in the form other forensic tools read;
//! described in docs/dfxml.md.
//!
//! Elements stand in the order the schema of the DFXML working group demands. What it has no word for
//! stands in a namespace of our own, where the schema lets other namespaces in.

mod xml;

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::SystemTime;

use bitbox_backup::audit::Across;
use bitbox_backup::catalogue::Origin;
use bitbox_backup::files::{Mark, Sources};
use bitbox_backup::firmware::Version;
use bitbox_backup::image::{EvidenceReport, SECTOR};
use bitbox_backup::report::{
    BackupReport, CopyReport, FindingReport, SCHEMA, Source, VolumeReport,
};
use bitbox_backup::text::{exact, path_text};

use super::report::{Report, word};
use crate::output::file::ReportFile;
use crate::privacy;
use crate::uname::system;
use xml::{Xml, known, some};

/// By what an earlier document is known again.
const MARK: Mark = Mark {
    kind: "a DFXML report",
    beginning: b"<?xml ",
    within: b"<program>bitbox-backup</program>",
};
/// The Sleuth Kit numbers the entries of a FAT volume from its first cluster on, the first being 3.
const FIRST_INODE: u64 = 3;
/// Bytes of a directory entry.
const ENTRY: u64 = 32;

/// `--dfxml`. The images come last and their names first, so what is said of them waits.
pub(crate) struct Dfxml {
    file: ReportFile,
    firmware: Version,
    deleted: bool,
    says_where: bool,
    names: Vec<String>,
    images: Xml<BufWriter<File>>,
    copies: usize,
}

impl Dfxml {
    /// Begins the file; `deleted` says whether deleted files are in it too, `says_where` whether where and when the
    /// run is: without that the same cards give the same bytes on every machine.
    pub(crate) fn create(
        place: &Path,
        sources: &Sources,
        firmware: Version,
        deleted: bool,
        says_where: bool,
    ) -> anyhow::Result<Self> {
        let file = ReportFile::create(place, sources, &MARK)?;
        let images = Xml::new(BufWriter::new(file.scratch()?));
        Ok(Self {
            file,
            firmware,
            deleted,
            says_where,
            names: Vec::new(),
            images,
            copies: 0,
        })
    }

    fn image(&mut self, source: &Source) -> io::Result<()> {
        let card = source.card.as_ref();
        let size = card.and_then(|card| card.size);
        let xml = &mut self.images;
        xml.open("diskimageobject", &[])?;
        ours(xml, source)?;
        xml.fact("filesize", size)?;
        hashes(xml, source, size)?;
        xml.fact("sector_size", size.map(|_| SECTOR))?;
        let volumes = card.map_or(&[][..], |card| &card.volumes);
        for (index, volume) in volumes.iter().enumerate() {
            self.images
                .open("volume", &[("offset", some(volume.offset))])?;
            geometry(&mut self.images, volume, self.deleted)?;
            self.copies(source, Some((index, volume)))?;
            self.images.close()?;
        }
        self.copies(source, None)?;
        self.images.fact("error", source.error.as_ref())?;
        self.images.close()
    }

    /// The copies on a volume, or those on none.
    fn copies(
        &mut self,
        source: &Source,
        volume: Option<(usize, &VolumeReport)>,
    ) -> io::Result<()> {
        let on = volume.map(|(index, _)| index);
        for (number, backup) in source.backups.iter().enumerate() {
            for copy in backup.copies.iter().filter(|copy| copy.volume == on) {
                self.copies += 1;
                let xml = &mut self.images;
                xml.open("fileobject", &[])?;
                // A single file is named by its place on the computer; all else from the root of its volume.
                let inside = match copy.path == source.source {
                    true => copy.path.as_str(),
                    false => copy.path.trim_start_matches('/'),
                };
                xml.fact("filename", Some(inside))?;
                xml.fact("partition", on.map(|index| index + 1))?;
                xml.fact("id", Some(self.copies))?;
                fileobject(xml, copy, number, volume.map(|(_, volume)| volume))?;
                xml.close()?;
            }
        }
        Ok(())
    }

    /// Everything before the first image.
    fn head(&mut self) -> io::Result<()> {
        writeln!(self.file, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        let mut xml = Xml::new(&mut self.file);
        let root = [
            (
                "xmlns",
                some("http://www.forensicswiki.org/wiki/Category:Digital_Forensics_XML"),
            ),
            ("xmlns:dc", some("http://purl.org/dc/elements/1.1/")),
            // Our own.
            (
                "xmlns:bitbox",
                some("https://github.com/bitbox-backup/bitbox-backup/blob/main/docs/dfxml.md"),
            ),
            // The first with a place for several images in one document.
            ("version", some("2.0.0-beta.0")),
        ];
        xml.open("dfxml", &root)?;
        xml.open("metadata", &[])?;
        xml.fact("dc:type", Some("Disk Image"))?;
        xml.fact("bitbox:schema", Some(SCHEMA))?;
        xml.fact("bitbox:redacted", Some(privacy::is_on()))?;
        xml.fact("bitbox:firmware", Some(self.firmware))?;
        xml.close()?;
        xml.open("creator", &[])?;
        xml.fact("program", Some(env!("CARGO_PKG_NAME")))?;
        xml.fact("version", Some(env!("CARGO_PKG_VERSION")))?;
        if self.says_where {
            environment(&mut xml)?;
        }
        xml.close()?;
        xml.open("source", &[])?;
        for name in &self.names {
            xml.fact("image_filename", Some(name))?;
        }
        xml.close()
    }
}

impl Report for Dfxml {
    fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        self.names.push(source.source.clone());
        Ok(self.image(source)?)
    }

    fn end(mut self: Box<Self>, _: &Across) -> anyhow::Result<()> {
        self.head()?;
        let images = self.images.out.into_inner();
        let mut images = images.map_err(io::IntoInnerError::into_error)?;
        images.seek(SeekFrom::Start(0))?;
        io::copy(&mut images, &mut self.file)?;
        writeln!(self.file, "</dfxml>")?;
        self.file.finish()
    }
}

/// The machine, the command, and now; who runs it, and the name of the machine, are not in it.
fn environment(xml: &mut Xml<impl Write>) -> io::Result<()> {
    let system = system();
    let arguments = std::env::args_os();
    let arguments = arguments.map(|one| quoted(&path_text(Path::new(&one))));
    xml.open("execution_environment", &[])?;
    xml.fact("os_sysname", Some(system.name))?;
    xml.fact("os_release", system.release)?;
    xml.fact("os_version", system.version)?;
    xml.fact("arch", Some(system.arch))?;
    xml.fact(
        "command_line",
        Some(arguments.collect::<Vec<_>>().join(" ")),
    )?;
    xml.fact("start_time", Some(exact(SystemTime::now())))?;
    xml.close()
}

/// An argument with spaces in quotes, so that it shows where it ends.
fn quoted(argument: &str) -> String {
    if argument.contains([' ', '\'', '"']) || argument.is_empty() {
        format!("'{}'", argument.replace('\'', "'\\''"))
    } else {
        argument.to_owned()
    }
}

/// What the schema has no word for: the source, its verdict, its backups, and what was found.
fn ours(xml: &mut Xml<impl Write>, source: &Source) -> io::Result<()> {
    let about = [
        ("status", some(word(&source.status))),
        ("kind", known(source.card.as_ref().map(|card| &card.kind))),
        ("size", known(source.size)),
        ("modified", source.modified.clone()),
        ("sha256", source.sha256.clone()),
    ];
    xml.leaf("bitbox:source", &about, Some(&source.source))?;
    if let Some(evidence) = &source.e01 {
        e01(xml, evidence)?;
    }
    xml.fact("bitbox:verdict", source.verdict.as_ref())?;
    for (index, backup) in source.backups.iter().enumerate() {
        ours_of(xml, index, backup)?;
    }
    source.findings.iter().try_for_each(|one| finding(xml, one))
}

fn ours_of(xml: &mut Xml<impl Write>, index: usize, backup: &BackupReport) -> io::Result<()> {
    let about = [
        ("number", some(index)),
        ("state", some(backup.state)),
        ("id", backup.id.clone()),
        ("words", known(backup.words)),
        ("name", backup.name.clone()),
        ("timestamp", known(backup.timestamp)),
        ("generator", backup.generator.clone()),
        ("written_by", backup.written_by.map(|by| word(&by))),
    ];
    if backup.findings.is_empty() {
        return xml.empty("bitbox:backup", &about);
    }
    xml.open("bitbox:backup", &about)?;
    let mut findings = backup.findings.iter();
    findings.try_for_each(|one| finding(xml, one))?;
    xml.close()
}

fn finding(xml: &mut Xml<impl Write>, finding: &FindingReport) -> io::Result<()> {
    let about = [
        ("rule", some(&finding.rule)),
        ("severity", some(word(&finding.severity))),
        ("offset", known(finding.offset)),
    ];
    xml.leaf("bitbox:finding", &about, Some(&finding.message))
}

/// What an E01 image says of itself: its segments, its stored hashes, and its case.
fn e01(xml: &mut Xml<impl Write>, evidence: &EvidenceReport) -> io::Result<()> {
    let medium = [
        ("medium_size", some(evidence.medium_size)),
        ("medium_sha256", evidence.medium_sha256.clone()),
    ];
    xml.open("bitbox:e01", &medium)?;
    for segment in &evidence.segments {
        let about = [
            ("file", some(&segment.file)),
            ("size", some(segment.size)),
            ("sha256", segment.sha256.clone()),
        ];
        xml.empty("bitbox:segment", &about)?;
    }
    for hash in &evidence.hashes {
        let about = [
            ("algorithm", some(word(&hash.algorithm))),
            ("stored", hash.stored.clone()),
            ("computed", hash.computed.clone()),
            ("matches", known(hash.matches)),
        ];
        xml.empty("bitbox:hash", &about)?;
    }
    for part in &evidence.damaged {
        xml.empty("bitbox:damaged", &[("part", some(word(part)))])?;
    }
    if let Some(case) = &evidence.case {
        let about = [
            ("case_number", case.case_number.clone()),
            ("evidence_number", case.evidence_number.clone()),
            ("description", case.description.clone()),
            ("examiner", case.examiner.clone()),
            ("notes", case.notes.clone()),
            ("acquired", case.acquired.clone()),
            ("system_date", case.system_date.clone()),
            ("program", case.program.clone()),
            ("system", case.system.clone()),
            ("model", case.model.clone()),
            ("serial", case.serial.clone()),
        ];
        xml.empty("bitbox:case", &about)?;
    }
    xml.close()
}

/// The hashes of an image: of an E01 image those of the medium in it, of any other that of the file, unless
/// that is compressed.
fn hashes(xml: &mut Xml<impl Write>, source: &Source, size: Option<u64>) -> io::Result<()> {
    let Some(evidence) = &source.e01 else {
        let hash = source.sha256.as_deref().filter(|_| size == source.size);
        return digest(xml, "sha256", hash);
    };
    let mut written = None;
    for hash in &evidence.hashes {
        if hash.computed.is_some() && written.replace(hash.algorithm) != Some(hash.algorithm) {
            digest(xml, &word(&hash.algorithm), hash.computed.as_deref())?;
        }
    }
    digest(xml, "sha256", evidence.medium_sha256.as_deref())
}

fn digest(xml: &mut Xml<impl Write>, kind: &str, hash: Option<&str>) -> io::Result<()> {
    xml.leaf("hashdigest", &[("type", some(kind))], hash)
}

/// A block is a cluster; the blocks lie behind the FATs, so they do not begin at 0.
fn geometry(xml: &mut Xml<impl Write>, volume: &VolumeReport, deleted: bool) -> io::Result<()> {
    let data = volume.data_offset;
    let first = data.and_then(|data| data.checked_sub(volume.offset));
    let sizes = volume.clusters.zip(volume.cluster_length);
    let before_last = sizes
        .and_then(|(clusters, length)| length.checked_mul(u64::from(clusters).checked_sub(1)?));
    let last = first.zip(before_last).map(|(first, more)| first + more);
    xml.fact("partition_offset", Some(volume.offset))?;
    xml.fact("sector_size", Some(SECTOR))?;
    xml.fact("block_size", volume.cluster_length)?;
    xml.fact("ftype_str", Some(volume.file_system.to_lowercase()))?;
    xml.fact("block_count", volume.clusters)?;
    xml.fact("first_block", first)?;
    xml.fact("last_block", last.filter(|last| *last > 0))?;
    xml.fact("allocated_only", Some(u8::from(!deleted)))
}

/// A copy behind its name and number, as a file.
fn fileobject(
    xml: &mut Xml<impl Write>,
    copy: &CopyReport,
    backup: usize,
    volume: Option<&VolumeReport>,
) -> io::Result<()> {
    xml.fact("name_type", Some("r"))?;
    xml.fact("filesize", Some(copy.size))?;
    xml.fact("alloc", Some(u8::from(copy.origin == Origin::Live)))?;
    xml.fact("orphan", (copy.origin == Origin::Carved).then_some(1))?;
    xml.fact("inode", volume.and_then(|volume| inode(copy, volume)))?;
    if let Some(times) = &copy.times {
        // Without a zone, which the schema allows and FAT has not.
        let mut time = |name, precision: u32, time: &Option<String>| {
            xml.leaf(name, &[("prec", some(precision))], time.as_deref())
        };
        time("mtime", 2, &times.written)?;
        time("atime", 86_400, &times.accessed)?;
        time("crtime", 1, &times.created)?;
    }
    if !copy.extents.is_empty() {
        xml.open("byte_runs", &[])?;
        let mut before = 0_u64;
        for extent in &copy.extents {
            let inside = volume.and_then(|volume| extent.offset.checked_sub(volume.offset));
            let about = [
                ("file_offset", some(before)),
                ("fs_offset", known(inside)),
                ("img_offset", some(extent.offset)),
                ("len", some(extent.length)),
            ];
            xml.empty("byte_run", &about)?;
            before = before.saturating_add(extent.length);
        }
        xml.close()?;
    }
    digest(xml, "sha256", copy.sha256.as_deref())?;
    let about = [
        ("state", some(copy.state)),
        ("origin", some(copy.origin)),
        ("backup", some(backup)),
        ("entry_offset", known(copy.entry_offset)),
    ];
    xml.empty("bitbox:copy", &about)
}

/// The number of a directory entry, as The Sleuth Kit counts them on FAT32.
fn inode(copy: &CopyReport, volume: &VolumeReport) -> Option<u64> {
    let from = volume
        .data_offset
        .filter(|_| volume.file_system == "FAT32")?;
    Some(copy.entry_offset?.checked_sub(from)? / ENTRY + FIRST_INODE)
}
