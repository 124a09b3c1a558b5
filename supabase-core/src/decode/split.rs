//! Finding the elements of a top-level array in bytes that arrive in parts.
//!
//! The splitter only knows where a value ends: it counts brackets and steps over strings. What it
//! hands out is read by the same `decode` as a whole answer, so that everything that is not JSON is
//! found there, in the same words.

use std::ops::Range;

use super::DecodeError;
use super::json::plain_end;

/// How much of what was found an error is given to show; it shows less.
const SHOWN: usize = 512;

/// Takes parts of an answer and gives its elements.
#[derive(Debug)]
pub(crate) struct Splitter {
    /// What has arrived and was not given out, and the element that was given out last.
    buffer: Vec<u8>,
    /// Where the element that is being looked at starts.
    start: usize,
    /// Up to where it has been looked at.
    at: usize,
    state: State,
    /// How many objects and arrays of the element are open.
    depth: usize,
    /// The element that is being looked at, counted from 0.
    row: usize,
    limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the array.
    Open,
    /// Behind its bracket: an element, or its end.
    First,
    /// Behind a comma: an element.
    Next,
    /// In a number or a word.
    Bare,
    /// In an object or array, outside of strings.
    Nested,
    /// In a string.
    Text,
    /// In a string, behind a backslash.
    Escape,
    /// Behind an element: a comma, or the end.
    Behind,
    /// Behind the array.
    End,
}

