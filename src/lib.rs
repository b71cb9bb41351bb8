//! Reads, checks and explains the microSD backups of the BitBox02 hardware wallet.

pub mod assess;
pub mod backup;
pub mod catalogue;
pub mod examine;
pub mod export;
pub mod fat;
pub mod finding;
pub mod firmware;
pub mod image;
pub mod partition;
pub mod repair;
pub mod report;
