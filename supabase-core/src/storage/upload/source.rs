//! A body that has been opened: read in chunks, hashed as it is read, rewound where that is possible.

use std::io::SeekFrom;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::body::{Content, Parts, UploadBody};
use crate::error::{Error, ErrorKind, Result};

pub(super) struct Source {
    reader: Reader,
    /// Where the next byte is.
    at: u64,
    length: Option<u64>,
    hash: Sha256,
    /// How far the hash is; rewinding does not turn it back.
    hashed: u64,
    /// What the hash has to be when it is so far.
    expected: Option<(u64, String)>,
}

enum Reader {
    Bytes(Bytes),
    File { file: tokio::fs::File, name: String },
    Parts { parts: Parts, kept: BytesMut, ended: bool },
}

fn unreadable(what: &str, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot read {what}: {error}")).with_source(error)
}

impl Source {
    pub(super) async fn open(body: UploadBody) -> Result<Self> {
        let (reader, length) = match body.0 {
            Content::Bytes(bytes) | Content::Text(bytes) => {
                let length = bytes.len() as u64;
                (Reader::Bytes(bytes), Some(length))
            }
            Content::Path(path) => {
                let name = format!("`{}`", path.display());
                let file = tokio::fs::File::open(&path).await.map_err(|error| unreadable(&name, error))?;
                let metadata = file.metadata().await.map_err(|error| unreadable(&name, error))?;
                if metadata.is_dir() {
                    return Err(Error::new(ErrorKind::Io, format!("{name} is a folder: upload its files one by one")));
                }
                if metadata.is_file() {
                    (Reader::File { file, name }, Some(metadata.len()))
                } else {
                    // A pipe or a device has no length and cannot be rewound.
                    let UploadBody(content) = UploadBody::reader(file);
                    let Content::Parts { parts, .. } = content else {
                        return Err(Error::new(ErrorKind::Io, format!("{name} cannot be read as a stream")));
                    };
                    (Reader::Parts { parts, kept: BytesMut::new(), ended: false }, None)
                }
            }
            Content::Parts { parts, length } => (Reader::Parts { parts, kept: BytesMut::new(), ended: false }, length),
        };
        Ok(Self { reader, at: 0, length, hash: Sha256::new(), hashed: 0, expected: None })
    }

    pub(super) fn length(&self) -> Option<u64> {
        self.length
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// SHA-256 of everything up to the furthest byte read, in hexadecimal.
    pub(super) fn sha256(&self) -> String {
        hex(&self.hash.clone().finalize())
    }

    /// The same where the next byte is the furthest: not while bytes are read again.
    pub(super) fn sha256_here(&self) -> Option<String> {
        (self.at == self.hashed).then(|| self.sha256())
    }

    /// Refuses another body than the one whose first bytes have this hash, as soon as so much has been read.
    pub(super) fn expect(&mut self, bytes: u64, sha256: String) -> Result<()> {
        self.expected = Some((bytes, sha256));
        self.compare()
    }

    /// Whether [`seek`](Self::seek) can go back.
    pub(super) fn is_rewindable(&self) -> bool {
        !matches!(self.reader, Reader::Parts { .. })
    }

    fn compare(&mut self) -> Result<()> {
        let Some((bytes, expected)) = self.expected.take_if(|(bytes, _)| *bytes == self.hashed) else { return Ok(()) };
        if self.sha256() == expected {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Refused,
            format!("the first {bytes} bytes of the body are others than those that were uploaded: it is another body"),
        ))
    }

    /// Hashes bytes that are read for the first time.
    fn digest(&mut self, mut new: &[u8]) -> Result<()> {
        if let Some((bytes, _)) = &self.expected
            && let Ok(before) = usize::try_from(bytes.saturating_sub(self.hashed))
            && before < new.len()
        {
            let (first, rest) = new.split_at(before);
            self.hash.update(first);
            self.hashed += first.len() as u64;
            self.compare()?;
            new = rest;
        }
        self.hash.update(new);
        self.hashed += new.len() as u64;
        self.compare()
    }

