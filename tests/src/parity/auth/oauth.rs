//! Calls that make a URL and send nothing.

use supabase_core::Client;
use supabase_core::auth::{AuthConfig, AuthFlow, OAuth};

use super::server::{Server, pairs};
use super::{KEY, Recorded, URL, normal};

/// Whether the call gives a URL to go to.
pub(super) fn is_url(recorded: &Recorded) -> bool {
    recorded.group.starts_with("auth.sign_in_with_oauth")
}

/// The call is rebuilt from the recorded URL, which holds all that was asked for.
pub(super) async fn compare(recorded: &Recorded) -> Option<String> {
    let result = &recorded.lines[0]["result"];
    let url = result["url"].as_str().or(result["data"]["url"].as_str())?.replace("<URL>", URL);
    let (base, query) = url.split_once('?')?;
    let mut theirs = pairs(query);
    normal::params(&mut theirs);
    let mut request = OAuth::new(theirs.iter().find(|(name, _)| name == "provider")?.1.clone());
    for (name, value) in &mut theirs {
        match name.as_str() {
            "provider" | "code_challenge" | "code_challenge_method" => {}
            "redirect_to" => {
                // supabase-js can put the id of a flow on redirects; ours is returned beside the URL.
                if let Some((before, _)) = value.split_once("?sb_flow_id=") {
                    *value = before.to_owned();
                }
                request = request.redirect_to(value.clone());
            }
            "scopes" => request = request.scopes(value.clone()),
            _ => request = request.query_param(name.clone(), value.clone()),
        }
    }
    let server = Server::default();
    let config = AuthConfig::new().auto_refresh(false).flow(recorded.flow());
    let client = Client::builder(URL, KEY).transport(server.clone()).auth(config).build().expect("a URL and a key");
    let ours = match client.auth().sign_in_with_oauth(request).await {
        Ok(ours) => ours,
        Err(error) => return Some(format!("ours fails: {error}")),
    };
    let (our_base, our_query) = ours.url.split_once('?')?;
    let mut params = pairs(our_query);
    normal::params(&mut params);
    let alike = our_base == base && params == theirs;
    let slot = ours.flow.is_some() == (recorded.flow() == AuthFlow::Pkce);
    (!alike || !slot || !server.take().is_empty()).then(|| format!("recorded {url}\nours     {}", ours.url))
}
