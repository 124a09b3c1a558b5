//! Image transformation.

use super::call::push_query;

/// How the server is to transform an image. Needs a project with image transformation.
///
/// Its requests are proven against those of the official clients only: the local stack does not
/// transform images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Transform {
    width: Option<u32>,
    height: Option<u32>,
    resize: Option<Resize>,
    quality: Option<u8>,
    format: Option<String>,
}

/// How an image is fitted into width and height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resize {
    /// Fills them, cutting what stands out. The server's default.
    Cover,
    /// Fits inside them.
    Contain,
    /// Fills them without keeping the proportions.
    Fill,
}

impl Resize {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Cover => "cover",
            Self::Contain => "contain",
            Self::Fill => "fill",
        }
    }
}

impl Transform {
    /// The image as it is; the server still picks a format that the reader understands.
    pub fn new() -> Self {
        Self::default()
    }

    /// Width in pixels.
    pub fn width(self, width: u32) -> Self {
        Self { width: Some(width), ..self }
    }

    /// Height in pixels.
    pub fn height(self, height: u32) -> Self {
        Self { height: Some(height), ..self }
    }

    /// How the image is fitted into width and height.
    pub fn resize(self, resize: Resize) -> Self {
        Self { resize: Some(resize), ..self }
    }

    /// Quality from 20 to 100.
    pub fn quality(self, quality: u8) -> Self {
        Self { quality: Some(quality), ..self }
    }

    /// The format; `origin` keeps the one that the image has.
    pub fn format(self, format: impl Into<String>) -> Self {
        Self { format: Some(format.into()), ..self }
    }

    fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        [
            ("width", self.width.map(|width| width.to_string())),
            ("height", self.height.map(|height| height.to_string())),
            ("resize", self.resize.map(|resize| resize.as_str().to_owned())),
            ("format", self.format.clone()),
            ("quality", self.quality.map(|quality| quality.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }

    pub(crate) fn write(&self, target: &mut String) {
        for (name, value) in self.pairs() {
            push_query(target, name, &value);
        }
    }

    /// As the signing route takes it.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let mut fields = serde_json::Map::new();
        for (name, value) in self.pairs() {
            let value = if matches!(name, "width" | "height" | "quality") {
                value.parse::<u32>().map_or_else(|_| value.clone().into(), Into::into)
            } else {
                value.into()
            };
            fields.insert(name.to_owned(), value);
        }
        fields.into()
    }
}
