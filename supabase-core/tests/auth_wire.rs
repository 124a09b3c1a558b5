//! Verifiers and signatures: what no recording can show. What the official clients send and are
//! answered is replayed by `cargo xtask parity`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use supabase_core::Client;
use supabase_core::auth::{AuthErrorCode, Jwks};
use supabase_core::transport::{Recording, Reply};

const KEY: &str = "sb_secret_testkey";

/// The body of the request that was sent last.
fn last_body(recording: &Recording) -> Value {
    serde_json::from_slice(&recording.sent().last().unwrap().body).unwrap()
}

#[tokio::test]
async fn the_verifier_that_is_sent_is_the_one_that_was_hashed() {
    let session = json!({ "access_token": "a.e30.c", "refresh_token": "r", "expires_in": 3600, "token_type": "bearer", "user": { "id": "11111111-1111-4111-8111-111111111111" } });
    let recording = Recording::new([Reply::json(StatusCode::OK, session.to_string())]);
    let client = Client::builder("http://project.test", KEY).transport(recording.clone()).build().unwrap();
    let auth = client.auth();
    // Two flows at once: each code finds its own verifier.
    let flows = [auth.sign_in_with_oauth("github").await.unwrap(), auth.sign_in_with_oauth("google").await.unwrap()];
    for flow in &flows {
        auth.exchange_code_for_session("code", flow.flow.as_ref()).await.unwrap();
        let sent = last_body(&recording)["code_verifier"].as_str().unwrap().to_owned();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&sent));
        assert!(flow.url.contains(&challenge), "the verifier belongs to another flow");
        // A code is exchanged once, and never with another flow's verifier.
        let again = auth.exchange_code_for_session("code", flow.flow.as_ref()).await.unwrap_err();
        assert_eq!(again.auth().unwrap().code(), &AuthErrorCode::PkceCodeVerifierNotFound);
    }
    // At most five flows are kept.
    let first = auth.sign_in_with_oauth("github").await.unwrap();
    for _ in 0..5 {
        auth.sign_in_with_oauth("github").await.unwrap();
    }
    auth.exchange_code_for_session("code", first.flow.as_ref()).await.unwrap_err();
}

#[tokio::test]
async fn claims_are_verified_by_the_key_and_its_algorithm() {
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    let claims = json!({ "sub": "u", "exp": 4_102_444_800_i64 });
    // The P-256 key pair of RFC 7515, appendix A.3.
    let jwk = |alg: &str| json!({ "kty": "EC", "crv": "P-256", "kid": "kid-1", "alg": alg, "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" });
    let pkcs8 = include_bytes!("keys/rfc7515_a3.pk8");
    let header = Header { kid: Some("kid-1".into()), ..Header::new(Algorithm::ES256) };
    let signed = encode(&header, &claims, &EncodingKey::from_ec_der(pkcs8)).unwrap();
    let recording = Recording::new([Reply::json(StatusCode::OK, json!({ "keys": [jwk("ES256")] }).to_string())]);
    let client = Client::builder("http://project.test", KEY).transport(recording.clone()).build().unwrap();
    let auth = client.auth();
    // Eight at once fetch the keys once.
    let all = futures_util::future::join_all((0..8).map(|_| auth.get_claims_of(&signed))).await;
    assert!(all.into_iter().all(|result| result.unwrap().claims["sub"] == "u"));
    assert_eq!(recording.sent().len(), 1);
    assert!(recording.sent()[0].url.ends_with("/auth/v1/.well-known/jwks.json"));
    // One bit of the claims, another key's algorithm, or the public key as a shared secret: refused.
    let (head, rest) = signed.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let forged = format!(
        "{head}.{}.{signature}",
        URL_SAFE_NO_PAD.encode(json!({ "sub": "admin", "exp": 4_102_444_800_i64 }).to_string())
    );
    assert_eq!(auth.get_claims_of(&forged).await.unwrap_err().auth().unwrap().code(), &AuthErrorCode::InvalidJwt);
    let header = Header { kid: Some("kid-1".into()), ..Header::new(Algorithm::HS256) };
    let confused =
        encode(&header, &claims, &EncodingKey::from_secret(b"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")).unwrap();
    let keys = Jwks::from_json(&json!({ "keys": [jwk("ES256")] }).to_string()).unwrap();
    let refusing = Client::builder("http://project.test", KEY)
        .transport(Recording::new([Reply::json(StatusCode::FORBIDDEN, r#"{"code":"bad_jwt"}"#)]))
        .build()
        .unwrap();
    refusing.auth().get_claims_with(&confused, &keys).await.unwrap_err();
    let renamed = URL_SAFE_NO_PAD.encode(json!({ "alg": "RS256", "kid": "kid-1" }).to_string());
    auth.get_claims_with(&format!("{renamed}.{rest}"), &keys).await.unwrap_err();
    assert_eq!(recording.sent().len(), 1, "keys that were given are not fetched");
}
