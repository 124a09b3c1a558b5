//! Signs in at a provider from the command line: the browser comes back to a port of this machine, with a code that
//! only this program can exchange (PKCE). The session stays in a file, so the second run is signed in already.
//!
//! `SUPABASE_URL=… SUPABASE_ANON_KEY=… cargo run -p supabase-examples --bin auth -- github`

use std::error::Error;

use supabase_core::Client;
use supabase_core::auth::{AuthConfig, FileStore, OAuth};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let provider = std::env::args().nth(1).unwrap_or_else(|| "github".to_owned());
    let folder = std::env::var("SUPABASE_SESSION_FOLDER").unwrap_or_else(|_| ".supabase-session".to_owned());
    let supabase = Client::builder(&std::env::var("SUPABASE_URL")?, &std::env::var("SUPABASE_ANON_KEY")?)
        .auth(AuthConfig::new().store(FileStore::new(folder)?))
        .build()?;
    let auth = supabase.auth();

    if provider == "sign-out" {
        auth.sign_out().await?;
        println!("signed out");
        return Ok(());
    }
    if auth.session().await?.is_none() {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let here = format!("http://{}/", listener.local_addr()?);
        let begun = auth.sign_in_with_oauth(OAuth::new(provider).redirect_to(here)).await?;
        println!("open {}", begun.url);
        let code = wait_for_code(listener).await?;
        auth.exchange_code_for_session(&code, begun.flow.as_ref()).await?;
    }
    // This asks the server, so it also says whether the session still holds.
    let user = auth.get_user().await?;
    println!("signed in as {} ({})", user.email.as_deref().unwrap_or("somebody without an address"), user.id);
    Ok(())
}

/// Waits for the browser to come back, and answers it with a line of text.
async fn wait_for_code(listener: TcpListener) -> Result<String, Box<dyn Error + Send + Sync>> {
    loop {
        let (stream, _) = listener.accept().await?;
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        // `GET /?code=… HTTP/1.1`; browsers also ask for an icon.
        let query =
            line.split(' ').nth(1).and_then(|path| path.split_once('?')).map(|(_, query)| query).unwrap_or_default();
        let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let (status, text) = match (value("code"), value("error_description")) {
            (Some(_), _) => ("200 OK", "You are signed in. You may close this page."),
            (_, Some(_)) => ("200 OK", "That did not work. You may close this page."),
            _ => ("404 Not Found", ""),
        };
        let length = text.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
        );
        stream.write_all(answer.as_bytes()).await?;
        if let Some(code) = value("code") {
            return Ok(code.to_owned());
        }
        if let Some(why) = value("error_description") {
            return Err(why.replace('+', " ").into());
        }
    }
}
