//! What new files are named after.

use std::path::Path;

/// What files made of a source are named after: its file name up to the first dot, as far as it is plain.
pub fn stem(path: &str) -> String {
    let name = Path::new(path).file_name().and_then(|name| name.to_str());
    let stem = name.and_then(|name| name.split('.').find(|part| !part.is_empty()));
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "-_".contains(*c);
    let plain: String = stem.unwrap_or_default().chars().filter(is_plain).collect();
    match plain.trim_start_matches('-') {
        "" => "card".to_owned(),
        plain => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_files_are_named_after_their_source() {
        assert_eq!(stem("/a/vault.2024.img.zst"), "vault");
        assert_eq!(stem("/"), "card");
        assert_eq!(stem(".."), "card");
    }
}
