//! What carries, keeps or records what a terminal shows.

use std::ffi::OsString;

use super::System;

/// Most processes looked at between this one and the first.
const MAX_PARENTS: usize = 64;

/// Something between this program and the eyes of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Watcher {
    /// The terminal is on another machine: ssh, mosh, telnet.
    Remote,
    /// A multiplexer keeps what is shown, of this name: tmux, screen, zellij.
    Multiplexer(&'static str),
    /// A program records what is shown, of this name: script, asciinema, ttyrec.
    Recorder(&'static str),
}

/// Variables by which programs tell those inside them that they are there.
const VARIABLES: [(&str, Watcher); 8] = [
    ("SSH_CONNECTION", Watcher::Remote),
    ("SSH_CLIENT", Watcher::Remote),
    ("SSH_TTY", Watcher::Remote),
    ("TMUX", Watcher::Multiplexer("tmux")),
    ("STY", Watcher::Multiplexer("screen")),
    ("ZELLIJ", Watcher::Multiplexer("zellij")),
    ("ASCIINEMA_REC", Watcher::Recorder("asciinema")),
    ("ASCIINEMA_SESSION", Watcher::Recorder("asciinema")),
];

/// Names of processes this one may run inside, up to the first space or colon; at most 15 bytes, as
/// the kernel cuts them.
const PROCESSES: [(&str, Watcher); 16] = [
    ("sshd", Watcher::Remote),
    ("sshd-session", Watcher::Remote),
    ("dropbear", Watcher::Remote),
    ("mosh-server", Watcher::Remote),
    ("etterminal", Watcher::Remote),
    ("telnetd", Watcher::Remote),
    ("ttyd", Watcher::Remote),
    ("tmux", Watcher::Multiplexer("tmux")),
    ("screen", Watcher::Multiplexer("screen")),
    ("SCREEN", Watcher::Multiplexer("screen")),
    ("zellij", Watcher::Multiplexer("zellij")),
    ("script", Watcher::Recorder("script")),
    ("asciinema", Watcher::Recorder("asciinema")),
    ("ttyrec", Watcher::Recorder("ttyrec")),
    ("tlog-rec", Watcher::Recorder("tlog")),
    ("tlog-rec-sessio", Watcher::Recorder("tlog")),
];

/// All that can be told of, each once. What is not among the known names cannot be told.
pub(super) fn watchers(
    system: &System<'_>,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Vec<Watcher> {
    let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let mut found: Vec<_> = VARIABLES
        .iter()
        .filter(|(name, _)| set(name))
        .map(|(_, watcher)| *watcher)
        .collect();
    let terminal = variable("TERM").unwrap_or_default();
    let terminal = terminal.to_string_lossy();
    for name in ["tmux", "screen"] {
        // tmux calls itself screen too.
        if terminal.starts_with(name) && !set("TMUX") {
            found.push(Watcher::Multiplexer(name));
        }
    }
    found.extend(system.parents().iter().filter_map(|name| {
        let name = name.split([' ', ':']).next()?;
        let known = PROCESSES.iter().find(|(known, _)| *known == name)?;
        Some(known.1)
    }));
    found.sort();
    found.dedup();
    found
}

impl System<'_> {
    /// The names of the processes this one was started by, the nearest first.
    fn parents(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut process = "self".to_owned();
        while names.len() < MAX_PARENTS {
            let Some((name, parent)) = self.process(&process) else {
                break;
            };
            if process != "self" {
                names.push(name);
            }
            process = parent;
        }
        names
    }

    /// The name and parent in `/proc/PID/stat`: `PID (name) state parent …`. A name may hold brackets.
    fn process(&self, process: &str) -> Option<(String, String)> {
        let stat = self.text(&format!("proc/{process}/stat"))?;
        let (_, rest) = stat.split_once('(')?;
        let (name, rest) = rest.rsplit_once(')')?;
        let parent = rest.split_whitespace().nth(1)?;
        let more = parent.parse::<u32>().is_ok_and(|parent| parent > 0);
        more.then(|| (name.to_owned(), parent.to_owned()))
    }
}
