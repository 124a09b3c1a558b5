//! Names and passwords that nobody can guess.

use crate::error::{Error, Result};

/// Lower-case letters and digits; five bits each.
pub(crate) fn letters(count: usize) -> Result<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = vec![0_u8; count];
    getrandom::fill(&mut bytes).map_err(|error| Error::System {
        action: "get randomness from the system",
        source: std::io::Error::other(error.to_string()),
    })?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect())
}
