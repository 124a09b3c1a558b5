//! The URLs of requests, without parsing each of them.
//!
//! All requests of a client start with the project's URL, which was parsed when the client was built,
//! and go on with text that our own encoder wrote, in which a URL parser finds nothing to change. So
//! the finished URL is put together from the known parts. Where anything is out of the ordinary, it is
//! parsed.

use std::fmt;

use serde::de::value::{Error, MapAccessDeserializer, MapDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use url::{Host, Position, Url};

/// The project's URL without a slash at its end, and where its parts are.
#[derive(Debug)]
pub(crate) struct BaseUrl {
    text: String,
    scheme_end: u32,
    username_end: u32,
    host_start: u32,
    host_end: u32,
    host: HostPart,
    port: Option<u16>,
    path_start: u32,
}

#[derive(Debug, Clone)]
enum HostPart {
    Domain,
    Ipv4(String),
    Ipv6(String),
}

impl BaseUrl {
    /// `None` when URLs with this base have to be parsed.
    pub(crate) fn new(url: &Url) -> Option<Self> {
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        let place = |position: Position| u32::try_from(url[..position].len()).ok();
        let base = Self {
            scheme_end: place(Position::AfterScheme)?,
            username_end: place(Position::AfterUsername)?,
            host_start: place(Position::BeforeHost)?,
            host_end: place(Position::AfterHost)?,
            host: match url.host()? {
                Host::Domain(_) => HostPart::Domain,
                Host::Ipv4(address) => HostPart::Ipv4(address.to_string()),
                Host::Ipv6(address) => HostPart::Ipv6(address.to_string()),
            },
            port: url.port(),
            path_start: place(Position::BeforePath)?,
            text,
        };
        // `url` hands its parts out and takes them in as it likes best; should a later version like
        // something else, everything is parsed again.
        ["/rest/v1/planets?select=id,name", "/rest/v1/"]
            .into_iter()
            .all(|rest| {
                let whole = format!("{}{rest}", base.text);
                Url::parse(&whole).is_ok_and(|parsed| base.join(whole).is_ok_and(|joined| same(&parsed, &joined)))
            })
            .then_some(base)
    }

    /// The URL that is written `whole`; gives the text back when it has to be parsed.
    pub(crate) fn join(&self, whole: String) -> Result<Url, String> {
        let Some(rest) = whole.strip_prefix(self.text.as_str()) else { return Err(whole) };
        // Few paths have a dot or an encoded one at all, and so need a closer look.
        let stop = rest.bytes().position(|byte| STOPS[usize::from(byte)]);
        let end = match stop {
            Some(at) if rest.as_bytes()[at] != b'?' => rest.bytes().position(|byte| byte == b'?'),
            found => found,
        };
        let (path, query) = rest.split_at(end.unwrap_or(rest.len()));
        if !path.starts_with('/') || (stop != end && has_dot_segment(path)) || !is_normal(rest.as_bytes()) {
            return Err(whole);
        }
        let (Ok(query_start), Ok(_)) = (u32::try_from(whole.len() - query.len()), u32::try_from(whole.len())) else {
            return Err(whole);
        };
        let query_start = (!query.is_empty()).then_some(query_start);
        // `new` has seen that these parts are taken. If they were not, what is said about them is no
        // URL, so the caller's attempt to parse it fails in turn.
        Url::deserialize_internal(Parts { base: self, whole, query_start, next: 0 }).map_err(|error| error.to_string())
    }
}

/// Where a look for dots stops, or the path.
const STOPS: [bool; 256] = {
    let mut table = [false; 256];
    table[b'?' as usize] = true;
    table[b'.' as usize] = true;
    table[b'%' as usize] = true;
    table
};

/// Whether a URL parser leaves every byte as it is. Where this says no it may do so all the same.
fn is_normal(text: &[u8]) -> bool {
    // Sixteen bytes are compared in one step; the last sixteen, some of them twice, rather than the rest
    // one by one.
    let (chunks, rest) = text.split_at(text.len() & !15);
    !is_strange(chunks) && !is_strange(text.last_chunk::<16>().map_or(rest, |last| last.as_slice()))
}

fn is_strange(text: &[u8]) -> bool {
    // Comparisons without an early end.
    let mut strange = 0;
    for &byte in text {
        // Behind `z` only `~` would be left as it is, and that is rare enough to be parsed.
        strange |= u8::from(byte.wrapping_sub(0x21) > b'z' - 0x21)
            | u8::from(byte & 0xfe == b'"') // and `#`
            | u8::from(byte & 0xfd == b'<') // and `>`
            | u8::from(byte & 0xfd == b'\\') // and `^`
            | u8::from(byte == b'\'')
            | u8::from(byte == b'`');
    }
    strange != 0
}

/// Whether a segment may mean "here" or "one up".
fn has_dot_segment(path: &str) -> bool {
    path.split('/').any(|segment| {
        let dots = segment.replace("%2e", ".").replace("%2E", ".");
        matches!(dots.as_str(), "." | "..")
    })
}

fn same(left: &Url, right: &Url) -> bool {
    let parts = |url: &Url| {
        (
            url.scheme().to_owned(),
            url.username().to_owned(),
            url.host().map(|host| host.to_owned()),
            url.port(),
            url.path().to_owned(),
            url.query().map(str::to_owned),
            url.fragment().map(str::to_owned),
        )
    };
    left == right && parts(left) == parts(right)
}

/// The parts of a URL, in the order in which `url` takes them.
struct Parts<'a> {
    base: &'a BaseUrl,
    whole: String,
    query_start: Option<u32>,
    next: u8,
}

