//! Our client against the auth service of the local stack: the flows of an application, refresh-token rotation and
//! theft, and rows that only their owner sees.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use supabase_core::auth::*;
use supabase_core::realtime::{AnyChange, Cell, ChangeKind};
use supabase_core::{Client, ErrorKind};
use supabase_local::{Database, Stack};
use supabase_tests::parity::auth::totp;
use tokio::sync::OnceCell;

async fn stack() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    STACK.get_or_init(|| async { Stack::start().await.unwrap() }).await
}

/// A database of the test's own.
async fn database() -> Database {
    stack().await.database().await.unwrap()
}

fn client(database: &Database) -> Client {
    Client::new(database.url(), database.anon_key()).unwrap()
}

fn admin(database: &Database) -> AdminAuth {
    Client::new(database.url(), database.service_key()).unwrap().auth().admin()
}

/// A confirmed user who is signed in.
async fn signed_in(database: &Database, email: &str) -> Client {
    admin(database).create_user(AdminUser::new().email(email).password("secret-1").email_confirm(true)).await.unwrap();
    let client = client(database);
    client.auth().sign_in_with_password(Credentials::email(email, "secret-1")).await.unwrap();
    client
}

fn code(result: Result<impl Sized, supabase_core::Error>) -> String {
    result.err().expect("this must be refused").auth().expect("the auth service refuses").code().to_string()
}

/// Follows redirects that the stack sends, up to the application's own URL, and gives its query and fragment.
async fn follow(mut url: String) -> Vec<(String, String)> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    for _ in 0..5 {
        if url.starts_with("http://app.test") {
            let (_, rest) = url.split_once(['?', '#']).unwrap_or_default();
            return rest
                .split(['&', '#'])
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
        }
        let rest = url.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
        stream
            .write_all(format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let location = answer
            .lines()
            .find_map(|line| line.strip_prefix("location: "))
            .unwrap_or_else(|| panic!("no redirect: {answer}"));
        url = location.to_owned();
    }
    panic!("too many redirects");
}

fn parameter(pairs: &[(String, String)], name: &str) -> String {
    pairs.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no `{name}` in {pairs:?}")).1.clone()
}

#[tokio::test]
async fn signing_up_confirming_and_signing_in() {
    let database = database().await;
    let client = client(&database);
    let auth = client.auth();
    let mut events = auth.events();
    let new = auth.sign_up(SignUp::email("Ada@example.com", "secret-1").data(json!({ "name": "Ada" }))).await.unwrap();
    assert!(new.session.is_none());
    assert_eq!(
        code(auth.sign_in_with_password(Credentials::email("ada@example.com", "secret-1")).await),
        "email_not_confirmed"
    );
    assert_eq!(
        code(auth.verify_otp(VerifyOtp::email("ada@example.com", "000000x", OtpType::Signup)).await),
        "otp_expired"
    );
    let mail = database.last_message("ada@example.com").unwrap();
    auth.verify_otp(VerifyOtp::email("ada@example.com", mail.token, OtpType::Signup)).await.unwrap();
    let user = auth.get_user().await.unwrap();
    assert_eq!(user.user_metadata["name"], "Ada");
    assert!(user.email_confirmed_at.is_some());
    assert_eq!(auth.get_claims().await.unwrap().claims["sub"], user.id.to_string());
    auth.update_user(UserAttributes::new().data(json!({ "city": "London" }))).await.unwrap();
    assert_eq!(code(auth.update_user(UserAttributes::new().password("secret-1")).await), "same_password");
    auth.sign_out().await.unwrap();
    let weak = auth.sign_up(SignUp::email("x@example.com", "abc")).await.unwrap_err();
    assert_eq!(weak.auth().unwrap().weak_password_reasons(), [WeakPasswordReason::Length]);
    let told: Vec<AuthEvent> = (&mut events).take(4).map(|change| change.event).collect().await;
    assert_eq!(
        told,
        [
            AuthEvent::InitialSession,
            AuthEvent::SignedIn,
            AuthEvent::UserUpdated,
            AuthEvent::SignedOut(SignOutReason::Asked)
        ]
    );
}

