//! Where a function runs.

/// A region of Edge Functions. `From<&str>` takes regions that this list does not have yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Region {
    /// The one closest to the caller.
    #[default]
    Any,
    /// Tokyo.
    ApNortheast1,
    /// Seoul.
    ApNortheast2,
    /// Mumbai.
    ApSouth1,
    /// Singapore.
    ApSoutheast1,
    /// Sydney.
    ApSoutheast2,
    /// Canada.
    CaCentral1,
    /// Frankfurt.
    EuCentral1,
    /// Ireland.
    EuWest1,
    /// London.
    EuWest2,
    /// Paris.
    EuWest3,
    /// São Paulo.
    SaEast1,
    /// Virginia.
    UsEast1,
    /// California.
    UsWest1,
    /// Oregon.
    UsWest2,
    /// Another one, by its name.
    Other(String),
}

impl Region {
    /// The name that the relay knows.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Any => "any",
            Self::ApNortheast1 => "ap-northeast-1",
            Self::ApNortheast2 => "ap-northeast-2",
            Self::ApSouth1 => "ap-south-1",
            Self::ApSoutheast1 => "ap-southeast-1",
            Self::ApSoutheast2 => "ap-southeast-2",
            Self::CaCentral1 => "ca-central-1",
            Self::EuCentral1 => "eu-central-1",
            Self::EuWest1 => "eu-west-1",
            Self::EuWest2 => "eu-west-2",
            Self::EuWest3 => "eu-west-3",
            Self::SaEast1 => "sa-east-1",
            Self::UsEast1 => "us-east-1",
            Self::UsWest1 => "us-west-1",
            Self::UsWest2 => "us-west-2",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for Region {
    fn from(name: &str) -> Self {
        match name {
            "" | "any" => Self::Any,
            other => Self::Other(other.to_owned()),
        }
    }
}
