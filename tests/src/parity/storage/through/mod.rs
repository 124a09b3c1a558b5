//! The exchanges recorded with a real storage server, through our client: where it has a call for a request, it builds
//! the recorded one, and reads the recorded answer as what it is. Every other line is named with the reason.

mod buckets;
mod check;
mod objects;
mod resumable;
mod said;
mod uploads;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use supabase_core::{Client, ErrorKind};

use self::said::{Came, Said, Why};
use super::super::Tally;

/// Replays every scenario but those of the S3 backend.
pub async fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    let mut left_out: BTreeMap<Why, Vec<String>> = BTreeMap::new();
    let (mut good, mut all) = (0, 0);
    for (name, lines) in super::exchange::scenarios(folder) {
        if name.starts_with("s3backend-") {
            continue;
        }
        let mut uploads = resumable::Uploads::new();
        for line in &lines {
            let id = line["id"].as_str().unwrap().to_owned();
            match verdict(line, &mut uploads).await {
                Err(why) => left_out.entry(why).or_default().push(id),
                Ok(difference) => {
                    all += 1;
                    match difference {
                        None => good += 1,
                        Some(difference) => {
                            let note = line["note"].as_str().unwrap_or_default();
                            tally.failures.push(format!("{id} ({note}): {difference}"));
                        }
                    }
                }
            }
        }
    }
    let out: usize = left_out.values().map(Vec::len).sum();
    tally.notes = left_out.into_iter().map(|(why, ids)| format!("left out: {why}: {}", ids.join(", "))).collect();
    (tally.good, tally.all) = (good, all);
    tally.summary = format!("storage exchanges through the client: {good} of {all} ({out} left out by name)");
    tally
}

/// Routes where a token of the URL or of another header is the right, or where none is needed.
fn needs_nobody(said: &Said<'_>) -> bool {
    if said.method == "POST" {
        return false;
    }
    let prefixes =
        ["/object/upload/sign/", "/object/sign/", "/object/public/", "/upload/resumable", "/version", "/status"];
    prefixes.iter().any(|prefix| said.path.starts_with(prefix))
}

/// What is wrong with a line, or why there is no call for it.
async fn verdict(line: &Value, uploads: &mut resumable::Uploads) -> Result<Option<String>, Why> {
    let said = Said::new(line);
    let response = &line["response"];
    if response.is_null() {
        return Err("the recorded client goes away before the answer");
    }
    if response["body"].as_object().is_some_and(|body| body.keys().any(|kind| kind.starts_with("json_list"))) {
        return Err("the recorded answer is shortened to the names in it");
    }
    if said.path.starts_with("/upload/resumable") {
        resumable::keep(&said, uploads);
        return resumable::tell(&said, uploads).await;
    }
    if said.header("authorization").is_none() && !needs_nobody(&said) {
        return Err("the client always says who it is");
    }
    let (client, recording) = said.client([said.reply()])?;
    let came = tell(&said, &client).await?;
    let sent = recording.sent();
    if came.as_ref().is_err_and(|error| error.kind() == ErrorKind::Refused) && sent.is_empty() {
        return Err(if said.accepted() {
            "refused by the client, since no object can have this key"
        } else {
            "refused by the client before it is sent, as the server would refuse it"
        });
    }
    let [request] = sent.as_slice() else {
        return Ok(Some(format!("{} requests", sent.len())));
    };
    let wrong = check::request(&said, request).or_else(|| match (&came, said.accepted()) {
        (Ok(claims), true) => check::claims(&said, claims),
        (Ok(_), false) => Some("taken for yes".to_owned()),
        (Err(error), true) => Some(format!("taken for no: {error}")),
        (Err(error), false) => check::refusal(&said, error),
    });
    match wrong {
        Some(wrong) => Ok(Some(wrong)),
        None if said.method == "GET" && said.path.starts_with("/object/info/") => exists(&said).await,
        None => Ok(None),
    }
}

async fn tell(said: &Said<'_>, client: &Client) -> Result<Came, Why> {
    let storage = client.storage();
    if let Some(rest) = said.path.strip_prefix("/render/image/authenticated/") {
        return objects::render(said, &storage, rest).await;
    }
    let Some(rest) = said.path.strip_prefix("/object/") else { return buckets::tell(said, &storage).await };
    let first = rest.split('/').next().unwrap_or_default();
    let uploads = match said.method {
        "PUT" => true,
        "POST" => !matches!(first, "move" | "copy" | "list" | "list-v2" | "sign" | "upload"),
        _ => false,
    };
    if uploads { uploads::tell(said, &storage).await } else { objects::tell(said, &storage).await }
}

/// The other call that sends this request: whether there is an object.
async fn exists(said: &Said<'_>) -> Result<Option<String>, Why> {
    let (client, _) = said.client([said.reply()])?;
    let (bucket, key) = objects::place(&said.path["/object/info/".len()..])?;
    let code = said.line["response"]["body"]["json"]["code"].as_str();
    Ok(match (client.storage().from(bucket).exists(key).await, said.accepted(), code) {
        (Ok(true), true, _) | (Ok(false), false, Some("NoSuchKey")) => None,
        (Err(error), false, code) if code != Some("NoSuchKey") => check::refusal(said, &error),
        (other, ..) => Some(format!("exists: {other:?}")),
    })
}
