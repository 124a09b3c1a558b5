//! Proof key for code exchange: a verifier that stays here, and its hash that travels.
//!
//! Each flow that is begun keeps its verifier in a slot of its own, under the id that the flow is
//! given, so that two flows at once do not overwrite each other. At most [`SLOTS`] are kept; the
//! oldest goes first. <https://www.rfc-editor.org/rfc/rfc7636>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};

/// How many flows may be under way.
pub(super) const SLOTS: usize = 5;

/// Names a sign-in flow that was begun and waits for its code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FlowId(pub(super) String);

impl FlowId {
    /// The id as text, for a redirect URL or a cookie. It is no secret.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for FlowId {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for FlowId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// One verifier, kept until its code comes back.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Slot {
    pub(super) flow: FlowId,
    pub(super) verifier: String,
    /// Whether the session that comes of it is there to set a new password.
    #[serde(default)]
    pub(super) recovery: bool,
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Slot").field("flow", &self.flow).field("recovery", &self.recovery).finish_non_exhaustive()
    }
}

/// Unguessable text of `bytes` bytes of randomness, safe in URLs.
pub(super) fn random(bytes: usize) -> Result<String> {
    let mut random = vec![0_u8; bytes];
    getrandom::fill(&mut random)
        .map_err(|error| Error::new(ErrorKind::Config, format!("the system gives no randomness: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}

impl Slot {
    pub(super) fn new(recovery: bool) -> Result<Self> {
        Ok(Self { flow: FlowId(random(12)?), verifier: random(48)?, recovery })
    }

    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let slot = Slot { flow: "f".into(), verifier, recovery: false };
        assert_eq!(slot.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_verifier_has_the_length_that_the_standard_asks_for_and_never_shows() {
        let slot = Slot::new(false).unwrap();
        assert!((43..=128).contains(&slot.verifier.len()));
        assert_ne!(slot.verifier, Slot::new(false).unwrap().verifier);
        assert!(!format!("{slot:?}").contains(&slot.verifier));
    }
}
