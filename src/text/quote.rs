//! Paths as a shell takes them.

use super::escape::escape;

/// A path, escaped as reports have it, as a shell takes it; `None` if it is not plain text.
pub fn quoted(path: &str) -> Option<String> {
    // Where paths hold no backslashes, one is the mark of something escaped.
    if path.is_empty() || escape(path) != path || !cfg!(windows) && path.contains('\\') {
        return None;
    }
    // A path that begins with a hyphen would be taken for a flag.
    let path = if path.starts_with('-') {
        format!("./{path}")
    } else {
        path.to_owned()
    };
    let plain = |c: char| c.is_alphanumeric() || "/._-:+,@%=".contains(c);
    if path.chars().all(plain) {
        return Some(path);
    }
    Some(if cfg!(windows) {
        format!("\"{path}\"")
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn paths_are_quoted_for_a_shell() {
        assert_eq!(quoted("/dev/sdb").as_deref(), Some("/dev/sdb"));
        assert_eq!(quoted("my card.img").as_deref(), Some("'my card.img'"));
        assert_eq!(quoted("it's.img").as_deref(), Some("'it'\\''s.img'"));
        assert_eq!(quoted("-x.img").as_deref(), Some("./-x.img"));
        assert_eq!(quoted("\u{1b}[0m.img"), None);
    }
}