#[tokio::test]
async fn a_recovery_link_sets_a_new_password() {
    let database = database().await;
    let _ = signed_in(&database, "ada@example.com").await;
    let client = client(&database);
    let auth = client.auth();
    let mut events = auth.events();
    let sent = auth
        .reset_password_for_email(PasswordReset::new("ada@example.com").redirect_to("http://app.test/new"))
        .await
        .unwrap();
    // Another flow is begun meanwhile, and does not disturb the first.
    auth.sign_in_with_oauth("github").await.unwrap();
    let back = follow(database.last_message("ada@example.com").unwrap().link).await;
    auth.exchange_code_for_session(&parameter(&back, "code"), sent.flow.as_ref()).await.unwrap();
    auth.update_user(UserAttributes::new().password("secret-2")).await.unwrap();
    auth.sign_in_with_password(Credentials::email("ada@example.com", "secret-2")).await.unwrap();
    assert_eq!(events.next().await.unwrap().event, AuthEvent::InitialSession);
    assert_eq!(events.next().await.unwrap().event, AuthEvent::PasswordRecovery);
}

#[tokio::test]
async fn a_provider_signs_in_and_identities_are_linked() {
    let database = database().await;
    let client = client(&database);
    let auth = client.auth();
    let begin = |provider: &str| {
        OAuth::new(provider).redirect_to("http://app.test/cb").query_param("login_hint", "ada@example.com")
    };
    let begun = auth.sign_in_with_oauth(begin("github")).await.unwrap();
    let back = follow(begun.url).await;
    // A code is worth nothing without its verifier.
    assert_eq!(
        code(
            Client::new(database.url(), database.anon_key())
                .unwrap()
                .auth()
                .exchange_code_for_session(&parameter(&back, "code"), None)
                .await
        ),
        "pkce_code_verifier_not_found"
    );
    let session = auth.exchange_code_for_session(&parameter(&back, "code"), begun.flow.as_ref()).await.unwrap();
    assert!(session.provider_token.is_some());
    let begun = auth.link_identity(begin("google")).await.unwrap();
    let back = follow(begun.url).await;
    auth.exchange_code_for_session(&parameter(&back, "code"), begun.flow.as_ref()).await.unwrap();
    let identities = auth.identities().await.unwrap();
    assert_eq!(identities.len(), 2);
    auth.unlink_identity(&identities[0]).await.unwrap();
    assert_eq!(code(auth.unlink_identity(&identities[1]).await), "single_identity_not_deletable");
    // The implicit flow brings the tokens themselves.
    let implicit = Client::builder(database.url(), database.anon_key())
        .auth(AuthConfig::new().flow(AuthFlow::Implicit))
        .build()
        .unwrap();
    let begun = implicit.auth().sign_in_with_oauth(begin("gitlab")).await.unwrap();
    assert!(begun.flow.is_none());
    let back = follow(begun.url).await;
    let fragment: Vec<String> = back.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let session =
        implicit.auth().session_from_url(&format!("http://app.test/cb#{}", fragment.join("&"))).await.unwrap().unwrap();
    assert_eq!(session.user.email.as_deref(), Some("ada@example.com"));
    assert!(session.provider_token.is_some());
    assert!(implicit.auth().session_from_url("http://app.test/cb?page=2").await.unwrap().is_none());
    let refused =
        implicit.auth().session_from_url("http://app.test/cb?error=access_denied&error_code=otp_expired").await;
    assert_eq!(code(refused), "otp_expired");
}

#[tokio::test]
async fn factors_take_the_session_to_the_second_level() {
    let database = database().await;
    let client = signed_in(&database, "ada@example.com").await;
    let (auth, mfa) = (client.auth(), client.auth().mfa());
    let enrolled = mfa.enroll(Enroll::totp().friendly_name("app")).await.unwrap();
    let secret = enrolled.totp.unwrap();
    assert!(secret.qr_code.starts_with("data:image/svg+xml;utf-8,"));
    assert_eq!(code(mfa.challenge_and_verify(&enrolled.id, "000000").await), "mfa_verification_failed");
    mfa.challenge_and_verify(&enrolled.id, &totp(&database, &secret.secret).await).await.unwrap();
    assert_eq!(mfa.assurance_level().await.unwrap().current, Some(AssuranceLevel::Aal2));
    // The new level outlives a refresh.
    auth.refresh_session().await.unwrap();
    assert_eq!(mfa.assurance_level().await.unwrap().current, Some(AssuranceLevel::Aal2));
    let phone = mfa.enroll(Enroll::phone("+15550001")).await.unwrap();
    let challenge = mfa.challenge(&phone.id).await.unwrap();
    mfa.verify(&phone.id, &challenge.id, &database.last_message("15550001").unwrap().token).await.unwrap();
    let codes = mfa.generate_recovery_codes(None).await.unwrap().codes;
    assert_eq!(codes.len(), 10);
    auth.sign_in_with_password(Credentials::email("ada@example.com", "secret-1")).await.unwrap();
    let levels = mfa.assurance_level().await.unwrap();
    assert_eq!((levels.current, levels.next), (Some(AssuranceLevel::Aal1), Some(AssuranceLevel::Aal2)));
    assert_eq!(code(mfa.unenroll(&enrolled.id).await), "insufficient_aal");
    mfa.verify_recovery_code(&codes[0]).await.unwrap();
    assert_eq!(code(mfa.verify_recovery_code(&codes[0]).await), "mfa_verification_failed");
    mfa.unenroll(&enrolled.id).await.unwrap();
    let factors = mfa.list_factors().await.unwrap();
    assert_eq!((factors.totp.len(), factors.phone.len()), (0, 1));
}

