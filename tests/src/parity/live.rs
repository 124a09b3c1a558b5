//! The exchanges against a server that runs: what it supports has to come out as recorded.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use supabase_core::transport::{BoxFuture, Http, HttpRequest, HttpResponse, RetryPolicy, Transport};
use supabase_core::{Client, Error};
use supabase_local::{Database, RestSettings, Stack};

use super::Tally;
use super::exchange::{Exchange, Unsaid, tell};
use super::prepared::{Data, Outcome};
use super::replay::{Exclusions, Expected, difference, exchanges, expected};

/// The secret that the recorded tokens are signed with.
const SECRET: &str = "recorded-exchanges-shared-secret-0123456789abcdef";

/// Sends without a token where the exchange has none: the key alone passes the gateway.
struct Tokenless(Http);

impl Transport for Tokenless {
    fn send(&self, mut request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Error>> {
        request.headers.remove(http::header::AUTHORIZATION);
        self.0.send(request)
    }
}

fn settings(server: &str) -> Option<RestSettings> {
    let main = RestSettings::default()
        .schemas(["public", "inventory"])
        .aggregates(true)
        .plan(true)
        .allow_rollback(true)
        .max_rows(None)
        .setting("openapi-mode", "ignore-privileges");
    Some(match server {
        "main" => main,
        "capped" => main.max_rows(5),
        "locked" => main
            .aggregates(false)
            .plan(false)
            .allow_rollback(false)
            .anonymous(false)
            .setting("openapi-mode", "disabled"),
        "nosecret" => main.jwt_secret(false),
        "aud" => main.setting("jwt-aud", "star-map").setting("jwt-role-claim-key", ".app.roles[0]"),
        _ => return None,
    })
}

/// A database with the recorded rows, as the recorder had set it.
async fn database(stack: &Stack, server: &str) -> Option<Database> {
    let database = stack.database_with(settings(server)?).await.expect("a database");
    // Settings of a database do not travel with a template.
    database
        .sql(
            "do $$ begin
               execute format('alter database %I set timezone to %L', current_database(), 'UTC');
               execute format('alter database %I set lc_monetary to %L', current_database(), 'C');
             end $$; analyze;",
        )
        .await
        .expect("settings");
    Some(database)
}

/// A database, and clients without and with a token.
type Place = (Database, (Client, Client));

fn clients(database: &Database) -> (Client, Client) {
    let builder = || {
        Client::builder(database.url(), database.anon_key())
            .allow_dry_run(true)
            .url_limit(1 << 20)
            .retry(RetryPolicy::none())
    };
    let tokenless = builder().transport(Tokenless(Http::default())).build().expect("a client");
    (tokenless, builder().build().expect("a client"))
}

async fn run_one(exchange: &Exchange, clients: &(Client, Client)) -> Result<Outcome, Unsaid> {
    let token = exchange.request.headers.keys().any(|name| name.eq_ignore_ascii_case("authorization"));
    let client = if token { &clients.1 } else { &clients.0 };
    Ok(tell(client, exchange)?.prepared.send.await)
}

/// How a live answer differs from the recorded one, what versions say differently aside.
fn compare(exchange: &Exchange, mut wanted: Expected, outcome: &Outcome) -> Option<String> {
    if exchange.volatile.iter().any(|path| path.starts_with("response.body")) {
        // Times and costs: that there is a body has to do.
        return match outcome {
            Ok(success) => {
                (success.status != wanted.status || success.data == Data::Nothing).then(|| format!("{success:?}"))
            }
            Err(failure) => (failure.status != Some(wanted.status)).then(|| failure.text.clone()),
        };
    }
    if let (Some([code, _, details, hint]), Err(failure)) = (&mut wanted.error, outcome) {
        details.clone_from(&failure.details);
        hint.clone_from(&failure.hint);
        // Servers before 13 have no Proxy-Status, so that a HEAD that fails has no code.
        if failure.code.is_none() && exchange.request.method == "HEAD" {
            *code = None;
        }
    }
    difference(&wanted, outcome)
}

/// Runs the set against the server that is found here.
///
/// # Panics
/// Panics when no stack can be started.
pub async fn run(folder: &Path) -> Tally {
    let began = Instant::now();
    let exclusions = Exclusions::read(folder);
    let exchanges = exchanges(folder);
    let base = super::vectors().join("postgrest");
    let here = |name: &str| {
        let own = folder.join("postgrest").join(name);
        if own.exists() { own } else { base.join(name) }
    };
    let stack = Stack::builder()
        .bare()
        .jwt_secret(SECRET)
        .seed(here("schema.sql"))
        .seed(here("seed.sql"))
        .start()
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let mut tally = Tally::default();
    let mut databases: BTreeMap<String, Option<Place>> = BTreeMap::new();
    let mut order: Vec<&Exchange> = exchanges.iter().collect();
    order.sort_by_key(|exchange| exchange.state.strip_prefix("write:").map(str::to_owned));
    let (mut same, mut ran) = (0, 0);
    let mut skipped: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut version = String::new();
    for exchange in order {
        let place = exchange
            .group
            .as_ref()
            .map_or_else(|| exchange.server.clone(), |group| format!("{}:{group}", exchange.server));
        if !databases.contains_key(&place) {
            let opened = database(&stack, &exchange.server).await.map(|database| {
                let clients = clients(&database);
                (database, clients)
            });
            databases.insert(place.clone(), opened);
        }
        let Some((_, clients)) = databases.get(&place).and_then(Option::as_ref) else {
            skipped
                .entry(format!("the server `{}` is not set up here", exchange.server))
                .or_default()
                .push(exchange.id.clone());
            continue;
        };
        if version.is_empty() {
            version = server_version(&clients.0).await;
        }
        if let Some(reason) = exclusions.live.get(&exchange.id) {
            skipped.entry(reason.clone()).or_default().push(exchange.id.clone());
            continue;
        }
        if exchange.setup.is_some() {
            skipped.entry("it needs something to go on meanwhile".to_owned()).or_default().push(exchange.id.clone());
            continue;
        }
        if exclusions.offline.contains_key(&exchange.id) && exchange.group.is_none() {
            skipped.entry("no method says it (see excluded.toml)".to_owned()).or_default().push(exchange.id.clone());
            continue;
        }
        let supported = version.starts_with("14.") || exchange.same_on.contains(&version);
        if !supported && exchange.group.is_none() {
            skipped
                .entry(format!("PostgREST {version} answers it otherwise than 14.17"))
                .or_default()
                .push(exchange.id.clone());
            continue;
        }
        match run_one(exchange, clients).await {
            // What is written by a line that no method says has to be written all the same.
            Err(Unsaid(_)) if exchange.group.is_some() => {
                stand_in(exchange, databases.get(&place).and_then(Option::as_ref).map(|(database, _)| database)).await;
                skipped
                    .entry("no method says it; the rows were written by SQL".to_owned())
                    .or_default()
                    .push(exchange.id.clone());
            }
            Err(Unsaid(_)) => {
                skipped
                    .entry("no method says it (see excluded.toml)".to_owned())
                    .or_default()
                    .push(exchange.id.clone());
            }
            Ok(_) if !supported => {
                skipped
                    .entry(format!("PostgREST {version} answers it otherwise than 14.17"))
                    .or_default()
                    .push(exchange.id.clone());
            }
            Ok(outcome) => {
                ran += 1;
                match compare(exchange, expected(exchange, folder), &outcome) {
                    None => same += 1,
                    Some(what) => tally.failures.push(format!("{}: {what}", exchange.id)),
                }
            }
        }
    }
    for (reason, ids) in &skipped {
        tally.notes.push(format!("not run, {reason} ({}): {}", ids.len(), ids.join(", ")));
    }
    let left: usize = skipped.values().map(Vec::len).sum();
    tally.summary = format!(
        "live exchanges on PostgREST {version}: {same} of {ran} ({left} of {} not run) in {:.1} s",
        exchanges.len(),
        began.elapsed().as_secs_f32()
    );
    (tally.good, tally.all) = (same, ran);
    drop(databases);
    stack.stop().await.unwrap_or_else(|error| panic!("{error}"));
    tally
}

async fn server_version(client: &Client) -> String {
    let answer = client.from("teams").select::<serde_json::Value>("id").limit(1).execute().await.expect("an answer");
    let server = answer.headers.get(http::header::SERVER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    server.trim_start_matches("postgrest/").split(['-', ' ', '+']).next().unwrap_or_default().to_owned()
}

/// The two writes of the groups that no method says.
async fn stand_in(exchange: &Exchange, database: Option<&Database>) {
    let sql = match exchange.id.as_str() {
        "write.identity/7-update" => "update visits set visited_on = '2024-06-06' where place in ('A', 'B')",
        "write.identity/8-delete" => "delete from visits where id > 2",
        "write.lifecycle/5-put" => "update orchestral_sections set name = 'Brass' where id = 50",
        _ => return,
    };
    if let Some(database) = database {
        database.sql(sql).await.expect("the write");
    }
}
