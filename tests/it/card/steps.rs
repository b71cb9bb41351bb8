//! The steps on a card that are advised, taken by another program's hand: each shows a backup that was hidden, and none
//! hides one that was shown.

use std::collections::BTreeSet;

use bitbox_backup::examine::{Depth, Options, examine_image};
use bitbox_backup::finding::{Advice, Place};
use bitbox_backup::firmware::{self, List, Version};
use bitbox_backup::image::Sectors;
use fixtures::card::Card;
use fixtures::fat::{Fat, Layout};
use fixtures::{losses, recipes, shipped, wallet};

use crate::support::Image;

type Volume<'a> = fatfs::FileSystem<fixtures::card::Stream<'a>>;

/// What the device lists, and where its volume begins; `None` if it lists nothing at all.
fn shown(card: &Card) -> (Option<BTreeSet<(String, u32)>>, Option<u64>) {
    let image = Image::new(card.clone());
    let answer = firmware::list_backups(&Sectors::new(&image), Version::default());
    let shown = match answer.list {
        List::Ok(list) => Some(
            list.into_iter()
                .map(|one| (one.id, one.timestamp))
                .collect(),
        ),
        List::Error(_) | List::Crash(_) => None,
    };
    (shown, answer.volume)
}

/// Takes a file or a folder with all that is in it, at most so many deep, off the card.
fn remove<T: fatfs::ReadWriteSeek>(
    folder: &fatfs::Dir<'_, T>,
    path: &str,
    deep: usize,
) -> Option<()> {
    let deep = deep.checked_sub(1)?;
    if let Ok(inner) = folder.open_dir(path) {
        let names: Vec<_> = inner
            .iter()
            .filter_map(|entry| Some(entry.ok()?.file_name()))
            .collect();
        for name in names
            .iter()
            .filter(|name| !matches!(name.as_str(), "." | ".."))
        {
            remove(&inner, name, deep)?;
        }
    }
    folder.remove(path).ok()
}

/// Takes a step; `None` if it is none that the `fatfs` crate can take on this card.
fn take(card: &mut Card, volume: u64, step: &Advice) -> Option<()> {
    let volume = Volume::new(card.stream(volume), fatfs::FsOptions::new()).ok()?;
    let root = volume.root_dir();
    let plain = |path: &str| path.trim_start_matches('/').to_owned();
    let path = match step {
        Advice::Rename(Place { path, .. }) | Advice::Move(Place { path, .. }) => plain(path),
        _ => String::new(),
    };
    let (above, name) = match path.rsplit_once('/') {
        Some((above, name)) => (root.open_dir(above).ok()?, name),
        None => (volume.root_dir(), path.as_str()),
    };
    match step {
        Advice::Remove(paths) => paths
            .iter()
            .try_for_each(|path| remove(&root, &plain(path), 8)),
        Advice::Rename(place) => {
            let to = place.to.as_deref().unwrap_or("renamed.bin");
            // Where the `fatfs` crate reads the name that the device does not, there is nothing to rename for it.
            above.rename(name, &above, "other").ok()?;
            above.rename("other", &above, to).ok()
        }
        Advice::Move(place) => {
            let to = root.open_dir(&plain(place.to.as_deref()?)).ok()?;
            above.rename(name, &to, name).ok()
        }
        Advice::MoveOut(places) => {
            let to = match places.iter().all(|place| place.to.is_some()) {
                true => volume.root_dir(),
                false => root.create_dir("moved here").ok()?,
            };
            places.iter().try_for_each(|place| {
                let path = plain(&place.path);
                let name = path.rsplit('/').next()?;
                root.rename(&path, &to, name).ok()
            })
        }
        _ => None,
    }
}

/// Takes the steps that stand before all others, and says how many it took.
fn take_steps(name: &str, card: Card) -> usize {
    let image = Image::new(card.clone());
    let options = Options {
        depth: Depth::Usual,
        ..Options::default()
    };
    let next = examine_image("card.img", &image, &options)
        .assessment
        .verdict
        .next;
    let (mut before, volume) = shown(&card);
    let (mut card, mut taken) = (card, 0);
    let steps = next.iter().filter(|step| {
        matches!(
            step,
            Advice::Remove(_) | Advice::Rename(_) | Advice::Move(_) | Advice::MoveOut(_)
        )
    });
    for step in steps {
        let Some(()) = volume.and_then(|volume| take(&mut card, volume, step)) else {
            continue;
        };
        let (after, _) = shown(&card);
        let (old, new) = (
            before.clone().unwrap_or_default(),
            after.clone().unwrap_or_default(),
        );
        assert!(
            new.is_superset(&old) && new.len() > old.len(),
            "{name}: after {step:?} the device shows {after:?}, before it {before:?}"
        );
        (before, taken) = (after, taken + 1);
    }
    taken
}

