//! The recorded calls that need the service key.

use serde_json::json;
use supabase_core::Result;
use supabase_core::auth::{AdminAuth, AdminUser, LinkRequest, OAuthClientSettings, SignOutScope};
use supabase_core::types::Uuid;

const U: &str = "715ed5db-f090-4b8c-a067-640ecee36aa0";
const F: &str = "34e770dd-9ff9-416c-87fa-43b31d7ef225";

fn uuid(text: &str) -> Uuid {
    text.parse().expect("an id that is written here")
}

/// Makes the call; `None` when there is no arm for it.
#[allow(clippy::too_many_lines, reason = "one arm for each recorded call")]
pub(super) async fn run(call: &str, admin: &AdminAuth) -> Option<Result<()>> {
    let e = "email@example.com";
    Some(match call {
        "admin.get_user_by_id('715ed5db-f090-4b8c-a067-640ecee36aa0')"
        | "admin.getUserById('715ed5db-f090-4b8c-a067-640ecee36aa0')" => admin.get_user_by_id(uuid(U)).await.map(drop),
        "admin.list_users()" | "admin.listUsers()" => admin.list_users(None, None).await.map(drop),
        "admin.list_users(page=2, per_page=10)" => admin.list_users(Some(2), Some(10)).await.map(drop),
        "admin.create_user({'email': 'user@email.com', 'password': 'password', 'user_metadata': {'name': 'Yoda'}})" => {
            admin
                .create_user(
                    AdminUser::new()
                        .email("user@email.com")
                        .password("password")
                        .user_metadata(json!({ "name": "Yoda" })),
                )
                .await
                .map(drop)
        }
        "admin.createUser({email:'e',password:'p',user_metadata:{n:1}})" => admin
            .create_user(AdminUser::new().email("e").password("p").user_metadata(json!({ "n": 1 })))
            .await
            .map(drop),
        "admin.delete_user('715ed5db-f090-4b8c-a067-640ecee36aa0')" => admin.delete_user(uuid(U)).await,
        "admin.delete_user('715ed5db-f090-4b8c-a067-640ecee36aa0', True)" => admin.soft_delete_user(uuid(U)).await,
        "admin.invite_user_by_email('email@example.com', {'redirect_to': 'https://r', 'data': {'a': 1}})" => {
            admin.invite_user_by_email(e, Some(json!({ "a": 1 })), Some("https://r")).await.map(drop)
        }
        "admin.inviteUserByEmail('e',{redirectTo:'https://r',data:{a:1}})" => {
            admin.invite_user_by_email("e", Some(json!({ "a": 1 })), Some("https://r")).await.map(drop)
        }
        "admin.generate_link({'type': 'signup', 'email': 'email@example.com', 'password': 'secret'})" => {
            admin.generate_link(LinkRequest::signup(e, "secret")).await.map(drop)
        }
        "admin.generate_link({'type': 'email_change_new', 'email': 'a@b', 'new_email': 'c@d', 'options': {'redirect_to': 'https://r', 'data': {'x': 1}}})" => {
            admin
                .generate_link(
                    LinkRequest::email_change_new("a@b", "c@d").redirect_to("https://r").data(json!({ "x": 1 })),
                )
                .await
                .map(drop)
        }
        "admin.generateLink({type:'signup',email:'e',password:'s',options:{data:{a:1},redirectTo:'https://r'}})" => {
            admin
                .generate_link(LinkRequest::signup("e", "s").data(json!({ "a": 1 })).redirect_to("https://r"))
                .await
                .map(drop)
        }
        "admin.generateLink({type:'email_change_new',email:'a',newEmail:'b'})" => {
            admin.generate_link(LinkRequest::email_change_new("a", "b")).await.map(drop)
        }
        "admin.update_user_by_id('11111111-1111-1111-1111-111111111111', {'email': 'new@email.com'})" => admin
            .update_user_by_id(uuid("11111111-1111-1111-1111-111111111111"), AdminUser::new().email("new@email.com"))
            .await
            .map(drop),
        "admin.update_user_by_id('11111111-1111-1111-1111-111111111111', {'ban_duration': 'none', 'user_metadata': {'a': None}, 'nonce': 'n', 'password': 'p'})" => {
            admin
                .update_user_by_id(
                    uuid("11111111-1111-1111-1111-111111111111"),
                    AdminUser::new()
                        .ban_duration("none")
                        .user_metadata(json!({ "a": null }))
                        .set("nonce", "n")
                        .password("p"),
                )
                .await
                .map(drop)
        }
        "admin.updateUserById('715ed5db-f090-4b8c-a067-640ecee36aa0',{email:'n'})" => {
            admin.update_user_by_id(uuid(U), AdminUser::new().email("n")).await.map(drop)
        }
        "admin.sign_out('jwt', 'local')" => admin.sign_out("jwt", SignOutScope::Local).await,
        "admin.sign_out('jwt')" => admin.sign_out("jwt", SignOutScope::Global).await,
        "admin.signOut('jwt','others')" => admin.sign_out("jwt", SignOutScope::Others).await,
        call if call.starts_with("admin.mfa.delete_factor(") => {
            admin.mfa().delete_factor(uuid("a89baba7-b1b7-440f-b4bb-91026967f66b"), F).await
        }
        call if call.starts_with("admin.mfa.list_factors(") => {
            admin.mfa().list_factors(uuid("a89baba7-b1b7-440f-b4bb-91026967f66b")).await.map(drop)
        }
        call if call.starts_with("admin.mfa.listFactors(") => admin.mfa().list_factors(uuid(U)).await.map(drop),
        call if call.starts_with("admin.mfa.deleteFactor(") => admin.mfa().delete_factor(uuid(U), F).await,
        "admin.oauth.list_clients()" => admin.oauth_clients().list(None, None).await.map(drop),
        "admin.oauth.list_clients(PageParams(page=2, per_page=5))" => {
            admin.oauth_clients().list(Some(2), Some(5)).await.map(drop)
        }
        call if call.starts_with("admin.oauth.create_client(") => admin
            .oauth_clients()
            .create(OAuthClientSettings::new().name("n").redirect_uris(["https://a/cb"]))
            .await
            .map(drop),
        call if call.starts_with("admin.oauth.createClient(") => admin
            .oauth_clients()
            .create(OAuthClientSettings::new().name("n").redirect_uris(["https://a"]))
            .await
            .map(drop),
        call if call.starts_with("admin.oauth.get_client(") || call.starts_with("admin.oauth.getClient(") => {
            admin.oauth_clients().get("44444444-4444-4444-8444-444444444444").await.map(drop)
        }
        call if call.starts_with("admin.oauth.update_client(") || call.starts_with("admin.oauth.updateClient(") => {
            admin
                .oauth_clients()
                .update("44444444-4444-4444-8444-444444444444", OAuthClientSettings::new().name("m"))
                .await
                .map(drop)
        }
        call if call.starts_with("admin.oauth.delete_client(") || call.starts_with("admin.oauth.deleteClient(") => {
            admin.oauth_clients().delete("44444444-4444-4444-8444-444444444444").await
        }
        call if call.starts_with("admin.oauth.regenerate") => {
            admin.oauth_clients().regenerate_secret("44444444-4444-4444-8444-444444444444").await.map(drop)
        }
        "admin.customProviders.listProviders()" => admin.providers().list(None).await.map(drop),
        "admin.customProviders.getProvider('custom:x')" => admin.providers().get("custom:x").await.map(drop),
        "admin.customProviders.updateProvider('custom:x',{name:'Y'})" => {
            admin.providers().update("custom:x", json!({ "name": "Y" })).await.map(drop)
        }
        "admin.customProviders.deleteProvider('custom:x')" => admin.providers().delete("custom:x").await,
        call if call.starts_with("admin.passkey.listPasskeys(") => admin.passkeys().list(uuid(U)).await.map(drop),
        call if call.starts_with("admin.passkey.deletePasskey(") => admin.passkeys().delete(uuid(U), F).await,
        _ => return None,
    })
}
