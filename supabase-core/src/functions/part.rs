//! The parts of an answer that is a form.

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::error::{Error, ErrorKind, Result};

/// One part of an answer of the type `multipart/form-data`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnsweredPart {
    /// The name of the field.
    pub name: Option<String>,
    /// The name of the file, where it is one.
    pub file_name: Option<String>,
    /// What the data are: `image/png`.
    pub content_type: Option<String>,
    /// The data.
    pub data: Bytes,
}

impl AnsweredPart {
    /// The data as text.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when they are not UTF-8.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.data).map_err(|error| {
            let name = self.name.as_deref().unwrap_or_default();
            Error::new(ErrorKind::Decode, format!("the part `{name}` is not UTF-8: read its `data`")).with_source(error)
        })
    }
}

/// Reads the parts of a whole body.
pub(super) async fn read(headers: &HeaderMap, body: Bytes) -> Result<Vec<AnsweredPart>> {
    let broken = |error: multer::Error| {
        Error::new(ErrorKind::Decode, format!("the function's answer is no form: {error}")).with_source(error)
    };
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("none");
    let boundary = multer::parse_boundary(kind).map_err(|error| {
        let why = format!("the function's answer (content type {kind}) is no `multipart/form-data`");
        Error::new(ErrorKind::Decode, why).with_source(error)
    })?;
    let whole = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(body)]);
    let mut form = multer::Multipart::new(whole, boundary);
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let part = AnsweredPart {
            name: field.name().map(str::to_owned),
            file_name: field.file_name().map(str::to_owned),
            content_type: field.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned),
            data: Bytes::new(),
        };
        parts.push(AnsweredPart { data: field.bytes().await.map_err(broken)?, ..part });
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may fail by panicking

    use http::HeaderValue;

    use super::*;
    use crate::functions::{Form, Part};

    #[tokio::test]
    async fn what_a_form_writes_is_read_again() {
        let form = Form::new()
            .text("title", "ä\r\n--")
            .part("file", Part::bytes(vec![0, 13, 10, 255]).file_name("a \"b\".png").content_type("image/png"));
        let (kind, body) = form.encode();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::try_from(kind).unwrap());
        let parts = read(&headers, body.clone()).await.unwrap();
        assert_eq!((parts[0].name.as_deref(), parts[0].text().unwrap()), (Some("title"), "ä\r\n--"));
        assert_eq!((parts[1].content_type.as_deref(), &parts[1].data[..]), (Some("image/png"), &[0, 13, 10, 255][..]));
        assert!(parts[1].file_name.is_some() && parts[1].text().is_err());
        // A body that was cut, and one that is something else.
        let cut = body.slice(..body.len() - 20);
        assert_eq!(read(&headers, cut).await.unwrap_err().kind(), ErrorKind::Decode);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let error = read(&headers, body).await.unwrap_err();
        assert!(error.to_string().contains("application/json"), "{error}");
    }
}
