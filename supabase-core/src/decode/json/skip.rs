//! Stepping over a value without reading it, yet never over what is not JSON.

use super::{MAX_DEPTH, number, string};

/// Why a value has no end.
pub(super) enum Fault {
    /// Its objects and arrays are nested too deep.
    Deep,
    /// At `at` stands something else than was expected.
    Malformed { at: usize, expected: &'static str },
}

/// What is open around a place: one bit a level, 1 for an object, the innermost lowest.
#[derive(Default)]
struct Levels {
    objects: u128,
    depth: u32,
}

impl Levels {
    fn open(&mut self, is_object: bool) -> Result<(), Fault> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::Deep);
        }
        self.objects = self.objects << 1 | u128::from(is_object);
        self.depth += 1;
        Ok(())
    }

    fn close(&mut self) {
        self.objects >>= 1;
        self.depth -= 1;
    }

    const fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }
}

/// The place behind the value that starts at `at`, white space before it allowed. A loop, not a
/// recursion: what the server nests must not decide how much of the stack is used.
pub(super) fn value_end(bytes: &[u8], mut at: usize) -> Result<usize, Fault> {
    let mut levels = Levels::default();
    loop {
        at = space_end(bytes, at);
        at = match bytes.get(at) {
            Some(b'"') => string::skip(bytes, at).map_err(|expected| Fault::Malformed { at, expected })?,
            Some(b'{') => {
                levels.open(true)?;
                let inside = space_end(bytes, at + 1);
                if bytes.get(inside) != Some(&b'}') {
                    at = key_end(bytes, inside)?;
                    continue;
                }
                levels.close();
                inside + 1
            }
            Some(b'[') => {
                levels.open(false)?;
                let inside = space_end(bytes, at + 1);
                if bytes.get(inside) != Some(&b']') {
                    at = inside;
                    continue;
                }
                levels.close();
                inside + 1
            }
            Some(b't') => word_end(bytes, at, b"true")?,
            Some(b'f') => word_end(bytes, at, b"false")?,
            Some(b'n') => word_end(bytes, at, b"null")?,
            _ => number::token_end(bytes, at).ok_or(Fault::Malformed { at, expected: "a value" })?,
        };
        // Behind a value: what closes here, and what follows.
        loop {
            if levels.depth == 0 {
                return Ok(at);
            }
            at = space_end(bytes, at);
            match (bytes.get(at), levels.in_object()) {
                (Some(b','), true) => {
                    at = key_end(bytes, space_end(bytes, at + 1))?;
                    break;
                }
                (Some(b','), false) => {
                    at += 1;
                    break;
                }
                (Some(b'}'), true) | (Some(b']'), false) => {
                    levels.close();
                    at += 1;
                }
                (_, true) => return Err(Fault::Malformed { at, expected: "`,` or `}`" }),
                (_, false) => return Err(Fault::Malformed { at, expected: "`,` or `]`" }),
            }
        }
    }
}

fn space_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// The place behind a key and its colon.
fn key_end(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    if bytes.get(at) != Some(&b'"') {
        return Err(Fault::Malformed { at, expected: "a key" });
    }
    let end = string::skip(bytes, at).map_err(|expected| Fault::Malformed { at, expected })?;
    let colon = space_end(bytes, end);
    if bytes.get(colon) != Some(&b':') {
        return Err(Fault::Malformed { at: colon, expected: "`:`" });
    }
    Ok(colon + 1)
}

fn word_end(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, Fault> {
    if bytes.get(at..).is_some_and(|rest| rest.starts_with(word)) {
        Ok(at + word.len())
    } else {
        Err(Fault::Malformed { at, expected: "a value" })
    }
}
