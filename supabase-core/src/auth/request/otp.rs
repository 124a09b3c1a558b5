//! One-time passwords and magic links: sending, verifying, sending again.

use serde_json::Value;

use super::{Who, hidden};

hidden!(Otp, VerifyOtp, Resend);

/// How a code reaches a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Channel {
    /// A text message.
    #[default]
    Sms,
    /// WhatsApp.
    Whatsapp,
}

impl Channel {
    pub(in crate::auth) const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Whatsapp => "whatsapp",
        }
    }
}

/// A code or link to send.
#[derive(Clone)]
#[must_use]
pub struct Otp {
    pub(in crate::auth) who: Who,
    pub(in crate::auth) create_user: bool,
    pub(in crate::auth) data: Option<Value>,
    pub(in crate::auth) redirect_to: Option<String>,
    pub(in crate::auth) captcha: Option<String>,
    pub(in crate::auth) channel: Channel,
}

impl Otp {
    fn new(who: Who) -> Self {
        Self { who, create_user: true, data: None, redirect_to: None, captcha: None, channel: Channel::Sms }
    }

    /// To this address.
    pub fn email(email: impl Into<String>) -> Self {
        Self::new(Who::Email(email.into()))
    }

    /// To this number.
    pub fn phone(phone: impl Into<String>) -> Self {
        Self::new(Who::Phone(phone.into()))
    }

    /// Whether an unknown address becomes a new user: it does unless set.
    pub fn create_user(mut self, create: bool) -> Self {
        self.create_user = create;
        self
    }

    /// The metadata of a new user: a JSON object.
    pub fn data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// Where the link in the mail leads in the end.
    pub fn redirect_to(mut self, url: impl Into<String>) -> Self {
        self.redirect_to = Some(url.into());
        self
    }

    /// The token of a solved captcha.
    pub fn captcha(mut self, token: impl Into<String>) -> Self {
        self.captcha = Some(token.into());
        self
    }

    /// How the code reaches the phone.
    pub fn channel(mut self, channel: Channel) -> Self {
        self.channel = channel;
        self
    }
}

/// What a code or link was sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtpType {
    /// Signing in by mail, and confirming an address.
    Email,
    /// Confirming a new user's address.
    Signup,
    /// An invitation.
    Invite,
    /// A magic link.
    Magiclink,
    /// Setting a new password.
    Recovery,
    /// Changing the address.
    EmailChange,
    /// Signing in by phone, and confirming a number.
    Sms,
    /// Changing the number.
    PhoneChange,
}

impl OtpType {
    pub(in crate::auth) const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Signup => "signup",
            Self::Invite => "invite",
            Self::Magiclink => "magiclink",
            Self::Recovery => "recovery",
            Self::EmailChange => "email_change",
            Self::Sms => "sms",
            Self::PhoneChange => "phone_change",
        }
    }
}

/// A code or the hash of a link, to be verified.
#[derive(Clone)]
#[must_use]
pub struct VerifyOtp {
    pub(in crate::auth) who: Option<Who>,
    pub(in crate::auth) token: Option<String>,
    pub(in crate::auth) token_hash: Option<String>,
    pub(in crate::auth) kind: OtpType,
    pub(in crate::auth) redirect_to: Option<String>,
    pub(in crate::auth) captcha: Option<String>,
}

impl VerifyOtp {
    fn new(who: Option<Who>, token: Option<String>, token_hash: Option<String>, kind: OtpType) -> Self {
        Self { who, token, token_hash, kind, redirect_to: None, captcha: None }
    }

    /// The code that was sent to this address.
    pub fn email(email: impl Into<String>, token: impl Into<String>, kind: OtpType) -> Self {
        Self::new(Some(Who::Email(email.into())), Some(token.into()), None, kind)
    }

    /// The code that was sent to this number.
    pub fn phone(phone: impl Into<String>, token: impl Into<String>, kind: OtpType) -> Self {
        Self::new(Some(Who::Phone(phone.into())), Some(token.into()), None, kind)
    }

    /// The hash that a link in a mail carries.
    pub fn token_hash(hash: impl Into<String>, kind: OtpType) -> Self {
        Self::new(None, None, Some(hash.into()), kind)
    }

    /// Where to go in the end.
    pub fn redirect_to(mut self, url: impl Into<String>) -> Self {
        self.redirect_to = Some(url.into());
        self
    }

    /// The token of a solved captcha.
    pub fn captcha(mut self, token: impl Into<String>) -> Self {
        self.captcha = Some(token.into());
        self
    }
}

/// A confirmation to send again.
#[derive(Clone)]
#[must_use]
pub struct Resend {
    pub(in crate::auth) who: Who,
    pub(in crate::auth) kind: OtpType,
    pub(in crate::auth) redirect_to: Option<String>,
    pub(in crate::auth) captcha: Option<String>,
}

impl Resend {
    fn new(who: Who, kind: OtpType) -> Self {
        Self { who, kind, redirect_to: None, captcha: None }
    }

    /// The mail that confirms a new user.
    pub fn signup(email: impl Into<String>) -> Self {
        Self::new(Who::Email(email.into()), OtpType::Signup)
    }

    /// The mail that confirms another address.
    pub fn email_change(email: impl Into<String>) -> Self {
        Self::new(Who::Email(email.into()), OtpType::EmailChange)
    }

    /// The code that signs in by phone.
    pub fn sms(phone: impl Into<String>) -> Self {
        Self::new(Who::Phone(phone.into()), OtpType::Sms)
    }

    /// The code that confirms another number.
    pub fn phone_change(phone: impl Into<String>) -> Self {
        Self::new(Who::Phone(phone.into()), OtpType::PhoneChange)
    }

    /// Where the link in the mail leads in the end.
    pub fn redirect_to(mut self, url: impl Into<String>) -> Self {
        self.redirect_to = Some(url.into());
        self
    }

    /// The token of a solved captcha.
    pub fn captcha(mut self, token: impl Into<String>) -> Self {
        self.captcha = Some(token.into());
        self
    }
}
