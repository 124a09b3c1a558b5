//! What the service key may do.

use axum::http::HeaderValue;
use serde_json::{Value, json};

use super::error::Refusal;
use super::request::{Ask, is_uuid};
use super::user::{USER, tidy};
use super::{Answer, reply};

/// `1h30m`, `24h`, `300s`, as Go reads durations; the result is in seconds.
fn duration(text: &str) -> Option<f64> {
    let (mut total, mut rest) = (0.0, text);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest.get(..end)?.parse().ok()?;
        let unit = rest.get(end..)?;
        let length = unit.find(|c: char| c.is_ascii_digit()).unwrap_or(unit.len());
        total += number
            * match unit.get(..length)? {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                _ => return None,
            };
        rest = unit.get(length..)?;
    }
    Some(total)
}

/// What stays of a value of a user who was deleted softly: the base64url of a hash.
fn digest(value: &str) -> String {
    let hash = format!("sha256(convert_to($1 || coalesce({value}, ''), 'utf8'))");
    format!("translate(rtrim(encode({hash}, 'base64'), '='), '+/', '-_')")
}

impl Ask<'_> {
    pub(super) async fn list_users(&self) -> Answer {
        self.administers()?;
        let number = |name: &str, otherwise: i64| match self.query(name) {
            "" => Ok(otherwise),
            text => text.parse::<i64>().ok().filter(|number| *number > 0).ok_or_else(|| {
                let why = format!("strconv.ParseUint: parsing {text:?}: invalid syntax");
                Refusal::validation(format!("Bad Pagination Parameters: {why}"))
            }),
        };
        let (page, size) = (number("page", 1)?, number("per_page", 50)?);
        let total: i64 = self.db.query_one("select count(*) from users", &[]).await?.get(0);
        let rows = self
            .db
            .query(
                &format!("{USER} order by u.created_at desc, u.id limit $1 offset $2"),
                &[&size, &((page - 1) * size)],
            )
            .await?;
        let mut users: Vec<Value> = rows.iter().map(|row| tidy(row.get(0))).collect();
        // A list has no identities; the service says so with `null`.
        for user in &mut users {
            user["identities"] = Value::Null;
        }
        let mut response = reply(&json!({ "users": users, "aud": "authenticated" }))?;
        let last = (total + size - 1) / size;
        let link = |page: i64, rel: &str| {
            let size = if self.query("per_page").is_empty() { String::new() } else { format!("&per_page={size}") };
            format!("</admin/users?page={page}{size}>; rel=\"{rel}\"")
        };
        let links = if page < last {
            format!("{}, {}", link(page + 1, "next"), link(last, "last"))
        } else {
            link(last, "last")
        };
        for (name, value) in [("x-total-count", total.to_string()), ("link", links)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(name, value);
            }
        }
        Ok(response)
    }

    async fn known(&self, id: &str) -> Result<(), Refusal> {
        self.administers()?;
        if !is_uuid(id) {
            return Err(Refusal::new(404, "validation_failed", "user_id must be an UUID"));
        }
        match self.db.query_opt("select from users where id::text = lower($1)", &[&id]).await? {
            Some(_) => Ok(()),
            None => Err(Refusal::new(404, "user_not_found", "User not found")),
        }
    }

    pub(super) async fn admin_user(&self, id: &str) -> Answer {
        self.known(id).await?;
        reply(&self.user_json(id).await?)
    }

    pub(super) async fn create_user(&self) -> Answer {
        self.administers()?;
        let (email, phone, password) = (self.checked_email()?, self.checked_phone()?, self.text("password"));
        if email.is_empty() && phone.is_empty() {
            return Err(Refusal::validation("Cannot create a user without either an email or phone"));
        }
        if !email.is_empty() && self.user_by(&email, "").await?.is_some() {
            return Err(Refusal::new(
                422,
                "email_exists",
                "A user with this email address has already been registered",
            ));
        }
        if !phone.is_empty() && self.user_by("", &phone).await?.is_some() {
            return Err(Refusal::new(422, "phone_exists", "Phone number already registered by another user"));
        }
        if !password.is_empty() {
            self.check_password(password)?;
        }
        let id = Some(self.text("id")).filter(|id| !id.is_empty());
        let password = Some(password).filter(|password| !password.is_empty());
        let user = self.insert_user(false, id, &email, &phone, password, &self.object("user_metadata")).await?;
        self.apply(&user).await?;
        // What the database derives is not there yet in the service's own answer.
        let mut made = self.user_json(&user).await?;
        made.as_object_mut().map(|made| made.remove("confirmed_at"));
        reply(&made)
    }

    /// Fields that creating and updating share.
    async fn apply(&self, user: &str) -> Result<(), Refusal> {
        let flag = |name: &str| self.body.get(name).and_then(Value::as_bool).unwrap_or(false);
        if flag("email_confirm") {
            self.confirm_email(user).await?;
        }
        if flag("phone_confirm") {
            self.confirm_phone(user).await?;
        }
        if let Some(data) = self.body.get("app_metadata").filter(|data| data.is_object()) {
            self.merge(user, "raw_app_meta_data", data).await?;
        }
        match self.text("role") {
            "" => {}
            role => {
                self.db.execute("update users set role = $2 where id::text = $1", &[&user, &role]).await?;
            }
        }
        match self.text("password_hash") {
            "" => {}
            hash => {
                self.db
                    .execute("update users set encrypted_password = $2 where id::text = $1", &[&user, &hash])
                    .await?;
            }
        }
        match self.text("ban_duration") {
            "" => {}
            "none" => {
                self.db.execute("update users set banned_until = null where id::text = $1", &[&user]).await?;
            }
            text => {
                let seconds = duration(text).ok_or_else(|| {
                    let why = format!("time: invalid duration {text:?}");
                    Refusal::validation(format!("invalid format for ban duration: {why}"))
                })?;
                self.db
                    .execute(
                        "update users set banned_until = now() + make_interval(secs => $2) where id::text = $1",
                        &[&user, &seconds],
                    )
                    .await?;
            }
        }
        Ok(())
    }

    pub(super) async fn admin_update(&self, id: &str) -> Answer {
        self.known(id).await?;
        let (email, phone, password) = (self.checked_email()?, self.checked_phone()?, self.text("password"));
        let before = self.user_json(id).await?;
        if !password.is_empty() {
            self.set_password(id, password).await?;
        }
        if !email.is_empty() {
            if self.user_by(&email, "").await?.is_some_and(|other| other != id) {
                return Err(Refusal::unexpected("Error updating user"));
            }
            self.db
                .execute("update users set email = $2, updated_at = now() where id::text = $1", &[&id, &email])
                .await?;
            let confirmed = self.body.get("email_confirm").and_then(Value::as_bool).unwrap_or(false);
            let data = json!({ "sub": id, "email": email, "email_verified": confirmed, "phone_verified": false });
            self.add_identity(id, "email", id, &data).await?;
        }
        if !phone.is_empty() {
            if self.user_by("", &phone).await?.is_some_and(|other| other != id) {
                return Err(Refusal::unexpected("Error updating user"));
            }
            self.db
                .execute("update users set phone = $2, updated_at = now() where id::text = $1", &[&id, &phone])
                .await?;
            let confirmed = self.body.get("phone_confirm").and_then(Value::as_bool).unwrap_or(false);
            let data = json!({ "sub": id, "phone": phone, "email_verified": false, "phone_verified": confirmed });
            // The service does not add the phone to the user's providers here.
            self.put_identity(id, "phone", id, &data).await?;
        }
        if let Some(data) = self.body.get("user_metadata").filter(|data| data.is_object()) {
            self.merge(id, "raw_user_meta_data", data).await?;
        }
        self.apply(id).await?;
        // The answer has what was derived and which identities there were before the change.
        let mut after = self.user_json(id).await?;
        if before["confirmed_at"].is_null() {
            after.as_object_mut().map(|after| after.remove("confirmed_at"));
        }
        if !email.is_empty() {
            after["identities"] = before["identities"].clone();
        }
        reply(&after)
    }

    pub(super) async fn admin_delete(&self, id: &str) -> Answer {
        self.known(id).await?;
        if self.body.get("should_soft_delete").and_then(Value::as_bool).unwrap_or(false) {
            self.db
                .execute(
                    &format!(
                        "update users set deleted_at = now(), email = {}, phone = left({}, 15), email_change = {}, phone_change = left({}, 15), \
                         encrypted_password = '', raw_user_meta_data = '{{}}', raw_app_meta_data = '{{}}' where id::text = $1",
                        digest("email"),
                        digest("phone"),
                        digest("email_change"),
                        digest("phone_change")
                    ),
                    &[&id],
                )
                .await?;
            self.db
                .execute(
                    &format!(
                        "update identities set identity_data = '{{}}', provider_id = {} where user_id::text = $1",
                        digest("provider || ':' || provider_id")
                    ),
                    &[&id],
                )
                .await?;
            for table in ["sessions", "mfa_factors", "one_time_tokens"] {
                self.db.execute(&format!("delete from {table} where user_id::text = $1"), &[&id]).await?;
            }
        } else {
            self.db.execute("delete from users where id::text = $1", &[&id]).await?;
        }
        reply(&json!({}))
    }

    pub(super) async fn admin_factors(&self, id: &str) -> Answer {
        self.known(id).await?;
        let user = self.user_json(id).await?;
        reply(user.get("factors").unwrap_or(&json!([])))
    }

    pub(super) async fn admin_delete_factor(&self, id: &str, factor: &str) -> Answer {
        self.known(id).await?;
        let user = self.user_json(id).await?;
        let found = user["factors"].as_array().into_iter().flatten().find(|known| known["id"] == factor);
        let found = found.ok_or_else(|| Refusal::new(404, "mfa_factor_not_found", "Factor not found"))?;
        self.db.execute("delete from mfa_factors where id::text = $1", &[&factor]).await?;
        self.db.execute("delete from sessions where factor_id::text = $1", &[&factor]).await?;
        reply(found)
    }

    pub(super) async fn invite(&self) -> Answer {
        self.administers()?;
        let email = self.checked_email()?;
        if email.is_empty() {
            return Err(Refusal::validation("An email address is required"));
        }
        let user = self.invited(&email).await?;
        self.mail(&user, "confirmation_token", &email, "invite").await?;
        reply(&self.user_json(&user).await?)
    }

    /// A user who was invited and has not confirmed the address, made if there is none.
    async fn invited(&self, email: &str) -> Result<String, Refusal> {
        let user = match self.user_by(email, "").await? {
            None => self.insert_user(false, None, email, "", None, &self.object("data")).await?,
            Some(user) => {
                let confirmed: bool = self
                    .db
                    .query_one("select email_confirmed_at is not null from users where id::text = $1", &[&user])
                    .await?
                    .get(0);
                if confirmed {
                    return Err(Refusal::new(
                        422,
                        "email_exists",
                        "A user with this email address has already been registered",
                    ));
                }
                user
            }
        };
        self.db
            .execute("update users set invited_at = now(), confirmation_sent_at = now() where id::text = $1", &[&user])
            .await?;
        Ok(user)
    }

    pub(super) async fn generate_link(&self) -> Answer {
        self.administers()?;
        let (kind, email) = (self.text("type"), self.checked_email()?);
        let found = self.user_by(&email, "").await?;
        let missing = || Refusal::new(404, "user_not_found", "User with this email not found");
        let redirect_to = match self.text("redirect_to") {
            "" => self.redirect_to(),
            url => self.allowed(url),
        };
        let (user, token, verification, to) = match kind {
            "signup" => {
                let password = self.text("password");
                let user = match found {
                    Some(user) => {
                        let user_json = self.user_json(&user).await?;
                        if !user_json["email_confirmed_at"].is_null() {
                            return Err(Refusal::new(
                                422,
                                "email_exists",
                                "A user with this email address has already been registered",
                            ));
                        }
                        user
                    }
                    None if password.is_empty() => {
                        return Err(Refusal::validation("Signup requires a valid password"));
                    }
                    None => {
                        self.check_password(password)?;
                        self.insert_user(false, None, &email, "", Some(password), &self.object("data")).await?
                    }
                };
                (user, "confirmation_token", "signup", email)
            }
            "invite" => (self.invited(&email).await?, "confirmation_token", "invite", email),
            "magiclink" => match found {
                Some(user) => (user, "recovery_token", "magiclink", email),
                None => (
                    self.insert_user(false, None, &email, "", None, &self.object("data")).await?,
                    "confirmation_token",
                    "signup",
                    email,
                ),
            },
            "recovery" => (found.ok_or_else(missing)?, "recovery_token", "recovery", email),
            "email_change_current" | "email_change_new" => {
                let user = found.ok_or_else(missing)?;
                let new = self.text("new_email").trim().to_lowercase();
                if self.user_by(&new, "").await?.is_some() {
                    return Err(Refusal::new(
                        422,
                        "email_exists",
                        "A user with this email address has already been registered",
                    ));
                }
                self.db
                    .execute(
                        "update users set email_change = $2, email_change_sent_at = now() where id::text = $1",
                        &[&user, &new],
                    )
                    .await?;
                let (token, to) = if kind == "email_change_new" {
                    ("email_change_token_new", new)
                } else {
                    ("email_change_token_current", email)
                };
                (user, token, "email_change", to)
            }
            kind => return Err(Refusal::validation(format!("Invalid email action link type requested: {kind}"))),
        };
        let sent = match token {
            "confirmation_token" => "confirmation_sent_at",
            "recovery_token" => "recovery_sent_at",
            _ => "email_change_sent_at",
        };
        self.db.execute(&format!("update users set {sent} = now() where id::text = $1"), &[&user]).await?;
        let made = self.make(&user, token, &to, verification, &redirect_to).await?;
        let mut answer = self.user_json(&user).await?;
        answer["action_link"] = json!(made.link);
        answer["email_otp"] = json!(made.code);
        answer["hashed_token"] = json!(made.hash);
        answer["verification_type"] = json!(if verification == "email_change" { kind } else { verification });
        answer["redirect_to"] = json!(redirect_to);
        reply(&answer)
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        assert_eq!(duration("1h30m"), Some(5400.0));
        assert_eq!(duration("300s"), Some(300.0));
        assert_eq!(duration("soon"), None);
    }
}
