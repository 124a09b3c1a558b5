//! The recorded calls about keys, tokens and settings of a client, over all of its services.

use serde_json::Value;
use supabase_core::auth::{Anonymous, Credentials};
use supabase_core::{Client, ClientBuilder, Result};

use super::server::Server;
use super::token::user_jwt;
use super::{LEGACY_KEY, Recorded, URL, outcome};

async fn table(client: &Client) -> Result<()> {
    client.from("t").select("*").send().await.map(|_: Vec<Value>| ())
}

async fn function(client: &Client) -> Result<()> {
    client.functions().invoke("f").await.map(drop)
}

async fn buckets(client: &Client) -> Result<()> {
    client.storage().list_buckets().await.map(drop)
}

/// A client with the key that the recording used.
fn builder(recorded: &Recorded, server: &Server) -> ClientBuilder {
    let key = match recorded.lines[0]["headers"]["apikey"].as_str() {
        Some("<JWT_ES256>") => LEGACY_KEY,
        Some(key) => key,
        None => "k",
    };
    Client::builder(URL, key).transport(server.clone())
}

async fn make(recorded: &Recorded, server: &Server) -> Option<Result<()>> {
    let builder = builder(recorded, server);
    let call = recorded.call.as_str();
    let client = match call {
        _ if call.contains("'private'") => builder.schema("private").header("x-custom", "1").build(),
        _ if call.contains("async()=>'ext-jwt'") => {
            builder.access_token(async || Ok::<_, std::io::Error>(Some("ext-jwt".to_owned()))).build()
        }
        _ if call.contains("async()=>null") => builder.access_token(async || Ok::<_, std::io::Error>(None)).build(),
        // PostgREST behind basic authentication: a header of the application's own.
        _ if call.contains("username='u', password='p'") => builder.header("authorization", "Basic dTpw").build(),
        "create_client('ftp://x', 'k')" => return Some(Client::new("ftp://x", "k").map(drop)),
        "create_client('http://x', '')" => return Some(Client::new("http://x", "").map(drop)),
        "create_client('http://x', None)" => return None,
        _ => builder.build(),
    };
    let client = client.expect("a URL and a key");
    let call = call.split("  //").next().unwrap_or(call).split("  #").next().unwrap_or(call);
    Some(match call {
        "supabase.from('t').select()"
        | "legacy.table('t').select('*').execute()"
        | "pc2.auth(None, username='u', password='p').from_('t').select('*').execute()" => table(&client).await,
        "supabase.functions.invoke('f')" | "secret.functions.invoke('f')" => function(&client).await,
        "supabase.storage.listBuckets()" => buckets(&client).await,
        "supabase.auth.signInAnonymously()" => client.auth().sign_in_anonymously(Anonymous::new()).await.map(drop),
        "authed.auth.sign_in_with_password({'email':'e','password':'p'}) and authed.table('t').select('*').execute()" => {
            async {
                client.auth().sign_in_with_password(Credentials::email("e", "p")).await?;
                table(&client).await
            }
            .await
        }
        "[authed.auth.set_session(JWT_HS,'r'), authed.storage.list_buckets(), authed.functions.invoke('f'), authed.table('t').select('*').execute()]" => {
            async {
                client.auth().set_session(&user_jwt(), "r").await?;
                buckets(&client).await?;
                function(&client).await?;
                table(&client).await
            }
            .await
        }
        _ => return None,
    })
}

pub(super) async fn compare(recorded: &Recorded) -> Option<String> {
    let server = Server::default();
    match make(recorded, &server).await {
        Some(made) => outcome(recorded, made, server.take()),
        None => Some("nothing makes this call".to_owned()),
    }
}
