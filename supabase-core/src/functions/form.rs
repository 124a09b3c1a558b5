//! Multipart bodies.

use std::fmt::Write as _;

use bytes::{BufMut, Bytes, BytesMut};

/// A `multipart/form-data` body.
///
/// ```
/// use supabase_core::functions::{Form, Part};
/// let form = Form::new().text("title", "A photo").part("file", Part::bytes(vec![1, 2, 3]).file_name("a.png").content_type("image/png"));
/// # let _ = form;
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a form does nothing until it is the body of a call"]
pub struct Form {
    parts: Vec<(String, Part)>,
}

/// One part of a [`Form`].
#[derive(Debug, Clone)]
#[must_use = "a part does nothing until it is in a form"]
pub struct Part {
    data: Bytes,
    file_name: Option<String>,
    content_type: Option<String>,
}

impl Part {
    /// A part of these bytes.
    pub fn bytes(data: impl Into<Bytes>) -> Self {
        Self { data: data.into(), file_name: None, content_type: None }
    }

    /// The name of the file that the part is.
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// What the bytes are: `image/png`.
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = Some(media_type.into());
        self
    }
}

impl Form {
    /// An empty form.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field of text.
    pub fn text(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.part(name, Part::bytes(value.into().into_bytes()))
    }

    /// Adds a part.
    pub fn part(mut self, name: impl Into<String>, part: Part) -> Self {
        self.parts.push((name.into(), part));
        self
    }

    /// The content type, with a boundary that no part contains, and the body.
    pub(super) fn encode(&self) -> (String, Bytes) {
        let boundary = self.boundary();
        let mut body = BytesMut::new();
        for (name, part) in &self.parts {
            let mut head = format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"", escaped(name));
            let written = (|| {
                if let Some(file) = &part.file_name {
                    write!(head, "; filename=\"{}\"", escaped(file))?;
                }
                head.write_str("\r\n")?;
                match &part.content_type {
                    // A line break would begin another header.
                    Some(kind) => write!(head, "content-type: {}\r\n", kind.replace(['\r', '\n'], " ")),
                    None if part.file_name.is_some() => head.write_str("content-type: application/octet-stream\r\n"),
                    None => Ok(()),
                }
            })();
            debug_assert!(written.is_ok(), "writing to a String does not fail");
            head.push_str("\r\n");
            body.put(head.as_bytes());
            body.put(part.data.as_ref());
            body.put(&b"\r\n"[..]);
        }
        body.put(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body.freeze())
    }

    /// The same for the same form, and found in none of its parts.
    fn boundary(&self) -> String {
        let mut number = 0_u64;
        loop {
            let boundary = format!("supabase-rs-{number:016x}");
            let inside = |part: &Part| part.data.windows(boundary.len()).any(|window| window == boundary.as_bytes());
            if !self.parts.iter().any(|(_, part)| inside(part)) {
                return boundary;
            }
            number += 1;
        }
    }
}

/// As browsers escape names (HTML, "multipart/form-data encoding algorithm").
fn escaped(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_in_no_part() {
        let form =
            Form::new().text("a\"\r\n", "supabase-rs-0000000000000000").part("f", Part::bytes("x").file_name("ü.txt"));
        let (kind, body) = form.encode();
        assert_eq!(kind, "multipart/form-data; boundary=supabase-rs-0000000000000001");
        let text = String::from_utf8_lossy(&body);
        assert!(
            text.contains(
                "name=\"a%22%0D%0A\"\r\n\r\nsupabase-rs-0000000000000000\r\n--supabase-rs-0000000000000001\r\n"
            )
        );
        assert!(text.contains("name=\"f\"; filename=\"ü.txt\"\r\ncontent-type: application/octet-stream\r\n\r\nx\r\n"));
        assert!(text.ends_with("--supabase-rs-0000000000000001--\r\n"));
    }
}
