//! Where an answer goes: to memory, where no signal ends it halfway.

/// Writes some of an answer in JSON.
pub(crate) fn piece<T>(_: bool, write: impl FnOnce() -> T) -> T {
    write()
}
