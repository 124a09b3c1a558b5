//! Building a client.

use std::time::Duration;

use supabase_core::Client;
use supabase_core::auth::{AuthConfig, AuthFlow, Credentials, FileStore, MemoryStore};
use supabase_core::http::HeaderValue;
use supabase_core::transport::Http;

const URL: &str = "https://example.supabase.co";
const KEY: &str = "sb_publishable_key";

capabilities! {
    "client.authentication_integration.third_party_auth": "ClientBuilder::access_token" => |client| {
        let supabase = Client::builder(URL, KEY)
            .access_token(|| async { Ok::<_, std::io::Error>(Some("another provider's token".to_owned())) })
            .build()?;
    }
    "client.authentication_integration.cross_client_token_sync": "Client::auth" => |client| {
        // Every handle of one client asks the same owner of the session, the open socket included.
        client.auth().sign_in_with_password(Credentials::email("ada@example.com", "password")).await?;
        let objects = client.storage().from("avatars").list("").await?;
        let answer = client.functions().invoke("hello").send().await?;
        let channel = client.channel("room");
        let rows: Vec<serde_json::Value> = client.from("planets").select("*").await?;
    }
    "client.authentication_integration.oauth_flow_type": "AuthConfig::flow" => |client| {
        let supabase = Client::builder(URL, KEY).auth(AuthConfig::new().flow(AuthFlow::Implicit)).build()?;
    }
    "client.authentication_integration.session_url_detection": "Auth::session_from_url" => |client| {
        let url = "https://app.example.com/callback?code=123";
        // Whether a redirect is this client's to read is the application's own condition.
        if url.starts_with("https://app.example.com/callback") {
            let session = client.auth().session_from_url(url).await?;
        }
    }
    "client.session_management.custom_storage": "AuthConfig::store" => |client| {
        let supabase = Client::builder(URL, KEY).auth(AuthConfig::new().store(FileStore::new("sessions")?)).build()?;
    }
    "client.session_management.persist_session": "MemoryStore" => |client| {
        let supabase = Client::builder(URL, KEY).auth(AuthConfig::new().store(MemoryStore::new())).build()?;
    }
    "client.request_configuration.custom_http_client": "transport::Http::with" => |client| {
        let supabase = Client::builder(URL, KEY).transport(Http::with(|http| http.no_proxy())).build()?;
    }
    "client.request_configuration.global_headers": "ClientBuilder::header" => |client| {
        let supabase = Client::builder(URL, KEY).header("x-request-source", "worker").timeout(Duration::from_secs(5)).build()?;
    }
    "client.observability.trace_propagation": "ClientBuilder::trace_propagation" => |client| {
        let supabase = Client::builder(URL, KEY)
            .trace_propagation(|headers| {
                headers.insert("traceparent", HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
            })
            .build()?;
    }
}
