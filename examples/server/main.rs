//! A server that acts for whoever asks: the user's token, from the `Authorization` header or a cookie, travels with
//! each query, and row level security decides what it sees. There is no session to leak from one request to another.
//!
//! `SUPABASE_URL=… SUPABASE_ANON_KEY=… cargo run -p supabase-examples --bin server`, with the quickstart's schema.

#[rustfmt::skip]
#[path = "../quickstart/db/mod.rs"]
mod db;

use axum::extract::{FromRequestParts, Path};
use axum::http::{StatusCode, header, request::Parts};
use axum::routing::{get, post};
use axum::{Json, Router};
use db::notes;
use serde_json::{Value, json};
use supabase_core::prelude::*;
use supabase_core::{Error, ErrorKind};

/// The client of the user who asks. Being a cheap clone with a token of its own, it ends with the request.
struct User(Client);

impl FromRequestParts<Client> for User {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, supabase: &Client) -> Result<Self, Refused> {
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let cookie = || text(header::COOKIE)?.split("; ").find_map(|pair| pair.strip_prefix("access_token="));
        let token = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer ")).or_else(cookie);
        let token = token.ok_or((StatusCode::UNAUTHORIZED, "sign in first".to_owned()))?;
        // With public keys this asks nobody once they are known; PostgREST verifies the token as well.
        supabase.auth().get_claims_of(token).await.map_err(refused)?;
        Ok(Self(supabase.as_user(token)))
    }
}

async fn list(User(supabase): User) -> Result<Json<Value>, Refused> {
    let notes: Vec<notes::Row> = supabase.from(notes::Table).select(All).order(notes::id).await.map_err(refused)?;
    Ok(Json(notes.into_iter().map(|note| json!({ "id": note.id, "body": note.body })).collect()))
}

async fn add(User(supabase): User, body: String) -> Result<(StatusCode, Json<i64>), Refused> {
    let insert = supabase.from(notes::Table).insert(insert!(notes { body: body }));
    let (id,) = insert.select((notes::id,)).single().await.map_err(refused)?;
    Ok((StatusCode::CREATED, Json(id)))
}

async fn remove(User(supabase): User, Path(id): Path<i64>) -> Result<StatusCode, Refused> {
    supabase.from(notes::Table).delete().eq(notes::id, id).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

type Refused = (StatusCode, String);

fn refused(error: Error) -> Refused {
    let status = match error.kind() {
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::PermissionDenied => StatusCode::FORBIDDEN,
        ErrorKind::NotFound | ErrorKind::NotOneRow => StatusCode::NOT_FOUND,
        ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
        _ => StatusCode::BAD_GATEWAY,
    };
    (status, error.to_string())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let supabase = Client::new(&std::env::var("SUPABASE_URL")?, &std::env::var("SUPABASE_ANON_KEY")?)?;
    let routes = Router::new()
        .route("/notes", get(list))
        .route("/notes", post(add))
        .route("/notes/{id}", axum::routing::delete(remove));
    let listener =
        tokio::net::TcpListener::bind(std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".to_owned())).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, routes.with_state(supabase)).await?;
    Ok(())
}
