//! One WebSocket and its channels.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};

use super::filter;
use super::kept::{self, Kept};
use super::policy::{self, Rights};
use super::protocol::{self, Body, Incoming, Payload, Version};
use super::settings::Rate;
use super::state::{Member, Name, Wanted};
use super::token::{self, Claims, Invalid};
use super::{Inner, changes};

/// A client that says nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(60);
/// The largest frame that is taken.
const LARGEST: usize = 5_000_000;
/// The largest payload of a broadcast.
const LARGEST_PAYLOAD: usize = 3000 * 1024;

fn refused(status: StatusCode, words: &str) -> Response {
    (status, Json(json!({ "error": words }))).into_response()
}

/// Upgrades, or refuses in plain HTTP.
pub(super) async fn open(State(inner): State<Arc<Inner>>, mut request: Request) -> Response {
    let parameter = |wanted: &str| {
        request.uri().query().unwrap_or_default().split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name == wanted).then(|| value.to_owned())
        })
    };
    let version = match parameter("vsn").as_deref() {
        Some("2.0.0") => Version::V2,
        _ => Version::V1,
    };
    let key = request
        .headers()
        .get("x-api-key")
        .and_then(|key| key.to_str().ok())
        .map(str::to_owned)
        .or_else(|| parameter("apikey"));
    let Some(key) = key else { return refused(StatusCode::UNAUTHORIZED, "API key is missing") };
    let token = inner.keys.jwt_of_opaque(&key).map_or(key, str::to_owned);
    if let Err(invalid) = token::check(inner.keys.jwt_secret(), &token) {
        let words = if invalid.words.starts_with("Token has expired") { "Token has expired" } else { &invalid.words };
        return refused(StatusCode::UNAUTHORIZED, words);
    }
    if inner.settings().max_sockets.is_some_and(|most| inner.lock().sockets >= most) {
        return refused(StatusCode::TOO_MANY_REQUESTS, "Too many connected users");
    }
    let Some(accept) = request.headers().get(header::SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()))
    else {
        return refused(StatusCode::BAD_REQUEST, "not a WebSocket handshake");
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let serving = inner.clone();
    inner.spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let config = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
        Connection::serve(socket, serving, version, token).await;
    });
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::try_from(accept) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

struct Joined {
    name: Name,
    join_ref: Option<String>,
    key: String,
    ack: bool,
    rights: Rights,
    token: String,
    claims: Claims,
    /// How often it tracked lately.
    calls: Rate,
}

struct Connection {
    inner: Arc<Inner>,
    id: u64,
    version: Version,
    token: String,
    to: UnboundedSender<Message>,
    joined: HashMap<String, Joined>,
    /// The socket is thrown out when what is said is written.
    over: bool,
}

/// A flag, which clients also send as text.
fn flag(value: &Value) -> bool {
    value.as_bool().unwrap_or(value.as_str() == Some("true"))
}

