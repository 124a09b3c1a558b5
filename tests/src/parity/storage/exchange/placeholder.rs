//! What recorded texts leave open: `<JWT:alice>`, `<UPLOAD:1>`. It is bound when an answer has it, and filled in later.

use std::collections::BTreeMap;

use base64::Engine as _;

use serde_json::{Value, json};
use supabase_local::Database;

/// Placeholders and what they stand for.
pub(crate) type Bound = BTreeMap<String, String>;

pub(super) fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// The tokens that stand for the recorded identities.
pub(super) fn identities(database: &Database) -> Bound {
    let alice = "11111111-1111-4111-8111-111111111111";
    let user = |claims: Value| database.jwt_with(&claims);
    let forged = {
        let token = user(json!({"role": "service_role", "exp": now() + 3600}));
        let (signed, _) = token.rsplit_once('.').unwrap();
        format!("{signed}.{}", "A".repeat(43))
    };
    let plain = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let none = format!("{}.{}.", plain(r#"{"alg":"none","typ":"JWT"}"#), plain(r#"{"role":"service_role"}"#));
    [
        ("anon", database.anon_key().to_owned()),
        ("service_role", database.service_key().to_owned()),
        ("alice", database.jwt_for(alice, "authenticated")),
        ("bob", database.jwt_for("22222222-2222-4222-8222-222222222222", "authenticated")),
        ("expired", user(json!({"role": "authenticated", "sub": alice, "exp": now() - 3600}))),
        ("not_yet_valid", user(json!({"role": "authenticated", "sub": alice, "nbf": now() + 30 * 86400}))),
        ("wrong_secret", forged),
        ("alg_none", none),
        ("unknown_role", user(json!({"role": "no_such_role", "exp": now() + 3600}))),
        ("no_role", user(json!({"sub": alice, "exp": now() + 3600}))),
        ("garbage", "not-a-jwt".to_owned()),
        ("sb_publishable", "sb_publishable_madeupmadeupmadeupma_abcdefgh".to_owned()),
    ]
    .map(|(name, token)| (format!("<JWT:{name}>"), token))
    .into()
}

/// A text with what is bound filled in.
pub(crate) fn fill(text: &str, bound: &Bound) -> String {
    if let Some(at) = text.find(" with its last 4 char") {
        // A token that somebody has changed.
        let from = text[..at].rfind('<').unwrap();
        let to = at + text[at..].find('>').unwrap() + 1;
        let token = &bound[&format!("{}>", &text[from..at])];
        let changed = format!("{}{}", &token[..token.len() - 4], if token.ends_with("AAAA") { "BBBB" } else { "AAAA" });
        return format!("{}{changed}{}", &text[..from], fill(&text[to..], bound));
    }
    bound.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// Binds placeholders of an expected text to what came; `false` when the rest differs.
pub(super) fn bind(expected: &str, actual: &str, bound: &mut Bound) -> bool {
    let expected = fill(expected, bound);
    let Some(from) = expected.find('<').filter(|from| expected[*from..].contains(':')) else {
        return expected == actual;
    };
    let Some(to) = expected[from..].find('>').map(|to| from + to + 1) else { return expected == actual };
    let (before, name, after) = (&expected[..from], &expected[from..to], &expected[to..]);
    let Some(rest) = actual.strip_prefix(before) else { return false };
    let end =
        if after.is_empty() { rest.len() } else { rest.find(after.split('<').next().unwrap()).unwrap_or(rest.len()) };
    bound.insert(name.to_owned(), rest[..end].to_owned());
    bind(&expected, actual, bound)
}
