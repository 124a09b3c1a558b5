//! Users, as the server's administrator sees them.

use futures_util::stream::{self, Stream};
use http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::AdminAuth;
use crate::auth::account::UserAnswer;
use crate::auth::request::hidden;
use crate::auth::user::User;
use crate::error::Result;

hidden!(AdminUser);

/// What of a user is to be set.
///
/// ```
/// use supabase_core::auth::AdminUser;
/// let ada = AdminUser::new().email("ada@example.com").password("a good one").email_confirm(true);
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct AdminUser {
    fields: Map<String, Value>,
}

impl AdminUser {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Any field, by the name that the server has for it.
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The address.
    pub fn email(self, email: impl Into<String>) -> Self {
        self.set("email", email.into())
    }

    /// The number.
    pub fn phone(self, phone: impl Into<String>) -> Self {
        self.set("phone", phone.into())
    }

    /// The password.
    pub fn password(self, password: impl Into<String>) -> Self {
        self.set("password", password.into())
    }

    /// A password that is hashed already (bcrypt, Argon2, scrypt of Firebase).
    pub fn password_hash(self, hash: impl Into<String>) -> Self {
        self.set("password_hash", hash.into())
    }

    /// Whether the address counts as confirmed.
    pub fn email_confirm(self, confirmed: bool) -> Self {
        self.set("email_confirm", confirmed)
    }

    /// Whether the number counts as confirmed.
    pub fn phone_confirm(self, confirmed: bool) -> Self {
        self.set("phone_confirm", confirmed)
    }

    /// What the user may see and change.
    pub fn user_metadata(self, data: Value) -> Self {
        self.set("user_metadata", data)
    }

    /// What only servers may change.
    pub fn app_metadata(self, data: Value) -> Self {
        self.set("app_metadata", data)
    }

    /// The role of the database that the user's requests run as.
    pub fn role(self, role: impl Into<String>) -> Self {
        self.set("role", role.into())
    }

    /// The id, of a new user.
    pub fn id(self, id: Uuid) -> Self {
        self.set("id", id.to_string())
    }

    /// For how long the user is banned, as `24h` or `1h30m`; `none` lifts it.
    pub fn ban_duration(self, duration: impl Into<String>) -> Self {
        self.set("ban_duration", duration.into())
    }
}

/// Some of the users.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UserPage {
    /// The users.
    pub users: Vec<User>,
    /// How many there are in all, if the server tells.
    pub total: Option<u64>,
    /// The number of the next page, if there is one.
    pub next_page: Option<u32>,
    /// The number of the last page, if the server tells.
    pub last_page: Option<u32>,
}

#[derive(Deserialize)]
struct Users {
    users: Vec<User>,
}

/// The page of a `Link` header with this `rel`.
fn linked(headers: &HeaderMap, rel: &str) -> Option<u32> {
    let link = headers.get(http::header::LINK)?.to_str().ok()?;
    let wanted = format!("rel=\"{rel}\"");
    let (url, _) = link.split(',').filter_map(|part| part.split_once('>')).find(|(_, rest)| rest.contains(&wanted))?;
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("page="))?.parse().ok()
}

impl AdminAuth {
    /// One user.
    ///
    /// # Errors
    /// `user_not_found`.
    pub async fn get_user_by_id(&self, id: Uuid) -> Result<User> {
        let call = self.call(Method::GET, format!("/admin/users/{id}"))?;
        Ok(self.json::<UserAnswer>(call).await?.user())
    }

    /// A page of users, counted from 1; the server's own size of a page is 50.
    ///
    /// # Errors
    /// When the key may not.
    pub async fn list_users(&self, page: Option<u32>, per_page: Option<u32>) -> Result<UserPage> {
        let number = |number: Option<u32>| number.map_or_else(String::new, |number| number.to_string());
        let call =
            self.call(Method::GET, "/admin/users")?.query("page", &number(page)).query("per_page", &number(per_page));
        let answer = self.send(call).await?;
        let total = answer
            .headers
            .get("x-total-count")
            .and_then(|total| total.to_str().ok())
            .and_then(|total| total.parse().ok());
        let Users { users } = answer.json()?;
        Ok(UserPage {
            users,
            total,
            next_page: linked(&answer.headers, "next"),
            last_page: linked(&answer.headers, "last"),
        })
    }

    /// All users, fetched page by page as they are taken.
    pub fn all_users(&self, per_page: u32) -> impl Stream<Item = Result<User>> + Send + 'static {
        let admin = self.clone();
        let start = (std::collections::VecDeque::new(), Some(1_u32));
        stream::unfold(start, move |(mut users, mut page)| {
            let admin = admin.clone();
            async move {
                loop {
                    if let Some(user) = users.pop_front() {
                        return Some((Ok(user), (users, page)));
                    }
                    match admin.list_users(Some(page?), Some(per_page)).await {
                        Ok(found) => {
                            page = found.next_page.filter(|_| !found.users.is_empty());
                            users.extend(found.users);
                        }
                        Err(error) => return Some((Err(error), (users, None))),
                    }
                }
            }
        })
    }

    /// A new user. No mail is sent.
    ///
    /// # Errors
    /// `email_exists`, `phone_exists`, `weak_password`.
    pub async fn create_user(&self, user: AdminUser) -> Result<User> {
        let call = self.call(Method::POST, "/admin/users")?.body(Value::Object(user.fields));
        Ok(self.json::<UserAnswer>(call).await?.user())
    }

    /// Changes a user.
    ///
    /// # Errors
    /// `user_not_found`, `email_exists`, `weak_password`.
    pub async fn update_user_by_id(&self, id: Uuid, user: AdminUser) -> Result<User> {
        let call = self.call(Method::PUT, format!("/admin/users/{id}"))?.body(Value::Object(user.fields));
        Ok(self.json::<UserAnswer>(call).await?.user())
    }

    /// Deletes a user for good.
    ///
    /// # Errors
    /// `user_not_found`.
    pub async fn delete_user(&self, id: Uuid) -> Result<()> {
        self.delete(id, false).await
    }

    /// Deletes a user softly: the row stays, hashed, so that what refers to it stays too.
    ///
    /// # Errors
    /// `user_not_found`.
    pub async fn soft_delete_user(&self, id: Uuid) -> Result<()> {
        self.delete(id, true).await
    }

    async fn delete(&self, id: Uuid, soft: bool) -> Result<()> {
        let call = self.call(Method::DELETE, format!("/admin/users/{id}"))?.body(json!({ "should_soft_delete": soft }));
        self.send(call).await.map(drop)
    }

    /// Invites somebody by mail.
    ///
    /// # Errors
    /// `email_exists`, `over_email_send_rate_limit`.
    pub async fn invite_user_by_email(
        &self,
        email: &str,
        data: Option<Value>,
        redirect_to: Option<&str>,
    ) -> Result<User> {
        let mut body = json!({ "email": email });
        if let Some(data) = data {
            body["data"] = data;
        }
        let call = self.call(Method::POST, "/invite")?.query_if("redirect_to", redirect_to).body(body);
        Ok(self.json::<UserAnswer>(call).await?.user())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_several_digits_are_read() {
        let mut headers = HeaderMap::new();
        headers.insert(
            http::header::LINK,
            http::HeaderValue::from_static(
                "</admin/users?page=12&per_page=5>; rel=\"next\", </admin/users?page=345>; rel=\"last\"",
            ),
        );
        assert_eq!(linked(&headers, "next"), Some(12));
        assert_eq!(linked(&headers, "last"), Some(345));
        assert_eq!(linked(&headers, "prev"), None);
    }
}