impl Connection {
    async fn serve<S>(socket: WebSocketStream<S>, inner: Arc<Inner>, version: Version, token: String)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send,
    {
        let (to, mut outgoing) = unbounded_channel();
        let id = {
            let mut state = inner.lock();
            state.sockets += 1;
            state.next()
        };
        let mut this = Self { inner, id, version, token, to, joined: HashMap::new(), over: false };
        let (mut sink, mut stream) = socket.split();
        let mut tick = tokio::time::interval(Duration::from_millis(500));
        let mut heard = tokio::time::Instant::now();
        loop {
            tokio::select! {
                message = stream.next() => match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                    Some(Ok(message)) => {
                        heard = tokio::time::Instant::now();
                        if let Some(incoming) = protocol::decode(&message) {
                            this.received(incoming).await;
                        }
                    }
                },
                Some(message) = outgoing.recv() => {
                    if sink.feed(message).await.is_err() {
                        break;
                    }
                    // What is ready goes out together.
                    let mut failed = false;
                    while let Ok(message) = outgoing.try_recv() {
                        failed |= sink.feed(message).await.is_err();
                    }
                    if failed || sink.flush().await.is_err() {
                        break;
                    }
                    if this.over {
                        let goodbye = CloseFrame { code: CloseCode::Away, reason: "".into() };
                        // Whoever is not there any more needs no goodbye.
                        let _ = sink.send(Message::Close(Some(goodbye))).await;
                        break;
                    }
                }
                _ = tick.tick() => {
                    if heard.elapsed() > SILENCE {
                        break;
                    }
                    this.expire();
                }
            }
        }
    }

    fn push(&self, join_ref: Option<&str>, reference: Option<&str>, topic: &str, event: &str, payload: &Value) {
        // The socket is gone: so is its receiver, soon.
        let _ = self.to.send(protocol::push(self.version, join_ref, reference, topic, event, payload));
    }

    fn reply(&self, about: &Incoming, status: &str, response: &Value) {
        let payload = json!({ "status": status, "response": response });
        self.push(about.join_ref.as_deref(), about.reference.as_deref(), &about.topic, "phx_reply", &payload);
    }

    fn system(&self, topic: &str, extension: &str, status: &str, message: &str) {
        let Some(joined) = self.joined.get(topic) else { return };
        let channel = topic.strip_prefix("realtime:").unwrap_or(topic);
        let payload = json!({ "extension": extension, "status": status, "message": message, "channel": channel });
        self.push(joined.join_ref.as_deref(), None, topic, "system", &payload);
    }

    /// Ends a channel's part in everything; the client is told by the caller.
    fn leave(&mut self, topic: &str) -> Option<Joined> {
        let joined = self.joined.remove(topic)?;
        self.inner.lock().leave(&joined.name, self.id);
        Some(joined)
    }

    fn close(&mut self, topic: &str) {
        if let Some(joined) = self.leave(topic) {
            let join_ref = joined.join_ref.as_deref();
            self.push(join_ref, join_ref, topic, "phx_close", &json!({}));
        }
    }

    fn shut_down(&mut self, topic: &str, words: &str) {
        self.system(topic, "system", "error", words);
        self.close(topic);
    }

    fn expire(&mut self) {
        let late: Vec<(String, String)> = self
            .joined
            .iter()
            .filter_map(|(topic, joined)| Some((topic.clone(), token::expired(joined.claims.expires)?)))
            .collect();
        for (topic, words) in late {
            self.shut_down(&topic, &words);
        }
    }

    async fn received(&mut self, incoming: Incoming) {
        if incoming.topic == "phoenix" {
            return self.reply(&Incoming { join_ref: None, ..incoming }, "ok", &json!({}));
        }
        if incoming.event == "phx_join" {
            return self.join(incoming).await;
        }
        let Some(joined) = self.joined.get(&incoming.topic) else {
            return if incoming.event == "phx_leave" {
                self.reply(&incoming, "ok", &json!({}));
            } else {
                self.reply(&incoming, "error", &json!({ "reason": "unmatched topic" }));
            };
        };
        if incoming.join_ref.is_some() && incoming.join_ref != joined.join_ref {
            return;
        }
        match incoming.event.as_str() {
            "phx_leave" => {
                self.reply(&incoming, "ok", &json!({}));
                self.close(&incoming.topic);
            }
            "broadcast" => self.broadcast(&incoming),
            "presence" => self.presence(&incoming),
            "access_token" => self.new_token(&incoming).await,
            _ => {}
        }
    }

    fn check(&self, token: &str) -> Result<(String, Claims), Invalid> {
        let token = if token.is_empty() || token.starts_with("sb_") { &self.token } else { token };
        token::check(self.inner.keys.jwt_secret(), token).map(|claims| (token.to_owned(), claims))
    }

    async fn join(&mut self, incoming: Incoming) {
        let topic = incoming.topic.clone();
        let Some(channel) = topic.strip_prefix("realtime:") else {
            return self.reply(&incoming, "error", &json!({ "reason": "unmatched topic" }));
        };
        // A second join takes the place of the first.
        self.close(&topic);
        let no = |this: &Self, reason: String| this.reply(&incoming, "error", &json!({ "reason": reason }));
        if channel.is_empty() {
            return no(self, "TopicNameRequired: You must provide a topic name".to_owned());
        }
        let settings = self.inner.settings();
        if self.inner.lock().joins.exceeds(settings.max_joins_per_second, Duration::from_secs(1)) {
            self.over = true;
            return no(self, "ClientJoinRateLimitReached: Too many joins per second".to_owned());
        }
        if settings.max_channels_per_socket.is_some_and(|most| self.joined.len() >= most) {
            return no(self, "ChannelRateLimitReached: Too many channels".to_owned());
        }
        let Payload::Json(payload) = &incoming.payload else { return };
        let token = payload["access_token"].as_str().or(payload["user_token"].as_str()).unwrap_or_default();
        let (token, claims) = match self.check(token) {
            Ok(valid) => valid,
            Err(Invalid { code, words }) => return no(self, format!("{code}: {words}")),
        };
        let config = &payload["config"];
        let private = flag(&config["private"]);
        let rights = if private {
            match policy::rights(&self.inner, channel, &claims).await {
                Ok(rights) if rights.read => rights,
                Ok(_) => {
                    let words =
                        format!("Unauthorized: You do not have permissions to read from this Channel topic: {channel}");
                    return no(self, words);
                }
                Err(_) => return no(self, "Realtime was unable to connect to the project database".to_owned()),
            }
        } else {
            Rights::ALL
        };
        let replay = &config["broadcast"]["replay"];
        let replayed = if replay.is_object() {
            match self.replay(channel, private, replay).await {
                Ok(messages) => messages,
                Err(words) => return no(self, format!("UnableToReplayMessages: {words}")),
            }
        } else {
            Vec::new()
        };
        let empty = Vec::new();
        let asked = config["postgres_changes"].as_array().unwrap_or(&empty);
        let mut confirmed = Vec::new();
        let mut problem = None;
        let mut wanted = Vec::new();
        for one in asked {
            let mut hasher = DefaultHasher::new();
            one.to_string().hash(&mut hasher);
            let id = i64::try_from(hasher.finish() % (1 << 27)).unwrap_or_default();
            let mut echoed = one.clone();
            echoed["id"] = json!(id);
            confirmed.push(echoed);
            match self.wants(one, id, &topic, &claims).await {
                Ok(one) => wanted.push(one),
                Err(words) => problem = Some(words),
            }
        }
        let name = (topic.clone(), private);
        let key = match config["presence"]["key"].as_str() {
            Some(key) if !key.is_empty() => key.to_owned(),
            _ => format!("{:016x}-{}", self.id, incoming.reference.as_deref().unwrap_or_default()),
        };
        let member = Member {
            connection: self.id,
            version: self.version,
            own: flag(&config["broadcast"]["self"]),
            to: self.to.clone(),
        };
        let joined = Joined {
            name: name.clone(),
            join_ref: incoming.join_ref.clone(),
            key,
            ack: flag(&config["broadcast"]["ack"]),
            rights,
            token,
            claims,
            calls: Rate::default(),
        };
        self.joined.insert(topic.clone(), joined);
        self.inner.lock().join(&name, member);
        self.reply(&incoming, "ok", &json!({ "postgres_changes": confirmed }));
        for Kept { event, body, id, .. } in replayed {
            let meta = json!({ "id": id, "replayed": true });
            match &body {
                Body::Json(json) => {
                    let payload: Value = serde_json::from_slice(json).unwrap_or_default();
                    let payload = json!({ "payload": payload, "event": event, "type": "broadcast", "meta": meta });
                    self.push(incoming.join_ref.as_deref(), None, &topic, "broadcast", &payload);
                }
                Body::Bytes(_) => {
                    if let Some(message) = protocol::broadcast(self.version, &topic, &event, Some(&meta), &body) {
                        // The socket is gone: so is its receiver, soon.
                        let _ = self.to.send(message);
                    }
                }
            }
        }
        if flag(&config["presence"]["enabled"]) && rights.read_presence {
            let state = self.inner.lock().presence(&name);
            self.push(incoming.join_ref.as_deref(), None, &topic, "presence_state", &state);
        }
        // The slot also brings what the database broadcasts, so every channel needs it.
        let watching = self.inner.watch().await;
        if asked.is_empty() {
            return;
        }
        match (problem, watching) {
            (Some(words), _) => self.system(&topic, "postgres_changes", "error", &words),
            (None, Err(error)) => self.system(&topic, "postgres_changes", "error", &error.to_string()),
            (None, Ok(())) => {
                self.inner.lock().wanted.extend(wanted);
                self.system(&topic, "postgres_changes", "ok", "Subscribed to PostgreSQL");
            }
        }
    }

    async fn wants(&self, asked: &Value, id: i64, topic: &str, claims: &Claims) -> Result<Wanted, String> {
        let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
        let event = match text("event").to_ascii_uppercase().as_str() {
            known @ ("INSERT" | "UPDATE" | "DELETE") => known.to_owned(),
            _ => "*".to_owned(),
        };
        let table = Some(text("table")).filter(|table| !table.is_empty());
        let schema = Some(text("schema")).filter(|schema| !schema.is_empty());
        let schema = schema.unwrap_or_else(|| if table.is_some() { "public" } else { "*" }.to_owned());
        let table = table.unwrap_or_else(|| "*".to_owned());
        let select: Vec<String> = asked["select"]
            .as_array()
            .iter()
            .flat_map(|list| list.iter())
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect();
        if !select.is_empty() && (table == "*" || schema == "*") {
            return Err("Column selection is not supported for wildcard subscriptions. Provide an explicit schema and table name.".to_owned());
        }
        let filters = filter::parse(&text("filter"))
            .map_err(|part| format!("Error parsing `filter` params: [{}]", json!(part)))?;
        changes::validate(&self.inner, &schema, &table, &filters, &select).await.map_err(|words| {
            let shown = format!(
                "[event: {event}, schema: {schema}, table: {table}, filters: {}, select: {}]",
                json!(text("filter")),
                if select.is_empty() { "nil".to_owned() } else { json!(select).to_string() }
            );
            if words.is_empty() {
                format!(
                    "Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect \
                     parameters: {shown}"
                )
            } else {
                format!(
                    "Unable to subscribe to changes with given parameters. An exception happened so please check your connect \
                     parameters: {shown}. Exception: {words}"
                )
            }
        })?;
        Ok(Wanted {
            connection: self.id,
            topic: topic.to_owned(),
            id,
            event,
            schema,
            table,
            filters,
            select,
            claims: claims.clone(),
            version: self.version,
            to: self.to.clone(),
        })
    }

    /// Kept messages since a moment, oldest first.
    async fn replay(&self, channel: &str, private: bool, replay: &Value) -> Result<Vec<Kept>, String> {
        if !private {
            return Err("Replay is not allowed for public channels".to_owned());
        }
        let Some(since) = replay["since"].as_i64() else { return Err("Replay params are not valid".to_owned()) };
        let limit = match &replay["limit"] {
            Value::Null => 25,
            limit => limit.as_i64().ok_or("Replay params are not valid")?.clamp(1, 25),
        };
        let unable = |_| "Realtime was unable to replay messages".to_owned();
        let client = self.inner.connect().await.map_err(|_| "Realtime was unable to replay messages".to_owned())?;
        let rows = client
            .query(
                "select event, payload::text, encode(binary_payload, 'hex'), id::text, \
                 (extract(epoch from inserted_at at time zone 'UTC') * 1000)::bigint from realtime.messages \
                 where topic = $1 and private and extension = 'broadcast' and (payload is not null or binary_payload is not null) \
                 and inserted_at >= to_timestamp($2::bigint / 1000.0) at time zone 'UTC' \
                 order by inserted_at desc limit $3",
                &[&channel, &since, &limit],
            )
            .await
            .map_err(unable)?;
        let time =
            |millis: i64| SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or_default());
        let topic = format!("realtime:{channel}");
        let mut kept = self.inner.lock().shelf.since(&topic, time(since));
        kept.extend(rows.iter().map(|row| {
            let (json, hex): (Option<String>, Option<String>) = (row.get(1), row.get(2));
            let body = match (json, hex) {
                (Some(json), _) => Body::Json(json.into_bytes()),
                (None, hex) => Body::Bytes(changes::from_hex(&hex.unwrap_or_default())),
            };
            Kept { topic: topic.clone(), event: row.get(0), body, id: row.get(3), at: time(row.get(4)), until: None }
        }));
        kept.sort_by_key(|kept| kept.at);
        let more = kept.len().saturating_sub(usize::try_from(limit).unwrap_or_default());
        Ok(kept.split_off(more))
    }

    fn broadcast(&mut self, incoming: &Incoming) {
        let most = self.inner.settings().max_messages_per_second;
        if self.inner.lock().messages.exceeds(most, Duration::from_secs(1)) {
            return self.shut_down(&incoming.topic, "Too many messages per second");
        }
        let Some(joined) = self.joined.get(&incoming.topic) else { return };
        let length = match &incoming.payload {
            Payload::Json(payload) => payload.to_string().len(),
            Payload::User { body: Body::Json(body) | Body::Bytes(body), .. } => body.len(),
        };
        if length > LARGEST_PAYLOAD {
            if joined.ack {
                self.reply(incoming, "error", &json!("payload_size_exceeded"));
            }
            return;
        }
        // Without the right to write nothing is said, not even that.
        if !joined.rights.write {
            return;
        }
        match &incoming.payload {
            Payload::Json(payload) => self.inner.lock().broadcast_json(&joined.name, self.id, payload),
            Payload::User { event, meta, body } if kept::asked(&meta["persist"]).is_some() => {
                self.inner.publish(&joined.name, Some(self.id), event, &meta["persist"], body);
            }
            Payload::User { event, body, .. } => {
                self.inner.lock().broadcast(&joined.name, Some(self.id), event, None, body)
            }
        }
        if joined.ack {
            self.reply(incoming, "ok", &json!({}));
        }
    }

    fn presence(&mut self, incoming: &Incoming) {
        let most = self.inner.settings().max_presence_calls;
        let Some(joined) = self.joined.get_mut(&incoming.topic) else { return };
        if joined.calls.exceeds(most, Duration::from_secs(30)) {
            return self.shut_down(&incoming.topic, "Client presence rate limit exceeded");
        }
        let Some(joined) = self.joined.get(&incoming.topic) else { return };
        let Payload::Json(payload) = &incoming.payload else { return };
        let event = payload["event"].as_str().unwrap_or_default().to_ascii_lowercase();
        let empty = Map::new();
        if !joined.rights.write_presence {
            return self.reply(incoming, "error", &json!({}));
        }
        match (event.as_str(), &payload["payload"]) {
            ("track", Value::Object(_) | Value::Null) => {
                let tracked = payload["payload"].as_object().unwrap_or(&empty);
                self.inner.lock().track(&joined.name, self.id, &joined.key, tracked);
                self.reply(incoming, "ok", &json!({}));
            }
            ("track", _) => self.reply(incoming, "error", &json!({ "reason": "Presence track payload must be a map" })),
            ("untrack", _) => {
                self.inner.lock().untrack(&joined.name, self.id, &joined.key);
                self.reply(incoming, "ok", &json!({}));
            }
            _ => self.reply(incoming, "error", &json!({})),
        }
    }

    async fn new_token(&mut self, incoming: &Incoming) {
        let topic = incoming.topic.clone();
        let Payload::Json(payload) = &incoming.payload else { return };
        let Some(token) = payload["access_token"].as_str() else { return };
        let Some(joined) = self.joined.get(&topic) else { return };
        if token.starts_with("sb_") || token == joined.token {
            return;
        }
        let (token, claims) = match self.check(token) {
            Ok(valid) => valid,
            Err(invalid) => return self.shut_down(&topic, &invalid.words),
        };
        let name = joined.name.clone();
        let channel = topic.strip_prefix("realtime:").unwrap_or(&topic).to_owned();
        if name.1 {
            match policy::rights(&self.inner, &channel, &claims).await {
                Ok(rights) if rights.read => {
                    if let Some(joined) = self.joined.get_mut(&topic) {
                        joined.rights = rights;
                    }
                }
                _ => {
                    let words = format!("You no longer have permission to read from this Channel topic: {channel}");
                    return self.shut_down(&topic, &words);
                }
            }
        }
        if let Some(joined) = self.joined.get_mut(&topic) {
            joined.token = token;
            joined.claims = claims.clone();
        }
        let mut renewed = false;
        for wanted in &mut self.inner.lock().wanted {
            if wanted.connection == self.id && wanted.topic == topic {
                wanted.claims = claims.clone();
                renewed = true;
            }
        }
        if renewed {
            self.system(&topic, "postgres_changes", "ok", "Subscribed to PostgreSQL");
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let topics: Vec<String> = self.joined.keys().cloned().collect();
        for topic in topics {
            self.leave(&topic);
        }
        self.inner.lock().sockets -= 1;
    }
}
