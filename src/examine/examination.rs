//! A source that was examined.

use crate::assess::{self, Assessment};
use crate::catalogue::Catalogue;
use crate::report::Source;

/// A source with all that was found in it, the bytes of copies included.
#[derive(Debug)]
#[non_exhaustive]
pub struct Examination {
    /// What may be said of it.
    pub report: Source,
    /// The evidence view.
    pub catalogue: Catalogue,
    /// What the judge says.
    pub assessment: Assessment,
}

impl Examination {
    /// Makes one examination of several, in which copies of one wallet are evidence together whatever source they
    /// are in. Its report is that of the first; the others are returned beside it. `None` if there is none.
    pub fn join(all: Vec<Self>) -> Option<(Self, Vec<Source>)> {
        let mut reports = Vec::new();
        let mut catalogues = Vec::new();
        let mut assessments = Vec::new();
        for one in all {
            reports.push(one.report);
            catalogues.push(one.catalogue);
            assessments.push(one.assessment);
        }
        let catalogue = Catalogue::join(catalogues);
        let assessment = assess::assess_joined(&catalogue, assessments)?;
        let mut reports = reports.into_iter();
        let report = reports.next()?;
        let joined = Self {
            report,
            catalogue,
            assessment,
        };
        Some((joined, reports.collect()))
    }
}
