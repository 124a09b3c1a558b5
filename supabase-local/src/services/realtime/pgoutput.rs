//! Messages of PostgreSQL's `pgoutput` plugin, version 1.

use std::collections::HashMap;

/// A table as the stream describes it.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) oid: u32,
    pub(super) schema: String,
    pub(super) table: String,
    /// The whole old row is sent (`REPLICA IDENTITY FULL`).
    pub(super) full: bool,
    pub(super) columns: Vec<RelationColumn>,
}

#[derive(Debug, Clone)]
pub(super) struct RelationColumn {
    pub(super) name: String,
    /// Part of the replica identity.
    pub(super) key: bool,
}

/// A value of a tuple, in PostgreSQL's text form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Datum {
    Null,
    /// A large value that was not written again.
    Unchanged,
    Text(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Insert,
    Update,
    Delete,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// A changed row.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) relation: u32,
    pub(super) kind: Kind,
    pub(super) old: Option<Vec<Datum>>,
    pub(super) new: Option<Vec<Datum>>,
    /// Microseconds since 2000.
    pub(super) committed: i64,
}

/// Reads the stream of one slot.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    pub(super) relations: HashMap<u32, Relation>,
    /// Relations that were described anew since the last look.
    pub(super) described: Vec<u32>,
    committed: i64,
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn int16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn int32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn int64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    fn string(&mut self) -> Option<String> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = String::from_utf8(self.take(end)?.to_vec()).ok()?;
        self.take(1)?;
        Some(text)
    }

    fn tuple(&mut self) -> Option<Vec<Datum>> {
        let count = self.int16()?;
        (0..count)
            .map(|_| {
                Some(match self.byte()? {
                    b'n' => Datum::Null,
                    b'u' => Datum::Unchanged,
                    _ => {
                        let length = usize::try_from(self.int32()?).ok()?;
                        Datum::Text(String::from_utf8(self.take(length)?.to_vec()).ok()?)
                    }
                })
            })
            .collect()
    }
}

impl Decoder {
    /// Reads a message; gives the row if it is about one.
    pub(super) fn read(&mut self, message: &[u8]) -> Option<Changed> {
        let mut reader = Reader(message);
        match reader.byte()? {
            b'B' => {
                reader.int64()?;
                self.committed = reader.int64()?;
                None
            }
            b'R' => {
                let oid = reader.int32()?;
                let (schema, table) = (reader.string()?, reader.string()?);
                let full = reader.byte()? == b'f';
                let count = reader.int16()?;
                let columns = (0..count)
                    .map(|_| {
                        let key = reader.byte()? & 1 == 1;
                        let name = reader.string()?;
                        reader.take(8)?;
                        Some(RelationColumn { name, key })
                    })
                    .collect::<Option<_>>()?;
                let schema = if schema.is_empty() { "pg_catalog".to_owned() } else { schema };
                self.described.push(oid);
                self.relations.insert(oid, Relation { oid, schema, table, full, columns });
                None
            }
            kind @ (b'I' | b'U' | b'D') => {
                let relation = reader.int32()?;
                let (mut old, mut new) = (None, None);
                while let Some(which) = reader.byte() {
                    let tuple = Some(reader.tuple()?);
                    if which == b'N' { new = tuple } else { old = tuple }
                }
                let kind = match kind {
                    b'I' => Kind::Insert,
                    b'U' => Kind::Update,
                    _ => Kind::Delete,
                };
                Some(Changed { relation, kind, old, new, committed: self.committed })
            }
            _ => None,
        }
    }
}
