//! What the methods of [`Auth`](super::Auth) are given.

mod attributes;
mod otp;
mod password;
mod redirect;
mod web3;

pub use attributes::UserAttributes;
pub use otp::{Channel, Otp, OtpType, Resend, VerifyOtp};
pub use password::{Anonymous, Credentials, IdToken, PasswordReset, SignUp};
pub use redirect::{OAuth, Sso};
pub use web3::{EthereumMessage, SolanaMessage, Web3};

use serde_json::{Map, Value, json};

/// Shows the name of a type and nothing in it.
macro_rules! hidden {
    ($($name:ident),* $(,)?) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(concat!(stringify!($name), "(…)"))
            }
        })*
    };
}
pub(in crate::auth) use hidden;

/// An address or a number.
#[derive(Clone)]
pub(super) enum Who {
    Email(String),
    Phone(String),
}

impl Who {
    pub(super) fn is_email(&self) -> bool {
        matches!(self, Self::Email(_))
    }

    pub(super) fn write(&self, body: &mut Map<String, Value>) {
        match self {
            Self::Email(email) => body.insert("email".into(), json!(email)),
            Self::Phone(phone) => body.insert("phone".into(), json!(phone)),
        };
    }
}

pub(super) fn security(captcha: Option<&str>) -> Value {
    match captcha {
        Some(token) => json!({ "captcha_token": token }),
        None => json!({}),
    }
}

pub(super) fn or_empty(data: Option<Value>) -> Value {
    data.unwrap_or_else(|| json!({}))
}