#[test]
fn what_is_advised_shows_the_backup() {
    let mut taken = 0;
    for recipe in recipes::all().chain(shipped::all()) {
        taken += take_steps(recipe.name, recipe.card);
    }
    for (layout, shape) in losses::layouts().into_iter().take(2) {
        for loss in losses::all(shape) {
            taken += take_steps(&format!("{} on {layout}", loss.name), loss.card);
        }
    }
    assert!(taken > 30, "{taken} steps");
}

/// The first sentence on a card, and what is to be done before it is recovered.
fn said(fat: Fat) -> (String, Vec<Advice>) {
    let image = Image::new(fat.card);
    let verdict = examine_image("card.img", &image, &Options::default())
        .assessment
        .verdict;
    let first = verdict
        .next
        .into_iter()
        .take_while(|step| *step != Advice::Recover);
    (verdict.sentence, first.filter(Advice::writes).collect())
}

#[test]
fn a_step_that_would_not_help_is_not_advised() {
    let backup = wallet::twelve();
    let copy = backup.encode();
    // Without the stray file the device would come to a copy at which it crashes.
    let mut crashing = copy.clone();
    crashing[38] = 0x32;
    let mut fat = Layout::FAT16.format();
    fat.save(&wallet::twenty_four());
    let set = fat.save_bytes(&backup, [&crashing, &copy, &copy]);
    fat.make_file(set.dir(), ".DS_Store", &[0]);
    let (sentence, first) = said(fat);
    assert!(
        sentence.contains(
            "\".DS_Store\" is in its folder; without that, the card would make the BitBox crash"
        ),
        "{sentence}"
    );
    assert_eq!(first, []);

    // Without it the folder's name would still be wrong.
    let mut fat = Layout::FAT16.format();
    let set = fat.save_in("Papa", &backup, [&copy, &copy, &copy]);
    fat.make_file(set.dir(), ".DS_Store", &[0]);
    let (sentence, first) = said(fat);
    assert!(
        sentence.contains(
            "\".DS_Store\" is in its folder, and its folder has another name than the ID"
        ),
        "{sentence}"
    );
    assert_eq!(first, []);

    // Two copies are left once the long one is moved away.
    let mut fat = Layout::FAT16.format();
    let long = [copy.clone(), vec![0; 2000]].concat();
    fat.save_bytes(&backup, [&copy, &long, &copy]);
    let (sentence, first) = said(fat);
    assert!(sentence.contains("is over 1024 bytes."), "{sentence}");
    assert_eq!(first, []);
}

#[test]
fn a_deleted_backup_comes_before_a_step_on_the_card() {
    let mut fat = Layout::FAT16.format();
    let set = fat.save(&wallet::twelve());
    fat.make_file(set.dir(), ".DS_Store", &[0]);
    let (_, first) = said(fat.clone());
    assert_eq!(first.len(), 1);
    let other = fat.save(&wallet::twenty_four());
    fat.delete(&other.folder);
    let (sentence, first) = said(fat);
    assert!(
        sentence.ends_with("A deleted backup of another wallet can be recovered, too."),
        "{sentence}"
    );
    assert_eq!(first, []);
}

/// The steps that write to the card.
fn writing(fat: &Fat) -> Vec<Advice> {
    let image = Image::new(fat.card.clone());
    let found = examine_image("card.img", &image, &Options::default());
    let next = found.assessment.verdict.next;
    next.into_iter().filter(Advice::writes).collect()
}

/// A backup in a folder of the root, which is no `bitbox02`.
fn save_in_folder(fat: &mut Fat, folder: &str, backup: &fixtures::backup::Backup) {
    let root = fat.root();
    let outer = fat.make_dir(root, folder);
    let folder = fat.make_dir(outer.as_dir(), &backup.id());
    for n in 0..3 {
        fat.make_file(folder.as_dir(), &backup.file_name(n), &backup.encode());
    }
}

