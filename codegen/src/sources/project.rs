//! Asks a project for its OpenAPI document.

use serde_json::Value;

use crate::error::SourceError;

/// The documents of the schemas, in their order.
#[cfg(feature = "project")]
pub(super) async fn fetch(url: &str, key: &str, schemas: &[String]) -> Result<Vec<(String, Value)>, SourceError> {
    let root = root(url);
    let failed = |reason: String| SourceError::Project { url: root.clone(), reason };
    let client = reqwest::Client::builder()
        .timeout(std::time::Duration::from_secs(60))
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

/// The root of the REST interface below a project's URL.
#[cfg(feature = "project")]
fn root(url: &str) -> String {
    let url = url.trim().trim_end_matches('/');
    if url.ends_with("/rest/v1") { format!("{url}/") } else { format!("{url}/rest/v1/") }
}