#[tokio::test]
async fn a_stolen_refresh_token_ends_the_session() {
    let database = database().await;
    database.configure_auth(|settings| settings.reuse_interval = 0);
    let client = signed_in(&database, "ada@example.com").await;
    let auth = client.auth();
    let stolen = auth.session().await.unwrap().unwrap().refresh_token;
    auth.refresh_session().await.unwrap();
    auth.refresh_session().await.unwrap();
    let thief = self::client(&database);
    assert_eq!(code(thief.auth().refresh_session_with(&stolen).await), "refresh_token_already_used");
    let mut events = auth.events();
    assert_eq!(code(auth.refresh_session().await), "refresh_token_already_used");
    assert!(auth.session().await.unwrap().is_none());
    assert_eq!(events.next().await.unwrap().event, AuthEvent::InitialSession);
    assert_eq!(events.next().await.unwrap().event, AuthEvent::SignedOut(SignOutReason::Ended));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_requests_at_expiry_refresh_once() {
    let database = database().await;
    database.sql("create table public.t (id int); insert into t values (1);").await.unwrap();
    database.ready().await.unwrap();
    database.configure_auth(|settings| settings.jwt_exp = 4);
    let client = signed_in(&database, "ada@example.com").await;
    client.auth().stop_auto_refresh();
    database.configure_auth(|settings| settings.jwt_exp = 3600);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let asked = (0..200).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.from("t").select("*").send().await.map(|rows: Vec<Value>| rows.len()) })
    });
    for asked in futures_util::future::join_all(asked).await {
        assert_eq!(asked.unwrap().unwrap(), 1);
    }
    let rows = database.sql("select count(*) from auth.refresh_tokens").await.unwrap();
    assert_eq!(rows[0].get(0), Some("2"), "one token of the sign-in and one of the one refresh");
}

/// Rows, objects and changes that only their owner may see.
const OWN: &str = "
create table public.notes (id int generated always as identity primary key, owner uuid not null default auth.uid(), text text not null);
alter table notes enable row level security;
create policy own on notes for all to authenticated using (owner = auth.uid()) with check (owner = auth.uid());
alter publication supabase_realtime add table notes;
create policy own on storage.objects for all to authenticated
  using ((storage.foldername(name))[1] = auth.uid()::text) with check ((storage.foldername(name))[1] = auth.uid()::text);
";

