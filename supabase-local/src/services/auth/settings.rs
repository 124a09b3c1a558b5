//! What of the service may be set.

/// Settings of the auth service, by the names that the real one has for them. Unless changed they are those of a new
/// hosted project, except that phone numbers, guests and manual linking are allowed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuthSettings {
    /// Whether an address counts as confirmed at once.
    pub mailer_autoconfirm: bool,
    /// Whether a number counts as confirmed at once.
    pub sms_autoconfirm: bool,
    /// Whether a change of address must be confirmed by both addresses.
    pub secure_email_change: bool,
    /// Whether new users are allowed at all.
    pub signup_enabled: bool,
    /// Whether guests are allowed.
    pub anonymous_users: bool,
    /// Whether identities may be linked by hand.
    pub manual_linking: bool,
    /// Whether a change of password needs the code that reauthentication sends.
    pub secure_password_change: bool,
    /// The fewest characters of a password.
    pub password_min_length: usize,
    /// For how many seconds an access token lasts.
    pub jwt_exp: u64,
    /// For how many seconds a code or link lasts.
    pub otp_exp: u64,
    /// For how many seconds a used refresh token still gives the one that followed it.
    pub reuse_interval: u64,
    /// Where links lead that say nothing else.
    pub site_url: String,
    /// Where else links and redirects may lead, as patterns: `*` stands for any text without `.` and `/`, `**` for any
    /// text. What matches none leads to `site_url`. The real service allows nothing but its site unless told; here
    /// everything is allowed until a test says otherwise.
    pub redirect_allow_list: Vec<String>,
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self {
            mailer_autoconfirm: false,
            sms_autoconfirm: false,
            secure_email_change: true,
            signup_enabled: true,
            anonymous_users: true,
            manual_linking: true,
            secure_password_change: false,
            password_min_length: 6,
            jwt_exp: 3600,
            otp_exp: 3600,
            reuse_interval: 10,
            site_url: "http://localhost:3000".to_owned(),
            redirect_allow_list: vec!["**".to_owned()],
        }
    }
}
