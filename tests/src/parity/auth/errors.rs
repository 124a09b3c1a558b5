//! The canned refusals of the auth service, and what they become.

use std::path::Path;

use http::StatusCode;
use serde_json::Value;
use supabase_core::auth::{Credentials, OtpType, SignUp, VerifyOtp, WeakPasswordReason};
use supabase_core::transport::{Recording, Reply, RetryPolicy};
use supabase_core::{Client, Error};

use super::super::Tally;
use super::super::errors::Line;
use super::URL;

/// Replays the auth lines of both files.
pub async fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    for file in ["py", "js"] {
        for line in super::super::lines::<Line>(&folder.join(format!("errors_{file}.jsonl"))) {
            if !line.group.starts_with("auth.") {
                continue;
            }
            tally.all += 1;
            match compare(&line).await {
                Ok(note) => {
                    tally.good += 1;
                    tally.notes.extend(note.map(|note| format!("{file} {} {}: {note}", line.group, line.call)));
                }
                Err(difference) => {
                    let status = line.responses[0].0;
                    tally.failures.push(format!("{file} {} {} {status}: {difference}", line.group, line.call));
                }
            }
        }
    }
    tally.summary = format!("auth errors: {} of {}", tally.good, tally.all);
    tally
}

/// What we make of an answer: an error names the difference, a note the reason of one that is meant.
async fn compare(line: &Line) -> Result<Option<&'static str>, String> {
    let (status, headers, body) = &line.responses[0];
    let status = StatusCode::from_u16(*status).expect("a recorded status");
    let mut reply = Reply::json(status, body);
    for (name, value) in headers {
        reply = reply.header(name, value.as_str().unwrap_or_default());
    }
    let recording = Recording::new([reply]);
    let built =
        Client::builder(URL, "sb_publishable_testkey").retry(RetryPolicy::none()).transport(recording.clone()).build();
    let auth = built.expect("a URL and a key").auth();
    let alike = |held: bool, what: &str| if held { Ok(None) } else { Err(what.to_owned()) };
    match line.group.as_str() {
        "auth.verify_email_change" => {
            let done = auth.verify_otp(VerifyOtp::email("e", "1", OtpType::EmailChange)).await;
            let done = done.map_err(|error| error.to_string())?;
            alike(done.session.is_none() && done.user.is_none(), "the first of two confirmations signs nobody in")
        }
        "auth.signup_confirm" => {
            let done = auth.sign_up(SignUp::email("e", "p")).await.map_err(|error| error.to_string())?;
            alike(done.session.is_none() && done.user.is_some(), "a user who has yet to confirm has no session")
        }
        _ => match auth.sign_in_with_password(Credentials::email("e", "p")).await {
            Ok(_) => Err("theirs fails, ours does not".to_owned()),
            Err(error) => refusal(line, status, body, &error),
        },
    }
}

fn refusal(line: &Line, status: StatusCode, body: &str, error: &Error) -> Result<Option<&'static str>, String> {
    let theirs = match (&line.error, &line.result) {
        (Some(error), _) if error.is_object() => error,
        (_, Some(result)) => &result["error"],
        _ => return Err("nothing was recorded".to_owned()),
    };
    let name = theirs["name"].as_str().unwrap_or_default();
    let ours = error.auth().ok_or("ours is no refusal of the auth service")?;
    let mut note = None;
    let equal = |what: &str, theirs: &Value, ours: Value| {
        if *theirs == ours { Ok(()) } else { Err(format!("{what}: theirs {theirs}, ours {ours}")) }
    };
    if error.status() != Some(status) {
        return Err(format!("status: {:?}", error.status()));
    }
    if theirs["code"].is_string() {
        equal("code", &theirs["code"], ours.code().as_str().into())?;
    }
    let message = error.body().map(|body| body.message.clone()).unwrap_or_default();
    match name {
        "AuthSessionMissingError" if theirs["message"] != message.as_str() => {
            note = Some("the server's own words, which the other puts words of its own for");
        }
        _ if body.starts_with('<') => note = Some("an answer that is no JSON has no message to compare"),
        "AuthUnknownError" => note = Some("the other shows the parser's words about an answer that is no JSON"),
        _ => equal("message", &theirs["message"], message.into())?,
    }
    match (name.contains("Retryable"), error.is_retryable() && ours.is_retryable()) {
        (false, true) if matches!(status.as_u16(), 429 | 500) => {
            note = Some("too many requests, or a server that failed, are told as worth another try");
        }
        (theirs, ours) if theirs != ours => return Err(format!("retryable: theirs {name}, ours {ours}")),
        _ => {}
    }
    if name == "AuthWeakPasswordError" {
        let reasons: Vec<WeakPasswordReason> =
            theirs["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str).map(Into::into).collect();
        if reasons != ours.weak_password_reasons() {
            return Err(format!("reasons: theirs {reasons:?}, ours {:?}", ours.weak_password_reasons()));
        }
    }
    Ok(note)
}
