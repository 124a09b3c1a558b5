//! Exchanges recorded with a real storage server, sent to the local stack as the bytes that they were: status,
//! meaningful headers and body have to be the recorded ones.

pub(crate) mod body;
mod compare;
pub(crate) mod placeholder;
mod send;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use supabase_local::{Database, Stack};

use self::compare::compare;
use self::placeholder::{Bound, identities, now};
use self::send::exchange;
use super::super::Tally;

/// What the recorded server's database has beyond the prelude.
const POLICIES: &str = "
create policy rec_buckets_read on storage.buckets for select to authenticated using (id like 'user-%');
create policy rec_own_read on storage.objects for select to authenticated
  using (bucket_id like 'user-%' and (storage.foldername(name))[1] = auth.uid()::text);
create policy rec_own_insert on storage.objects for insert to authenticated
  with check (bucket_id like 'user-%' and (storage.foldername(name))[1] = auth.uid()::text);
create policy rec_own_update on storage.objects for update to authenticated
  using (bucket_id like 'user-%' and (storage.foldername(name))[1] = auth.uid()::text)
  with check (bucket_id like 'user-%' and (storage.foldername(name))[1] = auth.uid()::text);
create policy rec_own_delete on storage.objects for delete to authenticated
  using (bucket_id like 'user-%' and (storage.foldername(name))[1] = auth.uid()::text);
create policy rec_drop_insert on storage.objects for insert to authenticated with check (bucket_id like 'drop-%');
create policy rec_anon_read on storage.objects for select to anon, authenticated using (bucket_id like 'anonread-%');
";

/// Lines about what the local stack has not, by the start of their id, with the reason.
const LEFT_OUT: &[(&str, &str)] = &[
    ("s3backend-", "the S3 backend of the recorded server; the local stack keeps files"),
    ("list-v1/26", "a folder is missing from the recorded answer, which is a defect"),
    ("keys-long/07", "lists what keys-long/04 stored"),
    ("keys-long/04", "a file per key cannot have a name of over 255 bytes there; here files are named by version"),
];

/// The recorded lines, scenario by scenario.
pub(super) fn scenarios(folder: &Path) -> Vec<(String, Vec<Value>)> {
    let mut scenarios: Vec<(String, Vec<Value>)> = Vec::new();
    for line in super::super::lines::<Value>(&folder.join("storage/exchanges.jsonl")) {
        let name = line["scenario"].as_str().unwrap().to_owned();
        match scenarios.last_mut() {
            Some((known, lines)) if *known == name => lines.push(line),
            _ => scenarios.push((name, vec![line])),
        }
    }
    scenarios
}

/// Replays every scenario on a database of its own, of a stack that is started for them.
pub async fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    let stack = Stack::builder().sql(POLICIES).start().await.unwrap();
    let (mut equal, mut left_out, mut all) = (0, 0, 0);
    for (name, lines) in scenarios(folder) {
        if let Some((_, reason)) = LEFT_OUT.iter().find(|(prefix, _)| name.starts_with(prefix)) {
            left_out += lines.len();
            tally.notes.push(format!("left out: {name} ({} lines): {reason}", lines.len()));
            continue;
        }
        let database = stack.database().await.unwrap();
        let mut bound = identities(&database);
        bound.insert("<HOST>".to_owned(), database.url().strip_prefix("http://").unwrap().to_owned());
        for line in &lines {
            let id = line["id"].as_str().unwrap();
            let difference = replay(&database, line, &mut bound).await;
            if let Some((_, reason)) = LEFT_OUT.iter().find(|(prefix, _)| id.starts_with(prefix)) {
                left_out += 1;
                tally.notes.push(format!("left out: {id}: {reason}"));
                continue;
            }
            all += 1;
            match difference {
                None => equal += 1,
                Some(difference) => {
                    let note = line["note"].as_str().unwrap_or_default();
                    tally.failures.push(format!("{id} ({note}): {difference}"));
                }
            }
        }
        database.stop().await.unwrap();
    }
    stack.stop().await.unwrap();
    (tally.good, tally.all) = (equal, all);
    tally.summary = format!("storage exchanges: {equal} of {all} ({left_out} left out by name)");
    tally
}

async fn replay(database: &Database, line: &Value, bound: &mut Bound) -> Option<String> {
    if let Some(wait) = line["extra"]["wait_before_s"].as_f64() {
        tokio::time::sleep(Duration::from_secs_f64(wait)).await;
    }
    if let Some(claims) = line["extra"]["token_claims"].as_object() {
        // The tester makes this token; its name stands in the query.
        let query = line["request"]["query"].as_str().unwrap();
        let name = query[query.find('<').unwrap()..=query.find('>').unwrap()].to_owned();
        let mut claims = Value::Object(claims.clone());
        let (from, until) = if name.contains("EXPIRED") { (now() - 100, now() - 40) } else { (now(), now() + 600) };
        claims["iat"] = json!(from);
        claims["exp"] = json!(until);
        bound.insert(name, database.jwt_with(&claims));
    }
    let answer = exchange(database, line, bound).await;
    if line["extra"]["unrecorded_setup"].as_str().is_some_and(|setup| setup.contains("fNNN.txt")) {
        for number in 0..130 {
            let upload = json!({
                "request": {
                    "method": "POST", "path": format!("/storage/v1/object/b/f{number:03}.txt"), "query": "",
                    "headers": { "Authorization": "Bearer <JWT:service_role>", "Content-Type": "text/plain" },
                    "body": { "text": "x" },
                },
                "response": {},
            });
            assert_eq!(exchange(database, &upload, bound).await.unwrap().status, 200);
        }
    }
    answer.and_then(|answer| compare(line, &answer, bound))
}
