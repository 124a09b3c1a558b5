//! Asks a project for its OpenAPI document.

use serde_json::Value;

use crate::error::SourceError;

/// The documents of the schemas, in their order.
#[cfg(feature = "project")]
pub(super) async fn fetch(url: &str, key: &str, schemas: &[String]) -> Result<Vec<(String, Value)>, SourceError> {
    let root = root(url);
    let failed = |reason: String| SourceError::Project { url: root.clone(), reason };
    may_carry_a_key(&root).map_err(failed)?;
    let client = reqwest::Client::builder()
        .timeout(std::time::Duration::from_secs(60))
        // A redirect would carry `apikey` to whichever host it names.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let mut documents = Vec::new();
    for schema in schemas {
        let mut request = client
            .get(&root)
            .header("Accept", "application/openapi+json")
            .header("Accept-Profile", schema)
            .header("apikey", key);
        // New keys are no tokens: a gateway that finds one there refuses the request.
        if !key.starts_with("sb_") {
            request = request.header("Authorization", format!("Bearer {key}"));
        }
        let answer = request.send().await.map_err(|error| failed(cause(&error)))?;
        let status = answer.status();
        if status.is_redirection() {
            let place = answer.headers().get("location").and_then(|place| place.to_str().ok()).unwrap_or("nowhere");
            return Err(failed(format!(
                "it redirects to {}, and the key is sent to no address but the one that was named: name that one if the project is there",
                place.split(['?', '#']).next().unwrap_or_default()
            )));
        }
        let text = answer.text().await.map_err(|error| failed(cause(&error)))?;
        if !status.is_success() {
            let message = serde_json::from_str::<Value>(&text)
                .ok()
                .and_then(|body| body.get("message").and_then(Value::as_str).map(str::to_owned))
                .unwrap_or_else(|| text.chars().take(200).collect());
            return Err(match status.as_u16() {
                401 | 403 => SourceError::ProjectKey { url: root, message },
                _ => failed(format!("schema `{schema}`: status {status}: {message}")),
            });
        }
        let document = serde_json::from_str(&text)
            .map_err(|error| SourceError::Document { what: root.clone(), reason: error.to_string() })?;
        documents.push((schema.clone(), document));
    }
    Ok(documents)
}

/// Says how to get what this build lacks.
#[cfg(not(feature = "project"))]
pub(super) async fn fetch(_url: &str, _key: &str, _schemas: &[String]) -> Result<Vec<(String, Value)>, SourceError> {
    Err(SourceError::NotBuiltIn { source_name: "a project's URL", feature: "project" })
}

/// Without the address, which the message has already, and with the reason at the bottom.
#[cfg(feature = "project")]
fn cause(error: &reqwest::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

/// Unencrypted, a key may travel within a machine or a network of one's own, and not beyond.
#[cfg(feature = "project")]
fn may_carry_a_key(root: &str) -> Result<(), String> {
    let url = reqwest::Url::parse(root).map_err(|error| format!("this is no URL: {error}"))?;
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => Ok(()),
        ("http", Some(host)) if is_near(host) => Ok(()),
        ("http", Some(_)) => {
            Err("the key would travel unencrypted: write https:// (http:// is for this machine and private networks)"
                .to_owned())
        }
        _ => Err("a project's URL begins with https://".to_owned()),
    }
}

/// This machine, a private network, or a name that only such a network knows.
#[cfg(feature = "project")]
fn is_near(host: &str) -> bool {
    use std::net::IpAddr;
    const OWN: [&str; 5] = ["localhost", "local", "internal", "lan", "home.arpa"];
    match host.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => {
            let host = host.trim_end_matches('.');
            !host.contains('.') || OWN.iter().any(|own| host.strip_suffix(own).is_some_and(|name| name.ends_with('.')))
        }
    }
}

/// The root of the REST interface below a project's URL.
#[cfg(feature = "project")]
fn root(url: &str) -> String {
    let url = url.trim().trim_end_matches('/');
    if url.ends_with("/rest/v1") { format!("{url}/") } else { format!("{url}/rest/v1/") }
}

#[cfg(all(test, feature = "project"))]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_at_home() {
        for near in [
            "http://127.0.0.1:54321",
            "http://[::1]:8000",
            "http://localhost:3000",
            "http://kong:8000",
            "http://10.1.2.3",
            "http://[fd00::1]",
            "http://host.docker.internal:54321",
            "http://box.local",
            // A name without a dot is one of a network of one's own, whatever it is.
            "http://notlocal",
            "https://abcd.supabase.co",
        ] {
            assert_eq!(may_carry_a_key(&root(near)), Ok(()), "{near}");
        }
        for (far, why) in [
            ("http://abcd.supabase.co", "https://"),
            ("http://8.8.8.8", "https://"),
            ("http://[2001:db8::1]", "https://"),
            ("http://notlocal.example", "https://"),
            ("http://evil.example/localhost", "https://"),
            ("http://mylocal.example", "https://"),
            ("ftp://localhost", "begins with https://"),
            ("abcd.supabase.co", "no URL"),
        ] {
            let refusal = may_carry_a_key(&root(far)).err();
            assert!(refusal.as_ref().is_some_and(|refusal| refusal.contains(why)), "{far}: {refusal:?}");
        }
    }
}