#[tokio::test]
async fn everybody_sees_their_own_rows_only() {
    let database = database().await;
    database.sql(OWN).await.unwrap();
    database.ready().await.unwrap();
    Client::new(database.url(), database.service_key()).unwrap().storage().create_bucket("files").await.unwrap();
    let (ada, bob) = (signed_in(&database, "ada@example.com").await, signed_in(&database, "bob@example.com").await);
    let changes =
        async |client: &Client| client.channel("notes").on_any_changes("public", "notes").subscribe().await.unwrap();
    let (mut at_ada, mut at_bob) = (changes(&ada).await, changes(&bob).await);

    // Database: what each inserts, reads, changes and deletes is their own.
    for (who, text) in [(&ada, "Ada's"), (&bob, "Bob's")] {
        who.from("notes").insert(&json!({ "text": text })).await.unwrap();
    }
    let notes = async |client: &Client| -> Vec<Value> { client.from("notes").select("id,text").send().await.unwrap() };
    assert_eq!(notes(&ada).await, [json!({ "id": 1, "text": "Ada's" })]);
    assert_eq!(notes(&bob).await, [json!({ "id": 2, "text": "Bob's" })]);
    ada.from("notes").update(&json!({ "text": "Ada was here" })).gt("id", 0).await.unwrap();
    assert_eq!(notes(&bob).await, [json!({ "id": 2, "text": "Bob's" })]);
    let id = bob.auth().session().await.unwrap().unwrap().user.id;
    let stolen = ada.from("notes").insert(&json!({ "text": "in Bob's name", "owner": id })).await.unwrap_err();
    assert_eq!(stolen.kind(), ErrorKind::PermissionDenied);

    // Realtime: inserts and updates of one's own rows; a delete reaches everybody, with the key alone.
    let row = async |stream: &mut supabase_core::realtime::AnyChanges| {
        let next = tokio::time::timeout(Duration::from_secs(30), stream.next()).await.expect("a change in time");
        match next {
            Some(Ok(AnyChange::Row(row))) => row,
            other => panic!("{other:?}"),
        }
    };
    let told = |row: &supabase_core::realtime::RowChange| {
        let text = match row.new.get_by_name::<String>("text") {
            Ok(Cell::Value(text)) => text,
            _ => String::new(),
        };
        (row.kind, text)
    };
    assert_eq!(told(&row(&mut at_ada).await), (ChangeKind::Insert, "Ada's".to_owned()));
    assert_eq!(told(&row(&mut at_ada).await), (ChangeKind::Update, "Ada was here".to_owned()));
    assert_eq!(told(&row(&mut at_bob).await), (ChangeKind::Insert, "Bob's".to_owned()));
    ada.from("notes").delete().gt("id", 0).await.unwrap();
    for stream in [&mut at_ada, &mut at_bob] {
        let deleted = row(stream).await;
        assert_eq!(deleted.kind, ChangeKind::Delete);
        assert_eq!(deleted.old.names().collect::<Vec<_>>(), ["id"]);
        assert_eq!(deleted.old.get_by_name::<i64>("id").unwrap(), Cell::Value(1));
    }

    // Storage: the folder of one's own id.
    let folder = async |client: &Client| client.auth().session().await.unwrap().unwrap().user.id.to_string();
    let path = format!("{}/secret.txt", folder(&ada).await);
    ada.storage().from("files").upload(&path, "Ada's").await.unwrap();
    assert_eq!(ada.storage().from("files").download(&path).await.unwrap(), "Ada's");
    assert_eq!(bob.storage().from("files").download(&path).await.unwrap_err().kind(), ErrorKind::NotFound);
    let listed = bob.storage().from("files").list(folder(&ada).await).await.unwrap();
    assert!(listed.is_empty(), "{listed:?}");
    let planted = bob.storage().from("files").upload(format!("{}/other.txt", folder(&ada).await), "x").await;
    assert_eq!(planted.unwrap_err().kind(), ErrorKind::PermissionDenied);

    // A server acts for one of them by their token, without touching any session.
    let token = bob.auth().session().await.unwrap().unwrap().access_token;
    let server = client(&database);
    assert_eq!(notes(&server.as_user(&token)).await, [json!({ "id": 2, "text": "Bob's" })]);
    assert!(notes(&server).await.is_empty());
    // Signing out takes rows and objects away.
    ada.auth().sign_out().await.unwrap();
    assert!(notes(&ada).await.is_empty());
    assert_eq!(ada.storage().from("files").download(&path).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn administrators_see_everybody() {
    let database = database().await;
    let admin = admin(&database);
    for number in 0..25 {
        admin
            .create_user(
                AdminUser::new().email(format!("u{number}@example.com")).password("secret-1").email_confirm(true),
            )
            .await
            .unwrap();
    }
    let page = admin.list_users(Some(2), Some(10)).await.unwrap();
    assert_eq!((page.users.len(), page.total, page.next_page, page.last_page), (10, Some(25), Some(3), Some(3)));
    let all: Vec<User> = admin.all_users(10).map(Result::unwrap).collect().await;
    let ids: std::collections::BTreeSet<_> = all.iter().map(|user| user.id).collect();
    assert_eq!(ids.len(), 25);
    let user = &all[0];
    assert_eq!(code(admin.create_user(AdminUser::new().email(user.email.clone().unwrap())).await), "email_exists");
    let link = admin.generate_link(LinkRequest::recovery(user.email.clone().unwrap())).await.unwrap();
    let client = client(&database);
    let entered = client.auth().verify_otp(VerifyOtp::token_hash(link.hashed_token, OtpType::Recovery)).await.unwrap();
    assert_eq!(entered.user.unwrap().id, user.id);
    admin.update_user_by_id(user.id, AdminUser::new().ban_duration("24h")).await.unwrap();
    assert_eq!(code(client.auth().refresh_session().await), "user_banned");
    assert!(client.auth().session().await.unwrap().is_none());
    admin.soft_delete_user(user.id).await.unwrap();
    admin.delete_user(user.id).await.unwrap();
    assert_eq!(admin.get_user_by_id(user.id).await.unwrap_err().kind(), ErrorKind::NotFound);
}
