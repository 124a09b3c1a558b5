//! Where this client does otherwise than the official ones on purpose.

/// Group, a part of the call, and why.
pub(super) const DIVERGENCES: &[(&str, &str, &str)] = &[
    ("auth.sign_up", "sign_up({'email': 'e'})", "a sign-up without a password cannot be written"),
    (
        "auth.sign_in_with_password",
        "sign_in_with_password({'email': 'e'})",
        "credentials without a password cannot be written",
    ),
    ("auth.sign_in_with_password", "'data': {'x': 1}", "the server takes no metadata with a password sign-in"),
    ("auth.sign_in_with_otp", "sign_in_with_otp({})", "a code for nobody cannot be asked for"),
    ("auth.sign_in_with_sso", "'skip_http_redirect': False", "an HTTP client wants the URL, never the redirect"),
    (
        "auth.verify_otp",
        "'email': 'email@example.com', 'token_hash'",
        "a hash says whose it is, so no address goes with it",
    ),
    ("auth.resend", "resend({'type': 'signup'})", "a confirmation for nobody cannot be asked for"),
    ("auth.exchange_code_for_session", "'code_verifier': 'v1'", "the verifier comes from the store of the flow"),
    (
        "auth.exchange_code_for_session",
        "exchange_code_for_session({'auth_code': '34e7",
        "without a verifier nothing is sent, as supabase-js does",
    ),
    ("auth.admin", "get_user_by_id('nope')", "ids of users are UUIDs by type"),
    ("auth.admin", "getUserById('nope')", "ids of users are UUIDs by type"),
    ("auth.admin", "deleteUser(", "the recorded GET before the DELETE was the capturing program's"),
    (
        "client.secret_key",
        "secret.functions.invoke('f')",
        "an `sb_…` key is no token that a function could verify; supabase-js leaves it out as well",
    ),
    ("client.validation", "create_client('http://x', None)", "a client without a key cannot be written"),
];
