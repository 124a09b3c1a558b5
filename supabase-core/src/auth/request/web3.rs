//! Signing in with a wallet: the message that it signs, and the signature.
//!
//! The messages are those of EIP-4361 (<https://eips.ethereum.org/EIPS/eip-4361>) and of Sign in with
//! Solana, which has the same form.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::hidden;
use crate::error::{Error, ErrorKind, Result};

hidden!(Web3);

/// A message, signed by a wallet.
#[derive(Clone)]
#[must_use]
pub struct Web3 {
    pub(in crate::auth) chain: &'static str,
    pub(in crate::auth) message: String,
    pub(in crate::auth) signature: String,
    pub(in crate::auth) captcha: Option<String>,
}

impl Web3 {
    /// A message signed by a Solana wallet.
    pub fn solana(message: impl Into<String>, signature: &[u8]) -> Self {
        Self { chain: "solana", message: message.into(), signature: URL_SAFE_NO_PAD.encode(signature), captcha: None }
    }

    /// A message signed by an Ethereum wallet (`personal_sign`, 65 bytes).
    pub fn ethereum(message: impl Into<String>, signature: &[u8]) -> Self {
        let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { chain: "ethereum", message: message.into(), signature: format!("0x{hex}"), captcha: None }
    }

    /// The token of a solved captcha.
    pub fn captcha(mut self, token: impl Into<String>) -> Self {
        self.captcha = Some(token.into());
        self
    }
}

/// The fields that both kinds of message share.
#[derive(Debug, Clone)]
struct Fields {
    domain: String,
    address: String,
    statement: Option<String>,
    uri: String,
    chain_id: Option<String>,
    nonce: Option<String>,
    issued_at: String,
    expiration: Option<String>,
    not_before: Option<String>,
    request_id: Option<String>,
    resources: Vec<String>,
}

impl Fields {
    fn write(&self, network: &str) -> Result<String> {
        let all = [Some(&self.domain), Some(&self.address), self.statement.as_ref(), Some(&self.uri)];
        let more = [
            self.chain_id.as_ref(),
            self.nonce.as_ref(),
            Some(&self.issued_at),
            self.expiration.as_ref(),
            self.not_before.as_ref(),
            self.request_id.as_ref(),
        ];
        if all.into_iter().chain(more).flatten().chain(&self.resources).any(|text| text.contains(['\n', '\r'])) {
            return Err(Error::new(
                ErrorKind::Refused,
                "a field of the message has a line break, by which it could pose as another field",
            ));
        }
        let mut text = format!("{} wants you to sign in with your {network} account:\n{}\n", self.domain, self.address);
        if let Some(statement) = &self.statement {
            text.push_str(&format!("\n{statement}\n"));
        } else if network == "Ethereum" {
            text.push('\n');
        }
        let lines = [
            ("URI", Some(&self.uri)),
            ("Version", Some(&"1".to_owned())),
            ("Chain ID", self.chain_id.as_ref()),
            ("Nonce", self.nonce.as_ref()),
            ("Issued At", Some(&self.issued_at)),
            ("Expiration Time", self.expiration.as_ref()),
            ("Not Before", self.not_before.as_ref()),
            ("Request ID", self.request_id.as_ref()),
        ]
        .map(|(name, value)| value.map(|value| format!("\n{name}: {value}")));
        text.extend(lines.into_iter().flatten());
        if !self.resources.is_empty() {
            text.push_str("\nResources:");
            for resource in &self.resources {
                text.push_str(&format!("\n- {resource}"));
            }
        }
        Ok(text)
    }
}

macro_rules! message {
    ($(#[$doc:meta])* $name:ident, $network:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        #[must_use]
        pub struct $name(Fields);

        impl $name {
            /// A message by which `domain` asks the owner of `address` to sign in at `uri`;
            /// `issued_at` is the time in RFC 3339.
            pub fn new(
                domain: impl Into<String>,
                address: impl Into<String>,
                uri: impl Into<String>,
                issued_at: impl Into<String>,
            ) -> Self {
                Self(Fields {
                    domain: domain.into(),
                    address: address.into(),
                    statement: None,
                    uri: uri.into(),
                    chain_id: None,
                    nonce: None,
                    issued_at: issued_at.into(),
                    expiration: None,
                    not_before: None,
                    request_id: None,
                    resources: Vec::new(),
                })
            }

            /// A sentence for the person who signs.
            pub fn statement(mut self, statement: impl Into<String>) -> Self {
                self.0.statement = Some(statement.into());
                self
            }

            /// The chain: `1` is Ethereum's main one, `solana:mainnet` Solana's.
            pub fn chain_id(mut self, id: impl Into<String>) -> Self {
                self.0.chain_id = Some(id.into());
                self
            }

            /// A nonce.
            pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
                self.0.nonce = Some(nonce.into());
                self
            }

            /// When the message ends, in RFC 3339.
            pub fn expiration_time(mut self, time: impl Into<String>) -> Self {
                self.0.expiration = Some(time.into());
                self
            }

            /// When the message begins to hold, in RFC 3339.
            pub fn not_before(mut self, time: impl Into<String>) -> Self {
                self.0.not_before = Some(time.into());
                self
            }

            /// An id of the application's own.
            pub fn request_id(mut self, id: impl Into<String>) -> Self {
                self.0.request_id = Some(id.into());
                self
            }

            /// A resource that the message is about.
            pub fn resource(mut self, uri: impl Into<String>) -> Self {
                self.0.resources.push(uri.into());
                self
            }

            /// The text for the wallet to sign.
            ///
            /// # Errors
            /// [`ErrorKind::Refused`] when a field has a line break.
            pub fn text(&self) -> Result<String> {
                self.0.write($network)
            }
        }
    };
}

message!(
    /// What an Ethereum wallet signs (EIP-4361).
    EthereumMessage,
    "Ethereum"
);
message!(
    /// What a Solana wallet signs.
    SolanaMessage,
    "Solana"
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn an_ethereum_message_has_the_form_of_the_standard() {
        let message = EthereumMessage::new(
            "example.com",
            "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
            "https://example.com/login",
            "2021-09-30T16:25:24Z",
        )
        .statement("I accept the terms.")
        .chain_id("1")
        .nonce("32891756")
        .resource("https://example.com/terms");
        assert_eq!(
            message.text().unwrap(),
            "example.com wants you to sign in with your Ethereum account:\n\
             0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2\n\n\
             I accept the terms.\n\n\
             URI: https://example.com/login\nVersion: 1\nChain ID: 1\nNonce: 32891756\nIssued At: 2021-09-30T16:25:24Z\n\
             Resources:\n- https://example.com/terms"
        );
    }

    #[test]
    fn a_field_cannot_pose_as_another() {
        let forged = SolanaMessage::new("example.com", "addr", "https://example.com", "now")
            .statement("hello\nURI: https://evil.example");
        assert_eq!(forged.text().unwrap_err().kind(), ErrorKind::Refused);
    }
}
