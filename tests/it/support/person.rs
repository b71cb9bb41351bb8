//! A person at a terminal: types, and sees what a terminal would show.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};
use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The person, the terminal and the program on it.
pub struct Person {
    pty: Pty,
    child: Child,
    bytes: Receiver<Vec<u8>>,
    terminal: vt100::Parser,
    /// Everything the terminal got.
    pub got: Vec<u8>,
}

fn number(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

impl Person {
    /// Starts the program on a terminal of 80 by 24 characters.
    pub fn starts(folder: &Path, arguments: &[&str]) -> Self {
        Self::starts_on(folder, arguments, (24, 80), |command| command)
    }

    /// Starts it on a terminal of this size, its streams changed.
    pub fn starts_on(
        folder: &Path,
        arguments: &[&str],
        (rows, columns): (u16, u16),
        change: impl FnOnce(Command) -> Command,
    ) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(pty_process::Size::new(rows, columns)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bitbox-backup"))
            .args(arguments)
            .current_dir(folder)
            .env("TERM", "xterm-256color")
            .env_remove("NO_COLOR");
        for name in ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "TMUX", "STY"] {
            command = command.env_remove(name);
        }
        #[cfg(target_os = "linux")]
        #[allow(unsafe_code)] // what a child does before it becomes the program
        // SAFETY: only signal(2) is called there, which may be called between fork and exec.
        let command = unsafe { command.pre_exec(super::program::hear_hangups) };
        let child = change(command).spawn(pts).unwrap();
        let (send, bytes) = channel();
        let mut from = std::fs::File::from(pty.as_fd().try_clone_to_owned().unwrap());
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count) = from.read(&mut buffer) {
                if count == 0 || send.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            pty,
            child,
            bytes,
            terminal: vt100::Parser::new(number(rows), number(columns), 1000),
            got: Vec::new(),
        }
    }

    /// What is on the screen.
    pub fn screen(&self) -> String {
        self.terminal.screen().contents()
    }

    /// Whether that is the alternate screen.
    pub fn is_alternate(&self) -> bool {
        self.terminal.screen().alternate_screen()
    }

    /// Looks until the screen is so.
    pub fn sees(&mut self, what: &str, so: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !so(self) {
            match self.bytes.recv_timeout(Duration::from_millis(50)) {
                Ok(bytes) => {
                    self.terminal.process(&bytes);
                    self.got.extend(bytes);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    std::thread::sleep(Duration::from_millis(10))
                }
            }
            assert!(
                Instant::now() < until,
                "never saw {what}:\n{}",
                self.screen()
            );
        }
    }

    /// Looks until a text is on the screen.
    pub fn reads(&mut self, text: &str) {
        self.sees(text, |person| person.screen().contains(text));
    }

    pub fn types(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).unwrap();
    }

    pub fn resizes(&mut self, rows: u16, columns: u16) {
        let size = pty_process::Size::new(rows, columns);
        self.pty.resize(size).unwrap();
        let screen = self.terminal.screen_mut();
        screen.set_size(number(rows), number(columns));
    }

    pub fn signals(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// All of the program's memory that can be read; `None` where the system keeps it from us.
    #[cfg(target_os = "linux")]
    pub fn memory(&self) -> Option<Vec<Vec<u8>>> {
        use std::os::unix::fs::FileExt;
        let folder = std::path::PathBuf::from(format!("/proc/{}", self.child.id()));
        let memory = std::fs::File::open(folder.join("mem")).ok()?;
        let maps = std::fs::read_to_string(folder.join("maps")).ok()?;
        let regions = maps.lines().filter_map(|line| {
            let (from, rest) = line.split_once('-')?;
            let (to, _) = rest.split_once(' ')?;
            let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).ok());
            let mut bytes = vec![0; (to? - from?) as usize];
            memory.read_exact_at(&mut bytes, from?).ok()?;
            Some(bytes)
        });
        Some(regions.collect())
    }

    /// Waits for the end: the status. Afterwards `got` is complete.
    pub fn waits(&mut self) -> i32 {
        let until = Instant::now() + PATIENCE;
        loop {
            while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(20)) {
                self.terminal.process(&bytes);
                self.got.extend(bytes);
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(100)) {
                    self.terminal.process(&bytes);
                    self.got.extend(bytes);
                }
                return status.code().unwrap_or(-1);
            }
            if Instant::now() >= until {
                let _ = self.child.kill();
                panic!("it never ended:\n{}", self.screen());
            }
        }
    }

    /// What standard output got, where it was a pipe.
    pub fn pipe(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        if let Some(mut out) = self.child.stdout.take() {
            out.read_to_end(&mut text).unwrap();
        }
        text
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Standard output into a pipe.
pub fn piped(command: Command) -> Command {
    command.stdout(Stdio::piped()).stderr(Stdio::piped())
}