#[test]
fn no_step_gives_a_name_that_is_taken() {
    let (old, new) = (wallet::twelve(), wallet::twelve_again());
    let copy = old.encode();
    let old_copies: [&[u8]; 3] = [&copy, &copy, &copy];
    let sentence = "Your backup is complete, and the BitBox shows it. An older one of the same wallet is also on the card.";
    // The newer backup is shown, and the older one lies elsewhere, or has another name.
    let mut outside = Layout::FAT16.format();
    outside.save(&new);
    save_in_folder(&mut outside, "old", &old);
    let mut renamed = Layout::FAT16.format();
    renamed.save(&new);
    renamed.save_in("Papa", &old, old_copies);
    for fat in [outside, renamed] {
        assert_eq!(writing(&fat), []);
        assert_eq!(said(fat).0, sentence);
    }
    // The folder of the wallet is there, and empty; its name in another case.
    for name in [old.id(), old.id().to_uppercase()] {
        let mut fat = Layout::FAT16.format();
        let set = fat.save_in("Papa", &old, old_copies);
        fat.make_dir(set.bitbox02.as_dir(), &name);
        assert_eq!(writing(&fat), [], "{name}");
        let mut fat = Layout::FAT16.format();
        save_in_folder(&mut fat, "old", &old);
        let root = fat.root();
        let bitbox02 = fat.make_dir(root, "bitbox02");
        fat.make_dir(bitbox02.as_dir(), &name);
        assert_eq!(writing(&fat), [], "{name}");
    }
    // A file is named bitbox02.
    let mut fat = Layout::FAT16.format();
    save_in_folder(&mut fat, "bitbox02 old", &old);
    let root = fat.root();
    fat.make_file(root, "BITBOX02", b"x");
    assert_eq!(writing(&fat), []);
    // Two wallets have each other's name.
    let other = wallet::twenty_four();
    let mut fat = Layout::FAT16.format();
    fat.save_in(&other.id(), &old, old_copies);
    let copy = other.encode();
    fat.save_in(&old.id(), &other, [&copy, &copy, &copy]);
    assert_eq!(writing(&fat), []);
}

#[test]
fn two_steps_do_not_give_one_name() {
    let (old, new) = (wallet::twelve(), wallet::twelve_again());
    let mut fat = Layout::FAT16.format();
    for (name, backup) in [("Mama", &old), ("Papa", &new)] {
        let copy = backup.encode();
        fat.save_in(name, backup, [&copy, &copy, &copy]);
    }
    let steps = writing(&fat);
    let named: Vec<_> = steps
        .iter()
        .flat_map(Advice::places)
        .map(|place| (place.path.as_str(), place.to.as_deref()))
        .collect();
    let id = new.id();
    assert_eq!(named, [("/bitbox02/Papa", Some(id.as_str()))]);
}

#[test]
fn what_a_person_put_beside_a_backup_is_kept() {
    let zip = b"PK\x03\x04\x14\0\x01\0\x08\0 locked";
    let cases: [(&str, &[u8], bool); 7] = [
        ("words.txt", b"abandon abandon about", true),
        // Under the name of a file that systems make.
        (".DS_Store", b"abandon abandon about", true),
        ("Thumbs.db", b"\xef\xbb\xbfabandon abandon about\r\n", true),
        ("._words", b"my passphrase: hunter2", true),
        ("passphrase.jpg", b"\xff\xd8\xff\xe0 a picture", true),
        ("wife.7z", b"7z\xbc\xaf\x27\x1c\0\x04 locked", false),
        ("wife.zip", zip, false),
    ];
    for (name, bytes, is_searched) in cases {
        let mut fat = Layout::FAT16.format();
        let set = fat.save(&wallet::twelve());
        fat.make_file(set.dir(), name, bytes);
        assert_eq!(said(fat.clone()).1, [], "{name}: before it is recovered");
        let steps = writing(&fat);
        let [Advice::MoveOut(places)] = steps.as_slice() else {
            panic!("{name}: {steps:?}");
        };
        let [place] = places.as_slice() else {
            panic!("{name}: {places:?}");
        };
        assert_eq!(
            (place.to.as_deref(), place.is_searched),
            (Some("/"), is_searched),
            "{name}"
        );
        // Nothing of that name is hidden in the root.
        let root = fat.root();
        fat.make_file(root, &name.to_uppercase(), b"mine");
        let steps = writing(&fat);
        let [Advice::MoveOut(places)] = steps.as_slice() else {
            panic!("{name}: {steps:?}");
        };
        assert_eq!(places[0].to, None, "{name}");
    }
}
