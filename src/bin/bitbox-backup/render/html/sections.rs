//! The sections of cards, put by until the page is written.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Mutex;

use bitbox_backup::report::Source;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, Value, context};

use super::attention::group_findings;
use super::map::Map;
use super::rows::Row;
use super::words::{card_symbol, symbol};
use crate::render::phrase::{self, is_live};

/// Up to how many cards without trouble have sections; where there are more, none of them has.
const MOST_IN_ORDER: usize = 500;
/// How many cards in trouble have sections: those with warnings leave room for those with errors.
const MOST_TROUBLED: usize = 1000;
const MOST_WITH_WARNINGS: usize = 500;
/// How many backups a section tells all of.
const MOST_BACKUPS: usize = 60;

#[derive(Clone, Copy, Debug)]
struct Kept {
    card: usize,
    troubled: bool,
    offset: u64,
    length: u64,
}

/// Sections in a file without a name, or in memory.
pub(super) struct Sections<S> {
    file: S,
    end: u64,
    places: Vec<Kept>,
    /// How many cards there are in order.
    in_order: usize,
    /// And in trouble.
    troubled: usize,
}

impl<S: Read + Write + Seek + Send + 'static> Sections<S> {
    /// None yet; they are put by here.
    pub(super) fn new(file: S) -> Self {
        Self {
            file,
            end: 0,
            places: Vec::new(),
            in_order: 0,
            troubled: 0,
        }
    }

    pub(super) fn add(
        &mut self,
        templates: &Environment<'_>,
        source: &Source,
        row: &Row,
    ) -> anyhow::Result<()> {
        let troubled = row.trouble.is_some();
        let most = match row.trouble {
            None => MOST_IN_ORDER,
            Some("warn") => MOST_WITH_WARNINGS,
            Some(_) => MOST_TROUBLED,
        };
        let cards = match troubled {
            true => &mut self.troubled,
            false => &mut self.in_order,
        };
        *cards += 1;
        let kept = self
            .places
            .iter()
            .filter(|place| place.troubled == troubled);
        if kept.count() >= most {
            return Ok(());
        }
        let text = section(templates, source, row)?;
        self.file.write_all(text.as_bytes())?;
        let length = text.len() as u64;
        self.places.push(Kept {
            card: row.number,
            troubled,
            offset: self.end,
            length,
        });
        self.end += length;
        Ok(())
    }

    fn is_shown(&self, place: &Kept) -> bool {
        place.troubled || self.in_order <= MOST_IN_ORDER
    }

    pub(super) fn shown(&self) -> Vec<bool> {
        let mut shown = vec![false; self.in_order + self.troubled];
        for place in self.places.iter().filter(|place| self.is_shown(place)) {
            if let Some(one) = shown.get_mut(place.card - 1) {
                *one = true;
            }
        }
        shown
    }

    /// How many cards in order, and how many in trouble, have none.
    pub(super) fn left_out(&self) -> Value {
        let in_order = match self.in_order {
            ..=MOST_IN_ORDER => 0,
            more => more,
        };
        let told = self.places.iter().filter(|place| place.troubled).count();
        context! { in_order, troubled => self.troubled - told }
    }

    /// The sections, read when they are wanted.
    pub(super) fn into_value(self) -> Value {
        let shown = self.places.iter().filter(|place| self.is_shown(place));
        let shown: Vec<_> = shown.copied().collect();
        Value::make_object_iterable((Mutex::new(self.file), shown), |(file, shown)| {
            Box::new(shown.iter().map(|place| read(file, *place)))
        })
    }
}

fn read(file: &Mutex<impl Read + Seek>, place: Kept) -> Value {
    let read = || -> io::Result<String> {
        let Ok(mut file) = file.lock() else {
            return Err(io::ErrorKind::Other.into());
        };
        file.seek(SeekFrom::Start(place.offset))?;
        let mut text = String::new();
        (&mut *file).take(place.length).read_to_string(&mut text)?;
        Ok(text)
    };
    read().map_or_else(
        |error| {
            let message = "a section put by cannot be read again";
            minijinja::Error::new(ErrorKind::WriteFailure, message)
                .with_source(error)
                .into()
        },
        Value::from_safe_string,
    )
}

fn section(
    templates: &Environment<'_>,
    source: &Source,
    row: &Row,
) -> Result<String, minijinja::Error> {
    let backups: Vec<_> = source.backups.iter().take(MOST_BACKUPS).collect();
    let symbols: Vec<_> = backups
        .iter()
        .map(|backup| symbol(&backup.state.to_string(), backup.state.severity()))
        .collect();
    let map = source.card.as_ref().and_then(|card| Map::of(source, card));
    templates.get_template("card.html")?.render(context! {
        number => row.number,
        name => row.name.as_str(),
        state => row.state.name(),
        symbol => card_symbol(row.state),
        troubled => row.trouble.is_some(),
        open => source.worst() == Some(bitbox_backup::finding::Severity::Error),
        one => Serde(source),
        backups => Serde(&backups),
        symbols,
        live => source.backups.iter().filter(is_live).count(),
        more_backups => source.backups.len().saturating_sub(MOST_BACKUPS),
        findings => Serde(group_findings(phrase::findings(source))),
        map => Serde(map),
    })
}