impl Splitter {
    /// A splitter that refuses elements of more than `limit` bytes.
    pub(crate) const fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), start: 0, at: 0, state: State::Open, depth: 0, row: 0, limit }
    }

    pub(crate) const fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// The number of the element that the next error would be about.
    pub(crate) const fn row(&self) -> usize {
        self.row
    }

    /// Takes the next part. Give it when [`next`](Self::next) has no more.
    pub(crate) fn push(&mut self, part: &[u8]) {
        // What was given out goes; what has begun stays, at most one element.
        let kept = if self.in_element() { self.start } else { self.at };
        self.buffer.drain(..kept);
        self.at -= kept;
        self.start = 0;
        self.buffer.extend_from_slice(part);
    }

    const fn in_element(&self) -> bool {
        matches!(self.state, State::Bare | State::Nested | State::Text | State::Escape)
    }

    /// The next element that has arrived as a whole, with its number.
    ///
    /// # Errors
    /// Fails when something else stands where an element, a comma or the end has to be, and when an
    /// element is larger than the limit.
    pub(crate) fn next(&mut self) -> Result<Option<(usize, &[u8])>, DecodeError> {
        match self.advance()? {
            Some(range) => Ok(Some((self.row - 1, self.buffer.get(range).unwrap_or_default()))),
            None => Ok(None),
        }
    }

    fn advance(&mut self) -> Result<Option<Range<usize>>, DecodeError> {
        while let Some(&byte) = self.buffer.get(self.at) {
            match self.state {
                State::Text => {
                    self.at = plain_end(&self.buffer, self.at);
                    match self.buffer.get(self.at) {
                        Some(b'"') if self.depth == 0 => return self.element(self.at + 1),
                        Some(b'"') => self.state = State::Nested,
                        Some(b'\\') => self.state = State::Escape,
                        // A control character: reading the element finds it.
                        Some(_) => {}
                        None => break,
                    }
                }
                State::Escape => self.state = State::Text,
                State::Nested => match byte {
                    b'"' => self.state = State::Text,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' => {
                        self.depth -= 1;
                        if self.depth == 0 {
                            return self.element(self.at + 1);
                        }
                    }
                    _ => {}
                },
                State::Bare => {
                    if matches!(byte, b',' | b']' | b' ' | b'\n' | b'\r' | b'\t') {
                        return self.element(self.at);
                    }
                }
                _ if matches!(byte, b' ' | b'\n' | b'\r' | b'\t') => {}
                State::Open if byte == b'[' => self.state = State::First,
                State::Open => return Err(self.unexpected("an array", false)),
                State::First if byte == b']' => self.state = State::End,
                State::First | State::Next => {
                    self.start = self.at;
                    self.depth = 0;
                    self.state = match byte {
                        b'{' | b'[' => {
                            self.depth = 1;
                            State::Nested
                        }
                        b'"' => State::Text,
                        b',' | b']' | b'}' | b':' => return Err(self.unexpected("a value", true)),
                        _ => State::Bare,
                    };
                }
                State::Behind => match byte {
                    b',' => self.state = State::Next,
                    b']' => self.state = State::End,
                    _ => return Err(self.unexpected("`,` or `]`", false)),
                },
                State::End => return Err(self.unexpected("nothing more", false)),
            }
            self.at += 1;
        }
        if self.in_element() && self.buffer.len() - self.start > self.limit {
            return Err(self.too_large());
        }
        Ok(None)
    }

    /// The element ends before `end`.
    fn element(&mut self, end: usize) -> Result<Option<Range<usize>>, DecodeError> {
        if end - self.start > self.limit {
            return Err(self.too_large());
        }
        self.at = end;
        self.state = State::Behind;
        self.row += 1;
        Ok(Some(self.start..end))
    }

    /// The answer has ended.
    ///
    /// # Errors
    /// Fails when its array has not.
    pub(crate) fn finish(&self) -> Result<(), DecodeError> {
        match self.state {
            State::End => Ok(()),
            State::Open => Err(DecodeError::ended("an array")),
            State::Behind => Err(DecodeError::ended("`,` or `]`")),
            State::First => Err(DecodeError::ended("a row or `]`")),
            _ => Err(DecodeError::ended("the rest of the row").in_row(self.row)),
        }
    }

    /// Begins another array, whose elements are counted on from this one's.
    pub(crate) fn begin_again(&mut self) {
        self.buffer.clear();
        self.start = 0;
        self.at = 0;
        self.state = State::Open;
    }

    #[cold]
    fn unexpected(&self, expected: &'static str, in_row: bool) -> DecodeError {
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let shown = String::from_utf8_lossy(rest.get(..SHOWN).unwrap_or(rest));
        let error = DecodeError::expected(expected, &shown);
        if in_row { error.in_row(self.row) } else { error }
    }

    #[cold]
    fn too_large(&self) -> DecodeError {
        DecodeError::custom(format_args!(
            "it has more than {} bytes, which is the limit of a streamed row (`.row_limit(bytes)`)",
            self.limit
        ))
        .in_row(self.row)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::decode::{RowReader, decode_nth_row, decode_rows};

    fn row(row: &mut RowReader<'_>) -> Result<(Option<String>, Option<serde_json::Value>), DecodeError> {
        row.column_if_sent::<i64>("id")?;
        Ok((row.column_if_sent("text")?, row.column_if_sent::<crate::types::Json<_>>("json")?.map(|json| json.0)))
    }

    type Row = (Option<String>, Option<serde_json::Value>);

    /// The rows of `body`, whose parts end at `cuts`.
    fn streamed(body: &[u8], cuts: &[usize]) -> Result<Vec<Row>, DecodeError> {
        let mut splitter = Splitter::new(1 << 20);
        let mut rows = Vec::new();
        let mut from = 0;
        for to in cuts.iter().copied().chain([body.len()]) {
            splitter.push(&body[from..to]);
            from = to;
            while let Some((number, slice)) = splitter.next()? {
                assert_eq!(number, rows.len());
                rows.push(decode_nth_row(slice, number, row)?);
            }
        }
        splitter.finish()?;
        Ok(rows)
    }

    fn cuts(body: &[u8], cuts: &[Index]) -> Vec<usize> {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
        cuts.sort_unstable();
        cuts
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "[\\[\\]{}\",:\\\\a-c\u{1}\n é🚀]{0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::vec(("[a-c\"\\\\{]{0,3}", inner), 0..4)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    prop_compose! {
        fn answer()(
            rows in prop::collection::vec((prop::option::of("[\\[\\]{}\",\\\\a-cé🚀]{0,9}"), prop::option::of(json())), 0..6),
            pretty in any::<bool>(),
        ) -> Vec<u8> {
            let rows: Vec<serde_json::Value> = rows
                .into_iter()
                .map(|(text, json)| {
                    let mut object = serde_json::Map::new();
                    text.map(|text| object.insert("text".to_owned(), text.into()));
                    json.map(|json| object.insert("json".to_owned(), json));
                    object.insert("other".to_owned(), serde_json::json!([{"a": "]}"}]));
                    object.into()
                })
                .collect();
            if pretty { serde_json::to_vec_pretty(&rows).unwrap() } else { serde_json::to_vec(&rows).unwrap() }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn any_chunking_gives_the_same_rows(body in answer(), at in prop::collection::vec(any::<Index>(), 0..8)) {
            let whole = decode_rows(&body, row).unwrap();
            prop_assert_eq!(streamed(&body, &cuts(&body, &at)).unwrap(), whole.clone());
            let every_byte: Vec<usize> = (0..body.len()).collect();
            prop_assert_eq!(streamed(&body, &every_byte).unwrap(), whole);
        }

        #[test]
        fn a_truncated_answer_is_an_error(body in answer(), end in any::<Index>(), at in prop::collection::vec(any::<Index>(), 0..4)) {
            let body = body.trim_ascii_end();
            let body = &body[..end.index(body.len())];
            prop_assert!(decode_rows(body, row).is_err());
            prop_assert!(streamed(body, &cuts(body, &at)).is_err());
        }

        #[test]
        fn a_damaged_answer_is_damaged_for_both(
            mut body in answer(),
            place in any::<Index>(),
            byte in prop::sample::select(&b"[]{}\",:\\1nx \n\xff"[..]),
            at in prop::collection::vec(any::<Index>(), 0..4),
        ) {
            let place = place.index(body.len());
            body[place] = byte;
            let whole = decode_rows(&body, row);
            let parts = streamed(&body, &cuts(&body, &at));
            prop_assert_eq!(whole.is_ok(), parts.is_ok(), "{:?} {:?}", whole, parts);
            if let (Ok(whole), Ok(parts)) = (whole, parts) {
                prop_assert_eq!(whole, parts);
            }
        }
    }

    #[test]
    fn errors_name_the_row() {
        let error = streamed(br#"[{"id":1},{"id":"two"}]"#, &[5]).unwrap_err();
        assert_eq!((error.row(), error.column()), (Some(1), Some("id")));
        let error = streamed(br#"[{"text":"a"},{"te"#, &[]).unwrap_err();
        assert_eq!(error.row(), Some(1));
        assert_eq!(error.to_string(), "row 1: expected the rest of the row, found the end of the answer");
        let error = streamed(br#"[{"text":"a"}"#, &[]).unwrap_err();
        assert_eq!(error.to_string(), "expected `,` or `]`, found the end of the answer");
        let error = streamed(b"[1]", &[]).unwrap_err();
        assert_eq!(error.to_string(), "row 0: expected an object, found `1`");
        let error = streamed(b"<html>", &[]).unwrap_err();
        assert_eq!(error.to_string(), "expected an array, found `<html>`");
        assert!(streamed(b"", &[]).is_err());
        assert!(streamed(b"[]]", &[]).is_err());
        assert!(streamed(b"[{},]", &[]).is_err());
    }

    #[test]
    fn a_row_above_the_limit_is_refused_however_it_arrives() {
        let body = format!(r#"[{{"text":"a"}},{{"text":"{}"}}]"#, "x".repeat(100));
        for part in [1, 7, 50, 1000] {
            let mut splitter = Splitter::new(64);
            let mut found = Vec::new();
            let error = body.as_bytes().chunks(part).find_map(|part| {
                splitter.push(part);
                loop {
                    match splitter.next() {
                        Ok(Some((number, _))) => found.push(number),
                        Ok(None) => return None,
                        Err(error) => return Some(error),
                    }
                }
            });
            assert_eq!(found, [0]);
            let error = error.unwrap();
            assert_eq!(error.row(), Some(1));
            assert!(error.to_string().contains("64 bytes"), "{error}");
        }
    }

    #[test]
    fn what_is_kept_is_no_more_than_a_row_and_a_part() {
        let mut splitter = Splitter::new(1 << 20);
        let mut part = b"[".to_vec();
        for _ in 0..10_000 {
            part.extend_from_slice(br#"{"text":"0123456789"},"#);
            splitter.push(&part);
            while splitter.next().unwrap().is_some() {}
            part.clear();
        }
        assert_eq!(splitter.row(), 10_000);
        assert!(splitter.buffer.capacity() < 256, "{}", splitter.buffer.capacity());
    }
}