impl<'de> Deserializer<'de> for Parts<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let base = self.base;
        self.next += 1;
        let number = |number: u32| number.into_deserializer();
        match self.next {
            1 => seed.deserialize(StringDeserializer::new(std::mem::take(&mut self.whole))),
            2 => seed.deserialize(number(base.scheme_end)),
            3 => seed.deserialize(number(base.username_end)),
            4 => seed.deserialize(number(base.host_start)),
            5 => seed.deserialize(number(base.host_end)),
            6 => seed.deserialize(&base.host),
            7 => seed.deserialize(Maybe(base.port.map(u32::from))),
            8 => seed.deserialize(number(base.path_start)),
            9 => seed.deserialize(Maybe(self.query_start)),
            10 => seed.deserialize(Maybe(None)),
            _ => return Ok(None),
        }
        .map(Some)
    }
}

/// A number that may not be there.
struct Maybe(Option<u32>);

impl<'de> Deserializer<'de> for Maybe {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Some(number) => visitor.visit_some(IntoDeserializer::<Error>::into_deserializer(number)),
            None => visitor.visit_none(),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> Deserializer<'de> for &HostPart {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let address = |kind: &'static str, address: &str| {
            MapAccessDeserializer::new(MapDeserializer::new(std::iter::once((kind, address.to_owned()))))
        };
        match self {
            HostPart::Domain => {
                IntoDeserializer::<Error>::into_deserializer("Domain").deserialize_enum("", &[], visitor)
            }
            HostPart::Ipv4(text) => visitor.visit_enum(address("Ipv4", text)),
            HostPart::Ipv6(text) => visitor.visit_enum(address("Ipv6", text)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn joins_what_a_parser_would_leave() {
        for base in [
            "https://example.supabase.co",
            "http://127.0.0.1:54321",
            "http://[::1]:3000/behind/a/proxy/",
            "https://example.supabase.co:443/",
            "http://localhost",
        ] {
            let base_url = BaseUrl::new(&Url::parse(base).unwrap()).expect(base);
            for rest in [
                "/rest/v1/planets",
                "/rest/v1/planets?select=id,name&name=in.(%22a%20b%22,%22c%22)&order=id.desc",
                "/rest/v1/%C3%BC.b?a=..&b=/../c",
                "/rest/v1/rpc/f?",
            ] {
                let whole = format!("{base_url}{rest}");
                let parsed = Url::parse(&whole).unwrap();
                let joined = base_url.join(whole.clone()).expect(&whole);
                assert!(same(&parsed, &joined), "{whole}: {parsed:?} {joined:?}");
            }
        }
    }

    #[test]
    fn does_not_send_users_on() {
        assert!(BaseUrl::new(&Url::parse("http://user@localhost:3000").unwrap()).is_none());
    }

    #[test]
    fn leaves_the_rest_to_the_parser() {
        let base = BaseUrl::new(&Url::parse("https://example.supabase.co").unwrap()).unwrap();
        for rest in [
            "",
            ".evil.example/",
            ":80/",
            "/a/../b",
            "/a/%2E%2e/b",
            "/./a",
            "/a b",
            "/ü",
            "/a#b",
            "/a\\b",
            "/a?b=\"c\"",
            "/a?b='c'",
            "/a?b=c\n",
            "?a",
            "@evil.example/",
        ] {
            assert!(base.join(format!("{base}{rest}")).is_err(), "{rest}");
        }
        assert!(base.join("https://elsewhere.example/rest/v1/a".to_owned()).is_err());
    }
}
