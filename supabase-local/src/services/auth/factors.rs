//! Second factors: codes from an app, checked for real; codes by phone; recovery codes.

use serde_json::{Value, json};

use super::error::Refusal;
use super::one_time::{code, hash};
use super::request::{Ask, Signed, encoded, is_uuid};
use super::{Answer, reply};
use crate::keys::now;
use crate::random;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// For how long a challenge can be answered.
const CHALLENGE: i64 = 300;

fn base32(bytes: &[u8]) -> String {
    let (mut text, mut bits, mut count) = (String::new(), 0_u32, 0);
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(char::from(BASE32[(bits >> count) as usize & 31]));
        }
    }
    if count > 0 {
        text.push(char::from(BASE32[(bits << (5 - count)) as usize & 31]));
    }
    text
}

fn from_base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for value in text.bytes().filter_map(|byte| BASE32.iter().position(|known| *known == byte)) {
        bits = (bits << 5) | u32::try_from(value).unwrap_or_default();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// The six digits of a hash (RFC 4226, section 5.3).
fn truncate(mac: &[u8]) -> Option<String> {
    let offset = usize::from(mac.last()? & 15);
    let word = mac.get(offset..offset + 4)?;
    let number = u32::from_be_bytes([word[0] & 0x7f, word[1], word[2], word[3]]);
    Some(format!("{:06}", number % 1_000_000))
}

struct Factor {
    kind: String,
    status: String,
    secret: String,
    phone: String,
}

impl Ask<'_> {
    async fn factor(&self, signed: &Signed, id: &str) -> Result<Factor, Refusal> {
        if !is_uuid(id) {
            return Err(Refusal::new(404, "validation_failed", "factor_id must be an UUID"));
        }
        let row = self
            .db
            .query_opt(
                "select factor_type, status, coalesce(secret, ''), coalesce(phone, '') from mfa_factors where id::text = $1 and user_id::text = $2",
                &[&id, &signed.user],
            )
            .await?
            .ok_or_else(|| Refusal::new(404, "mfa_factor_not_found", "Factor not found"))?;
        Ok(Factor { kind: row.get(0), status: row.get(1), secret: row.get(2), phone: row.get(3) })
    }

    pub(super) async fn enroll(&self) -> Answer {
        let signed = self.signed().await?;
        let guest: bool =
            self.db.query_one("select is_anonymous from users where id::text = $1", &[&signed.user]).await?.get(0);
        if guest {
            let message = "Anonymous user not allowed to perform these actions";
            return Err(Refusal::new(403, "no_authorization", message));
        }
        let (kind, name) = (self.text("factor_type"), self.text("friendly_name"));
        if kind == "webauthn" {
            return Err(Refusal::new(422, "mfa_webauthn_enroll_not_enabled", "MFA enroll is disabled for WebAuthn"));
        }
        if !matches!(kind, "totp" | "phone") {
            return Err(Refusal::validation("factor_type needs to be totp, phone, or webauthn"));
        }
        let verified: i64 = self
            .db
            .query_one("select count(*) from mfa_factors where user_id::text = $1 and status = 'verified' and factor_type <> 'recovery_code'", &[&signed.user])
            .await?
            .get(0);
        if verified > 0 && signed.aal != "aal2" {
            return Err(Refusal::new(403, "insufficient_aal", "AAL2 required to enroll a new factor"));
        }
        if !name.is_empty() {
            let taken = self
                .db
                .query_opt(
                    "select from mfa_factors where user_id::text = $1 and friendly_name = $2",
                    &[&signed.user, &name],
                )
                .await?;
            if taken.is_some() {
                let message = format!("A factor with the friendly name {name:?} for this user already exists");
                return Err(Refusal::new(422, "mfa_factor_name_conflict", message));
            }
        }
        let phone = self.checked_phone()?;
        if kind == "phone" && phone.is_empty() {
            return Err(Refusal::validation("Phone number required to enroll Phone factor"));
        }
        let mut bytes = [0_u8; 20];
        getrandom::fill(&mut bytes).map_err(|error| Refusal::unexpected(error.to_string()))?;
        let secret = base32(&bytes);
        let row = self
            .db
            .query_one(
                "insert into mfa_factors (user_id, friendly_name, factor_type, secret, phone) values ($1::text::uuid, $2, $3, $4, nullif($5, '')) returning id::text",
                &[&signed.user, &name, &kind, &(kind == "totp").then_some(&secret), &phone],
            )
            .await?;
        let mut answer = json!({ "id": row.get::<_, String>(0), "type": kind, "friendly_name": name });
        if kind == "phone" {
            answer["phone"] = json!(self.text("phone"));
            return reply(&answer);
        }
        let user = self.user_json(&signed.user).await?;
        let issuer = match self.text("issuer") {
            "" => "localhost",
            issuer => issuer,
        };
        let account =
            user["email"].as_str().filter(|email| !email.is_empty()).or(user["phone"].as_str()).unwrap_or_default();
        let (issuer, account) = (encoded(issuer), encoded(account));
        let uri = format!(
            "otpauth://totp/{issuer}:{account}?algorithm=SHA1&digits=6&issuer={issuer}&period=30&secret={secret}"
        );
        let picture = qrcode::QrCode::new(&uri)
            .map(|code| code.render::<qrcode::render::svg::Color<'_>>().build())
            .map_err(|error| Refusal::unexpected(error.to_string()))?;
        answer["totp"] = json!({ "qr_code": picture, "secret": secret, "uri": uri });
        reply(&answer)
    }

    pub(super) async fn challenge(&self, id: &str) -> Answer {
        let signed = self.signed().await?;
        let factor = self.factor(&signed, id).await?;
        let code = if factor.kind == "phone" {
            let code = code()?;
            self.capture_text(&factor.phone, "mfa", code.clone());
            Some(hash(&factor.phone, &code))
        } else {
            None
        };
        let row = self
            .db
            .query_one(
                "insert into mfa_challenges (factor_id, otp_code) values ($1::text::uuid, $2) returning id::text, extract(epoch from created_at)::bigint",
                &[&id, &code],
            )
            .await?;
        self.db.execute("update mfa_factors set last_challenged_at = now() where id::text = $1", &[&id]).await?;
        reply(
            &json!({ "id": row.get::<_, String>(0), "type": factor.kind, "expires_at": row.get::<_, i64>(1) + CHALLENGE }),
        )
    }

    /// Whether this is the code of now, or of half a minute before or after (RFC 6238).
    async fn totp_holds(&self, secret: &str, code: &str) -> Result<bool, Refusal> {
        let (key, step) = (from_base32(secret), now() / 30);
        for counter in [step, step.saturating_sub(1), step + 1] {
            let row = self
                .db
                .query_one(
                    "select extensions.hmac($1::bytea, $2::bytea, 'sha1')",
                    &[&counter.to_be_bytes().to_vec(), &key],
                )
                .await?;
            if truncate(row.get(0)).as_deref() == Some(code) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) async fn verify_factor(&self, id: &str) -> Answer {
        let signed = self.signed().await?;
        let factor = self.factor(&signed, id).await?;
        let found = self
            .db
            .query_opt(
                "select extract(epoch from now() - created_at)::float8, otp_code, verified_at is not null from mfa_challenges where id::text = $1 and factor_id::text = $2 for update",
                &[&self.text("challenge_id"), &id],
            )
            .await?
            .ok_or_else(|| Refusal::new(422, "mfa_factor_not_found", "MFA factor with the provided challenge ID not found"))?;
        let (age, wanted): (f64, Option<String>) = (found.get(0), found.get(1));
        if found.get(2) {
            // The service's own words for a challenge that was answered before.
            let message = "Challenge and verify IP addresses mismatch.";
            return Err(Refusal::new(422, "mfa_ip_address_mismatch", message));
        }
        #[allow(clippy::cast_precision_loss, reason = "an age in seconds")]
        if age > CHALLENGE as f64 {
            return Err(Refusal::new(
                422,
                "mfa_challenge_expired",
                format!(
                    "MFA challenge {} has expired, verify against another challenge or create a new challenge.",
                    self.text("challenge_id")
                ),
            ));
        }
        let code = self.text("code");
        let holds = match wanted {
            Some(wanted) => hash(&factor.phone, code) == wanted,
            None => self.totp_holds(&factor.secret, code).await?,
        };
        if !holds {
            return Err(Refusal::new(
                422,
                "mfa_verification_failed",
                format!("Invalid {} code entered", if factor.kind == "totp" { "TOTP" } else { "MFA Phone" }),
            ));
        }
        self.db
            .execute("update mfa_challenges set verified_at = now() where id::text = $1", &[&self.text("challenge_id")])
            .await?;
        self.db
            .execute("update mfa_factors set status = 'verified', updated_at = now() where id::text = $1", &[&id])
            .await?;
        self.raise(&signed, Some(id), if factor.kind == "totp" { "totp" } else { "mfa/phone" }).await
    }

    /// Takes the session to the second level; sessions of the first end, and factors that were never verified go.
    async fn raise(&self, signed: &Signed, factor: Option<&str>, method: &str) -> Answer {
        let (user, session) = (&signed.user, &signed.session);
        self.db
            .execute("update sessions set aal = 'aal2', factor_id = coalesce($2::text::uuid, factor_id), updated_at = now() where id::text = $1", &[session, &factor])
            .await?;
        self.add_method(session, method).await?;
        self.db
            .execute(
                "delete from sessions where user_id::text = $1 and aal = 'aal1' and id::text <> $2",
                &[user, session],
            )
            .await?;
        self.db.execute("delete from mfa_factors where user_id::text = $1 and status = 'unverified'", &[user]).await?;
        self.db.execute("update refresh_tokens set revoked = true, updated_at = now() where session_id::text = $1 and not revoked", &[session]).await?;
        let token = self.add_refresh_token(session, user, None).await?;
        reply(&self.session_json(user, session, &token).await?)
    }

    pub(super) async fn unenroll(&self, id: &str) -> Answer {
        let signed = self.signed().await?;
        let factor = self.factor(&signed, id).await?;
        if factor.status == "verified" && signed.aal != "aal2" {
            return Err(Refusal::new(422, "insufficient_aal", "AAL2 required to unenroll verified factor"));
        }
        self.db.execute("delete from mfa_factors where id::text = $1", &[&id]).await?;
        self.db
            .execute(
                "delete from mfa_amr_claims where authentication_method in ('totp', 'mfa/phone') \
                 and session_id in (select id from sessions where factor_id::text = $1)",
                &[&id],
            )
            .await?;
        self.db
            .execute("update sessions set aal = 'aal1', factor_id = null where factor_id::text = $1", &[&id])
            .await?;
        reply(&json!({ "id": id }))
    }

    async fn recovery_factor(&self, signed: &Signed) -> Result<Option<String>, Refusal> {
        let row = self
            .db
            .query_opt(
                "select id::text from mfa_factors where user_id::text = $1 and factor_type = 'recovery_code'",
                &[&signed.user],
            )
            .await?;
        Ok(row.map(|row| row.get(0)))
    }

    pub(super) async fn recovery_status(&self) -> Answer {
        let signed = self.signed().await?;
        let Some(id) = self.recovery_factor(&signed).await? else {
            return Err(Refusal::new(422, "mfa_factor_not_found", "Factor not found"));
        };
        let left: i64 = self
            .db
            .query_one("select count(*) from mfa_recovery_codes where factor_id::text = $1 and used_at is null", &[&id])
            .await?
            .get(0);
        reply(&json!({ "id": id, "codes_remaining": left }))
    }

    pub(super) async fn recovery_generate(&self, again: bool) -> Answer {
        let signed = self.signed().await?;
        if signed.aal != "aal2" {
            return Err(Refusal::new(403, "insufficient_aal", "AAL2 required to generate recovery codes"));
        }
        let old = self.recovery_factor(&signed).await?;
        match (&old, again) {
            (Some(_), false) => {
                return Err(Refusal::new(422, "mfa_verified_factor_exists", "Recovery codes exist already"));
            }
            (None, true) => return Err(Refusal::new(422, "mfa_factor_not_found", "Factor not found")),
            _ => {}
        }
        if let Some(old) = old {
            self.db.execute("delete from mfa_factors where id::text = $1", &[&old]).await?;
        }
        let row = self
            .db
            .query_one(
                "insert into mfa_factors (user_id, friendly_name, factor_type, status) values ($1::text::uuid, nullif($2, ''), 'recovery_code', 'verified') returning id::text",
                &[&signed.user, &self.text("friendly_name")],
            )
            .await?;
        let id: String = row.get(0);
        let mut codes = Vec::new();
        for _ in 0..10 {
            let code = random::letters(10).map_err(|error| Refusal::unexpected(error.to_string()))?;
            self.db
                .execute(
                    "insert into mfa_recovery_codes (factor_id, code_hash) values ($1::text::uuid, $2)",
                    &[&id, &hash(&id, &code)],
                )
                .await?;
            codes.push(Value::String(code));
        }
        reply(&json!({ "id": id, "codes": codes }))
    }

    pub(super) async fn recovery_verify(&self) -> Answer {
        let signed = self.signed().await?;
        let failed = || Refusal::new(422, "mfa_verification_failed", "Invalid recovery code entered");
        let id = self.recovery_factor(&signed).await?.ok_or_else(failed)?;
        let used = self
            .db
            .execute(
                "update mfa_recovery_codes set used_at = now() where factor_id::text = $1 and code_hash = $2 and used_at is null",
                &[&id, &hash(&id, self.text("code"))],
            )
            .await?;
        if used == 0 {
            return Err(failed());
        }
        self.raise(&signed, None, "recovery_code").await
    }

    pub(super) async fn recovery_remove(&self) -> Answer {
        let signed = self.signed().await?;
        let id = self
            .recovery_factor(&signed)
            .await?
            .ok_or_else(|| Refusal::new(422, "mfa_factor_not_found", "Factor not found"))?;
        self.db.execute("delete from mfa_factors where id::text = $1", &[&id]).await?;
        reply(&json!({ "id": id }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_goes_there_and_back() {
        // RFC 4648, section 10.
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(from_base32("MZXW6YTBOI"), b"foobar");
    }

    #[test]
    fn a_hash_is_truncated_as_the_standard_says() {
        // RFC 4226, section 5.4.
        let mac = [
            0x1f, 0x86, 0x98, 0x69, 0x0e, 0x02, 0xca, 0x16, 0x61, 0x85, 0x50, 0xef, 0x7f, 0x19, 0xda, 0x8e, 0x94, 0x5b,
            0x55, 0x5a,
        ];
        assert_eq!(truncate(&mac).as_deref(), Some("872921"));
    }
}