    /// All of it in memory, if it is not longer than this. Otherwise nothing is lost.
    pub(super) async fn take_if_within(&mut self, most: u64) -> Result<Option<Bytes>> {
        if self.length.is_some_and(|length| length > most) {
            return Ok(None);
        }
        if let Reader::Bytes(bytes) = &self.reader {
            return Ok(Some(bytes.clone()));
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if let Reader::Parts { kept, .. } = &mut self.reader {
            kept.reserve(usize::try_from(self.length.unwrap_or(0)).unwrap_or(0).min(most));
        }
        self.fill(most.saturating_add(1)).await?;
        let Reader::Parts { kept, ended: true, .. } = &mut self.reader else {
            if let Reader::File { .. } = self.reader {
                let (bytes, _) = self.chunk(most).await?;
                return Ok(Some(bytes));
            }
            return Ok(None);
        };
        let bytes = kept.split().freeze();
        self.length_is(bytes.len() as u64)?;
        Ok(Some(bytes))
    }

    /// All of it, if it is in memory anyway.
    pub(super) fn take_bytes(&mut self) -> Option<Bytes> {
        match &self.reader {
            Reader::Bytes(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }

    /// Reads a stream until so many bytes are held, or it ends.
    async fn fill(&mut self, wanted: usize) -> Result<()> {
        if let Reader::Parts { parts, kept, ended } = &mut self.reader {
            while !*ended && kept.len() < wanted {
                match parts.try_next().await.map_err(|error| unreadable("the stream", error))? {
                    Some(part) => kept.extend_from_slice(&part),
                    None => *ended = true,
                }
            }
        }
        Ok(())
    }

    /// The announced length has to be the true one.
    fn length_is(&self, read: u64) -> Result<()> {
        match self.length {
            Some(length) if length != read => Err(Error::new(
                ErrorKind::Io,
                format!(
                    "the body was announced with {length} bytes and has {}{read}",
                    if read > length { "at least " } else { "" }
                ),
            )),
            _ => Ok(()),
        }
    }

    /// The next bytes, so many unless the body ends, and whether it does.
    pub(super) async fn chunk(&mut self, size: usize) -> Result<(Bytes, bool)> {
        let (bytes, last) = match &mut self.reader {
            Reader::Bytes(all) => {
                let from = usize::try_from(self.at).unwrap_or(usize::MAX).min(all.len());
                let to = from.saturating_add(size).min(all.len());
                (all.slice(from..to), to == all.len())
            }
            Reader::File { file, name } => {
                let left = self.length.unwrap_or(0).saturating_sub(self.at);
                let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(size);
                let mut chunk = BytesMut::with_capacity(wanted);
                let mut part = file.take(wanted as u64);
                while chunk.len() < wanted {
                    if part.read_buf(&mut chunk).await.map_err(|error| unreadable(name, error))? == 0 {
                        return Err(Error::new(ErrorKind::Io, format!("{name} became shorter while it was read")));
                    }
                }
                (chunk.freeze(), wanted as u64 == left)
            }
            Reader::Parts { .. } => {
                // One more, to know whether this chunk is the last.
                self.fill(size.saturating_add(1)).await?;
                let Reader::Parts { kept, ended, .. } = &mut self.reader else { return Ok((Bytes::new(), true)) };
                let chunk = kept.split_to(size.min(kept.len())).freeze();
                (chunk, *ended && kept.is_empty())
            }
        };
        let begin = self.at;
        self.at += bytes.len() as u64;
        if self.at > self.hashed {
            let new = usize::try_from(self.hashed.saturating_sub(begin)).unwrap_or(0);
            self.digest(&bytes[new..])?;
        }
        if last && let Some((bytes, _)) = &self.expected {
            return Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "the body has {} bytes, fewer than the {bytes} that were uploaded: it is another body",
                    self.at
                ),
            ));
        }
        // Before the last announced byte is given away: a server that has it stores what it has.
        let read = if last { self.at } else { self.at + 1 };
        if last || self.length.is_some_and(|length| read > length) {
            self.length_is(read)?;
        }
        if last {
            self.length = Some(self.at);
        }
        Ok((bytes, last))
    }

    /// Goes to a byte: back where that is possible, forwards by reading, so that the hash is whole.
    pub(super) async fn seek(&mut self, to: u64) -> Result<()> {
        if to < self.at {
            match &mut self.reader {
                Reader::Bytes(_) => {}
                Reader::File { file, name } => {
                    file.seek(SeekFrom::Start(to)).await.map_err(|error| unreadable(name, error))?;
                }
                Reader::Parts { .. } => {
                    return Err(Error::new(
                        ErrorKind::Offline,
                        format!(
                            "the server has lost what it had beyond byte {to}, and the stream cannot be read again: upload from a file or from bytes"
                        ),
                    ));
                }
            }
            self.at = to;
        }
        while self.at < to {
            let step = usize::try_from(to - self.at).unwrap_or(usize::MAX).min(256 * 1024);
            let (_, last) = self.chunk(step).await?;
            if last && self.at < to {
                return Err(Error::new(
                    ErrorKind::Io,
                    format!("the body has {} bytes, the server has {to} of it", self.at),
                ));
            }
        }
        Ok(())
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        use std::fmt::Write as _;
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(super) fn sha256_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may fail by panicking

    use super::*;

    fn parts(all: &'static [&'static [u8]]) -> UploadBody {
        UploadBody::stream(futures_util::stream::iter(
            all.iter().map(|part| Ok::<_, std::io::Error>(Bytes::from_static(part))),
        ))
    }

    #[tokio::test]
    async fn a_stream_says_which_chunk_is_its_last() {
        let mut source = Source::open(parts(&[b"abc", b"de", b"f"])).await.unwrap();
        assert_eq!(source.chunk(3).await.unwrap(), (Bytes::from_static(b"abc"), false));
        assert_eq!(source.chunk(3).await.unwrap(), (Bytes::from_static(b"def"), true));
        assert_eq!(source.sha256(), sha256_of(b"abcdef"));
        assert!(source.seek(2).await.is_err());
    }

    #[tokio::test]
    async fn a_lie_about_the_length_is_an_error() {
        for length in [5, 7] {
            let mut source = Source::open(parts(&[b"abc", b"def"]).with_length(length)).await.unwrap();
            assert_eq!(source.take_if_within(100).await.unwrap_err().kind(), ErrorKind::Io);
            let mut source = Source::open(parts(&[b"abc", b"def"]).with_length(length)).await.unwrap();
            let first = source.chunk(4).await;
            assert!(first.is_err() || source.chunk(4).await.is_err());
        }
    }

    #[tokio::test]
    async fn rewinding_hashes_every_byte_once() {
        let mut source = Source::open(UploadBody::from("hello world")).await.unwrap();
        source.chunk(8).await.unwrap();
        source.seek(3).await.unwrap();
        assert_eq!(source.chunk(100).await.unwrap(), (Bytes::from_static(b"lo world"), true));
        assert_eq!(source.sha256(), sha256_of(b"hello world"));
    }

    #[tokio::test]
    async fn a_stream_that_is_too_long_for_one_piece_loses_nothing() {
        let mut source = Source::open(parts(&[b"abc", b"def"])).await.unwrap();
        assert_eq!(source.take_if_within(4).await.unwrap(), None);
        assert_eq!(source.chunk(100).await.unwrap(), (Bytes::from_static(b"abcdef"), true));
    }
}
