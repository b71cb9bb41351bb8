//! `--html`: the page in a file.

use std::fs::File;
use std::path::Path;

use bitbox_backup::audit::Across;
use bitbox_backup::files::{Mark, Sources};
use bitbox_backup::firmware::Version;
use bitbox_backup::report::Source;

use super::html::HtmlPage;
use super::report::Report;
use crate::output::file::ReportFile;

/// By what an earlier page is known again.
const MARK: Mark = Mark {
    kind: "an HTML report",
    beginning: b"<!doctype html>",
    within: b"<meta name=\"generator\" content=\"bitbox-backup audit report\">",
};

/// A page that appears in its place when it is whole.
pub(crate) struct HtmlFile {
    file: ReportFile,
    page: HtmlPage<File>,
}

impl HtmlFile {
    pub(crate) fn create(
        place: &Path,
        sources: &Sources,
        firmware: Version,
    ) -> anyhow::Result<Self> {
        let file = ReportFile::create(place, sources, &MARK)?;
        let page = HtmlPage::new(firmware, file.scratch()?)?;
        Ok(Self { file, page })
    }
}

impl Report for HtmlFile {
    fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        self.page.add(source)
    }

    fn end(self: Box<Self>, across: &Across) -> anyhow::Result<()> {
        let Self { mut file, page } = *self;
        page.end(across, crate::privacy::first_line(), true, &mut file)?;
        file.finish()
    }
}
