//! What an E01 image says of itself, in Digital Forensics XML.

use std::io::{self, Write};

use bitbox_backup::image::EvidenceReport;
use bitbox_backup::report::Source;
use quick_xml::Writer;

use super::element::{digest, known};
use crate::render::report::word;

/// The hashes of an image: of an E01 image those of the medium in it, of any other that of the file, unless
/// that is compressed.
pub(super) fn hashes(
    out: &mut Writer<impl Write>,
    source: &Source,
    size: Option<u64>,
) -> io::Result<()> {
    let Some(evidence) = &source.e01 else {
        let hash = source.sha256.as_deref().filter(|_| size == source.size);
        return digest(out, "sha256", hash);
    };
    let mut written = None;
    for hash in &evidence.hashes {
        if hash.computed.is_some() && written.replace(hash.algorithm) != Some(hash.algorithm) {
            digest(out, &word(&hash.algorithm), hash.computed.as_deref())?;
        }
    }
    digest(out, "sha256", evidence.medium_sha256.as_deref())
}

/// Its segments, its stored hashes, and its case.
pub(super) fn ours(out: &mut Writer<impl Write>, evidence: &EvidenceReport) -> io::Result<()> {
    let medium = [
        ("medium_size", Some(evidence.medium_size.to_string())),
        ("medium_sha256", evidence.medium_sha256.clone()),
    ];
    let element = out.create_element("bitbox:e01");
    element
        .with_attributes(known(medium))
        .write_inner_content(|out| {
            for segment in &evidence.segments {
                out.create_element("bitbox:segment")
                    .with_attributes(known([
                        ("file", Some(segment.file.clone())),
                        ("size", Some(segment.size.to_string())),
                        ("sha256", segment.sha256.clone()),
                    ]))
                    .write_empty()?;
            }
            for hash in &evidence.hashes {
                out.create_element("bitbox:hash")
                    .with_attributes(known([
                        ("algorithm", Some(word(&hash.algorithm))),
                        ("stored", hash.stored.clone()),
                        ("computed", hash.computed.clone()),
                        ("matches", hash.matches.map(|matches| matches.to_string())),
                    ]))
                    .write_empty()?;
            }
            for part in &evidence.damaged {
                out.create_element("bitbox:damaged")
                    .with_attributes(known([("part", Some(word(part)))]))
                    .write_empty()?;
            }
            let Some(case) = &evidence.case else {
                return Ok(());
            };
            let attributes = [
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
            let element = out.create_element("bitbox:case");
            element.with_attributes(known(attributes)).write_empty()?;
            Ok(())
        })?;
    Ok(())
}
