//! Where the copies lie on a card: the whole card to scale, then closer and closer.

use bitbox_backup::report::{Card, Source};
use serde::Serialize;

use crate::render::mark::{Placed, Thing, marks};
use crate::render::phrase::human;

/// How many things one strip draws at most.
const MOST_DRAWN: usize = 600;
/// The least width of what is drawn, in percent.
const LEAST: f64 = 0.35;
/// How far apart letters are, in percent.
const APART: f64 = 4.0;

/// The strips of a card.
#[derive(Debug, Serialize)]
pub(super) struct Map {
    strips: Vec<Strip>,
    /// The letters of the copies, by backup.
    letters: Vec<Vec<Option<String>>>,
    /// How many things are not drawn.
    left_out: usize,
}

/// A part of the card, to scale.
#[derive(Debug, Serialize)]
struct Strip {
    title: String,
    start: u64,
    end: u64,
    volumes: Vec<Block>,
    blocks: Vec<Block>,
    ticks: Vec<Block>,
    letters: Vec<Letter>,
    /// Which part the next strip shows: its two ends in percent.
    closer: Option<[String; 2]>,
}

#[derive(Debug, Serialize)]
struct Block {
    x: String,
    width: String,
    class: &'static str,
    title: String,
}

#[derive(Debug, Serialize)]
struct Letter {
    x: String,
    letter: String,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    start: u64,
    end: u64,
}

impl Window {
    fn length(self) -> u64 {
        self.end.saturating_sub(self.start).max(1)
    }

    /// How far from the left a byte is drawn, in percent.
    fn at(self, offset: u64) -> f64 {
        let offset = offset.clamp(self.start, self.end) - self.start;
        offset as f64 * 100.0 / self.length() as f64
    }

    /// The smallest window with all of these, in whole sectors and with a margin.
    fn around<'a>(marks: impl Iterator<Item = &'a Placed> + Clone, within: Self) -> Option<Self> {
        let start = marks.clone().map(|mark| mark.offset).min()?;
        let end = marks.map(Placed::end).max()?;
        let margin = (end - start) / 40;
        let start = start.saturating_sub(margin) / 512 * 512;
        let end = end.saturating_add(margin).div_ceil(512).saturating_mul(512);
        Some(Self {
            start: start.max(within.start),
            end: end.min(within.end),
        })
    }
}

impl Map {
    /// `None` where nothing of a backup has a place.
    pub(super) fn of(source: &Source, card: &Card) -> Option<Self> {
        let mut marks = marks(source, card);
        if !marks.iter().any(|mark| mark.thing.is_of_backup()) {
            return None;
        }
        let left_out = marks.len().saturating_sub(MOST_DRAWN);
        marks.truncate(MOST_DRAWN);
        let end = marks.iter().map(Placed::end).max()?;
        let whole = Window {
            start: 0,
            end: card.size.unwrap_or(end).max(end),
        };
        let mut windows = vec![("The whole card", whole)];
        let of_backups = || marks.iter().filter(|mark| mark.thing.is_of_backup());
        if let Some(used) = Window::around(marks.iter(), whole)
            && used.length() < whole.length() / 2
        {
            windows.push(("What is used of it", used));
        }
        let within = windows.last().map_or(whole, |(_, window)| *window);
        if let Some(closest) = Window::around(of_backups(), within)
            && closest.length() < within.length() / 2
        {
            windows.push(("The backups", closest));
        }
        let mut places = Vec::new();
        let letters = letters(source, &mut places);
        let strips = windows.iter().enumerate().map(|(index, (title, window))| {
            let next = windows.get(index + 1).map(|(_, window)| *window);
            let named = match next {
                None => places.as_slice(),
                Some(_) => &[],
            };
            strip(title, *window, next, &marks, card, named)
        });
        Some(Self {
            strips: strips.collect(),
            letters,
            left_out,
        })
    }
}

fn strip(
    title: &str,
    window: Window,
    next: Option<Window>,
    marks: &[Placed],
    card: &Card,
    named: &[(u64, String)],
) -> Strip {
    let mut blocks = Vec::new();
    let mut ticks = Vec::new();
    for thing in Thing::ALL {
        let (_, class, meaning) = thing.look();
        let shown = marks.iter().filter(|mark| mark.thing == thing);
        for mark in shown.filter(|mark| mark.end() > window.start && mark.offset < window.end) {
            let title = format!("{meaning} at byte {}", mark.offset);
            let drawn = drawn(mark.offset, mark.end(), window, class, title);
            let list: &mut Vec<Block> = match thing {
                Thing::Folder => &mut ticks,
                _ => &mut blocks,
            };
            // Entries side by side look like one.
            let differs = |last: &Block| last.x != drawn.x || last.class != drawn.class;
            if list.last().is_none_or(differs) {
                list.push(drawn);
            }
        }
    }
    let volumes = card.volumes.iter().filter(|one| one.length > 0).map(|one| {
        let title = format!("{} volume, {}", one.file_system, human(one.length));
        let end = one.offset.saturating_add(one.length);
        drawn(one.offset, end, window, "m-volume", title)
    });
    Strip {
        title: format!("{title}, {}", human(window.length())),
        start: window.start,
        end: window.end,
        volumes: volumes.collect(),
        blocks,
        ticks,
        letters: spread(named, window),
        closer: next.map(|next| [percent(window.at(next.start)), percent(window.at(next.end))]),
    }
}

fn drawn(start: u64, end: u64, window: Window, class: &'static str, title: String) -> Block {
    let width = (window.at(end) - window.at(start)).max(LEAST);
    Block {
        x: percent(window.at(start).min(100.0 - LEAST)),
        width: percent(width),
        class,
        title,
    }
}

/// Letters that do not run into each other.
fn spread(named: &[(u64, String)], window: Window) -> Vec<Letter> {
    let mut named: Vec<_> = named.to_vec();
    named.sort();
    let mut last = -APART;
    let mut letters = Vec::new();
    for (middle, letter) in named {
        let at = window.at(middle);
        if at - last >= APART {
            last = at;
            let x = percent(at);
            letters.push(Letter { x, letter });
        }
    }
    letters
}

/// The letter of every copy with a place; notes where its middle lies.
fn letters(source: &Source, places: &mut Vec<(u64, String)>) -> Vec<Vec<Option<String>>> {
    let letters = source.backups.iter().map(|backup| {
        let copies = backup.copies.iter().map(|copy| {
            let first = copy.extents.first()?;
            let letter = super::rows::group_letter(places.len());
            let middle = first.offset.saturating_add(first.length / 2);
            places.push((middle, letter.clone()));
            Some(letter)
        });
        copies.collect::<Vec<_>>()
    });
    letters.collect()
}

fn percent(value: f64) -> String {
    format!("{value:.2}%")
}
