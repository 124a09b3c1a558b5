//! The recorded conversations, line by line: what the official client said is said by ours after the same call, and
//! what the server said is said to ours, which has to give it to the application.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use supabase_core::realtime::{ChangeKind, Message, RealtimeEvent, RealtimeOptions, Version};
use supabase_core::{Client, Error, ErrorKind};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::super::Tally;
use super::effect::{Effects, Events};
use super::frame::{Frame, bytes_of};
use super::memory::{Memory, Server};

const KEY: &str = "sb_publishable_testkey";
/// How long anything may take that happens in memory.
const PATIENCE: Duration = Duration::from_secs(5);

const BYTES_IN_V1: &str =
    "supabase-js sends bytes as `{}` in version 1.0.0, which loses them; ours refuses, and names 2.0.0";
const PRESENCE_TYPE: &str =
    "supabase-py leaves out the type of a presence message, and sends an empty payload with untrack";
const SIGNED_OUT: &str = "supabase-js tells the key as the access token of somebody who has signed out, which the server ignores: it goes on \
     telling the user's messages; ours leaves and joins anew";
const HEARTBEAT_REF: &str =
    "a heartbeat of supabase-py has no reference, so that it cannot know which one was answered; ours have one each";

/// What a line came to: the same, or different for a reason.
type Came = Result<Option<&'static str>, String>;

/// A call under way.
struct Call {
    /// It ends well only when the server says so.
    acknowledged: bool,
    done: JoinHandle<Result<(), Error>>,
}

struct Conversation {
    client: Client,
    version: Version,
    servers: mpsc::UnboundedReceiver<Server>,
    server: Option<Server>,
    events: Events,
    channels: HashMap<String, Effects>,
    /// The recorded references, and ours in their place.
    refs: HashMap<String, String>,
    /// What was called, by the recorded reference of its frame.
    calls: HashMap<String, Call>,
    /// The recorded references of frames that ours refuses to send.
    unsaid: Vec<String>,
}

async fn soon<T>(what: &str, future: impl Future<Output = T>) -> Result<T, String> {
    tokio::time::timeout(PATIENCE, future).await.map_err(|_| format!("{what}: not within {} s", PATIENCE.as_secs()))
}

impl Conversation {
    fn new(version: Version) -> Self {
        let (memory, servers) = Memory::new();
        let options = RealtimeOptions::new()
            .version(version)
            .connector(memory)
            .reply_deadline(Duration::from_millis(300))
            .heartbeat(Duration::from_millis(15), PATIENCE);
        let client = Client::builder("https://example.supabase.co", KEY).realtime(options).build();
        let client = client.expect("a URL and a key");
        let events = Events::of(&client);
        Self {
            client,
            version,
            servers,
            server: None,
            events,
            channels: HashMap::new(),
            refs: HashMap::new(),
            calls: HashMap::new(),
            unsaid: Vec::new(),
        }
    }

    async fn line(&mut self, line: &Value) -> Came {
        match line["dir"].as_str() {
            Some("open") => self.open(line).await,
            Some("close") => self.close().await,
            direction => {
                let frame = Frame::recorded(line).ok_or("a line that is no frame")?;
                if direction == Some("c2s") { self.said(&frame).await } else { self.told(line, &frame).await }
            }
        }
    }

    async fn open(&mut self, line: &Value) -> Came {
        let realtime = self.client.realtime();
        let connecting = tokio::spawn(async move { realtime.connect().await });
        let server = soon("the socket", self.servers.recv()).await?.ok_or("no socket")?;
        soon("connecting", connecting).await?.map_err(text)?.map_err(text)?;
        let path = line["path"].as_str().unwrap_or_default();
        if server.url != format!("wss://example.supabase.co{path}") {
            return Err(format!("theirs {path}, ours {}", server.url));
        }
        self.server = Some(server);
        Ok(None)
    }

    /// Nothing may be said any more but the goodbye.
    async fn close(&mut self) -> Came {
        let mut server = self.server.take().ok_or("no socket")?;
        self.client.realtime().disconnect().await;
        while let Some(message) = soon("the end of the socket", server.hear()).await? {
            match Frame::said(&message) {
                Some(frame) if frame.event != "heartbeat" => return Err(format!("more was said: {frame:?}")),
                _ => {}
            }
        }
        Ok(None)
    }

    /// The next frame of our client. Heartbeats that are not waited for are answered.
    async fn hear(&mut self, heartbeat: bool) -> Result<Frame, String> {
        let version = self.version;
        let server = self.server.as_mut().ok_or("no socket")?;
        loop {
            let message = soon("the frame", server.hear()).await?.ok_or("the socket has ended")?;
            let frame = Frame::said(&message).ok_or_else(|| format!("no frame of the protocol: {message:?}"))?;
            if (frame.event == "heartbeat") == heartbeat {
                return Ok(frame);
            }
            if heartbeat {
                return Err(format!("a heartbeat was due, and this was said: {frame:?}"));
            }
            answer(server, version, &frame);
        }
    }

    /// Makes the call that the frame is of, and compares what is said.
    async fn said(&mut self, theirs: &Frame) -> Came {
        let heartbeat = theirs.event == "heartbeat";
        if !heartbeat {
            let call = self.call(theirs)?;
            if self.version == Version::V1 && theirs.payload["event"] == "bin" {
                self.unsaid.extend(theirs.reference.clone());
                return match soon("the refusal", call.done).await?.map_err(text)? {
                    Err(error) if error.kind() == ErrorKind::Refused => Ok(Some(BYTES_IN_V1)),
                    other => Err(format!("bytes in version 1 gave {other:?}")),
                };
            }
            self.calls.insert(theirs.reference.clone().unwrap_or_default(), call);
        }
        let ours = self.hear(heartbeat).await?;
        if let (Some(their), Some(our)) = (&theirs.reference, &ours.reference) {
            self.refs.insert(their.clone(), our.clone());
        }
        if theirs.event == "access_token" && theirs.payload["access_token"] == KEY {
            return self.joins_anew(theirs, &ours).await;
        }
        let mut wanted = theirs.clone();
        let mut reason = None;
        if heartbeat && theirs.reference.is_none() {
            if ours.reference.is_none() {
                return Err("a heartbeat without a reference".to_owned());
            }
            reason = Some(HEARTBEAT_REF);
            let version = self.version;
            let server = self.server.as_ref().ok_or("no socket")?;
            answer(server, version, &ours);
        }
        if theirs.event == "presence" && theirs.payload["type"].is_null() {
            reason = Some(PRESENCE_TYPE);
            wanted.payload["type"] = json!("presence");
            if wanted.payload["event"] == "untrack"
                && let Some(payload) = wanted.payload.as_object_mut()
            {
                payload.remove("payload");
            }
        }
        wanted.reference.clone_from(&ours.reference);
        wanted.join_ref = match &theirs.join_ref {
            Some(theirs) => Some(self.refs.get(theirs).ok_or("a join that was not recorded")?.clone()),
            None => None,
        };
        if wanted == ours { Ok(reason) } else { Err(format!("theirs {wanted:?}, ours {ours:?}")) }
    }

    /// What ours does where theirs tells the key as a token.
    async fn joins_anew(&mut self, theirs: &Frame, ours: &Frame) -> Came {
        if ours.event != "phx_leave" || ours.topic != theirs.topic {
            return Err(format!("the channel goes on as the user who has signed out: {ours:?}"));
        }
        let version = self.version;
        answer(self.server.as_ref().ok_or("no socket")?, version, ours);
        let join = self.hear(false).await?;
        if join.event != "phx_join" || join.payload["access_token"] != KEY {
            return Err(format!("no join with the key: {join:?}"));
        }
        answer(self.server.as_ref().ok_or("no socket")?, version, &join);
        let anew = join.reference.ok_or("a join without a reference")?;
        for recorded in [&theirs.join_ref, &theirs.reference].into_iter().flatten() {
            self.refs.insert(recorded.clone(), anew.clone());
        }
        Ok(Some(SIGNED_OUT))
    }

    /// The call of an application that makes a client say this.
    fn call(&mut self, frame: &Frame) -> Result<Call, String> {
        let topic = frame.topic.strip_prefix("realtime:").ok_or("a topic of realtime")?.to_owned();
        let payload = frame.payload.clone();
        let realtime = self.client.realtime();
        let auth = |token: &Value| {
            let token = token.as_str().filter(|token| *token != KEY);
            realtime.set_auth(token);
        };
        if frame.event == "phx_join" {
            auth(&payload["access_token"]);
            let effects = Effects::of(&self.client, &topic, &payload["config"]).map_err(text)?;
            let channel = effects.channel.clone();
            self.channels.insert(frame.topic.clone(), effects);
            return Ok(Call { acknowledged: true, done: tokio::spawn(async move { channel.subscribe().await }) });
        }
        if frame.event == "access_token" {
            auth(&payload["access_token"]);
            return Ok(Call { acknowledged: false, done: tokio::spawn(async { Ok(()) }) });
        }
        let effects = self.channels.get(&frame.topic).ok_or("a channel that was not joined")?;
        let channel = effects.channel.clone();
        let acknowledged = frame.event != "broadcast" || effects.ack;
        let binary = frame.binary == Some((3, false));
        let event = payload["event"].as_str().unwrap_or_default().to_owned();
        let done = match (frame.event.as_str(), event.as_str()) {
            ("phx_leave", _) => tokio::spawn(async move { realtime.remove_channel(channel).await }),
            ("presence", "track") => tokio::spawn(async move { channel.track(&payload["payload"]).await }),
            ("presence", "untrack") => tokio::spawn(async move { channel.untrack().await }),
            // In version 1 the recorded payload has lost the bytes.
            ("broadcast", "bin") => tokio::spawn(async move {
                let bytes: Vec<u8> = serde_json::from_value(payload["payload"].clone()).unwrap_or_default();
                channel.broadcast_bytes("bin", bytes).await
            }),
            ("broadcast", _) if !binary => {
                tokio::spawn(async move { channel.broadcast(&event, &payload["payload"]).await })
            }
            _ => return Err("a call that is not known".to_owned()),
        };
        Ok(Call { acknowledged, done })
    }

    /// Tells our client what the server said, and looks what becomes of it.
    async fn told(&mut self, line: &Value, frame: &Frame) -> Came {
        let about = frame.reference.clone().or_else(|| frame.join_ref.clone()).unwrap_or_default();
        if frame.event == "phx_reply" && self.unsaid.contains(&about) {
            return Ok(Some(BYTES_IN_V1));
        }
        let message = match line["hex"].as_str() {
            Some(hex) => Message::Binary(bytes_of(hex).into()),
            None => Message::Text(self.translated(&line["frame"]).to_string()),
        };
        self.server.as_ref().ok_or("no socket")?.say(message);
        if frame.topic == "phoenix" {
            soon(
                "the heartbeat's answer",
                self.events.until(|event| matches!(event, RealtimeEvent::HeartbeatAnswered(_))),
            )
            .await?;
            return Ok(None);
        }
        let effects = self.channels.get_mut(&frame.topic).ok_or("a channel that was not joined")?;
        match frame.event.as_str() {
            "phx_reply" => {
                let call = self.calls.get_mut(&about).ok_or("a reply to nothing")?;
                if frame.payload["response"]["postgres_changes"].as_array().is_some_and(|asked| !asked.is_empty()) {
                    // The database has not confirmed yet.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    if call.done.is_finished() {
                        return Err("subscribing did not wait for the database".to_owned());
                    }
                    effects.joining = Some(about);
                    return Ok(None);
                }
                soon("the call", &mut call.done).await?.map_err(text)?.map_err(text)?;
                self.calls.remove(&about);
            }
            "system" => {
                soon("the system message", effects.system(&frame.payload)).await??;
                if let Some(call) = effects.joining.take().and_then(|joining| self.calls.remove(&joining)) {
                    soon("subscribing", call.done).await?.map_err(text)?.map_err(text)?;
                }
            }
            "presence_state" | "presence_diff" => {
                effects.expect(&frame.event, &frame.payload);
                soon("presence", effects.present()).await?;
            }
            "broadcast" => soon("the broadcast", effects.broadcast(&frame.payload)).await??,
            "postgres_changes" => soon("the change", effects.change(&frame.payload)).await??,
            "phx_close" => effects.left()?,
            other => return Err(format!("`{other}` is not known")),
        }
        Ok(None)
    }

    /// With our references in the place of theirs.
    fn translated(&self, frame: &Value) -> Value {
        let mut frame = frame.clone();
        let ours = |value: &mut Value| {
            if let Some(our) = value.as_str().and_then(|their| self.refs.get(their)) {
                *value = json!(our);
            }
        };
        match &mut frame {
            Value::Array(parts) => parts.iter_mut().take(2).for_each(ours),
            Value::Object(parts) => {
                parts
                    .iter_mut()
                    .filter(|(name, _)| matches!(name.as_str(), "ref" | "join_ref"))
                    .for_each(|(_, value)| ours(value));
            }
            _ => {}
        }
        frame
    }

    /// What the recorded server never answered must not have come to a good end.
    async fn finish(self) -> Result<(), String> {
        for (reference, Call { acknowledged, done }) in self.calls {
            let done = soon("a call that nobody answers", done).await?.map_err(text)?;
            if acknowledged && done.is_ok() {
                return Err(format!("what ref {reference} said was never acknowledged, and ours says that it was"));
            }
        }
        Ok(())
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Answers what was said: it is done. A join is told its row changes, numbered, as the server does.
fn answer(server: &Server, version: Version, frame: &Frame) {
    let mut response = json!({});
    if let Some(asked) = frame.payload["config"]["postgres_changes"].as_array() {
        let mut told = asked.clone();
        told.iter_mut().enumerate().for_each(|(at, change)| change["id"] = json!(at + 1));
        response = json!({ "postgres_changes": told });
    }
    let payload = json!({ "status": "ok", "response": response });
    let Frame { join_ref, reference, topic, .. } = frame;
    let answer = match version {
        Version::V1 => {
            json!({ "topic": topic, "event": "phx_reply", "payload": payload, "ref": reference, "join_ref": join_ref })
        }
        _ => json!([join_ref, reference, topic, "phx_reply", payload]),
    };
    server.say(Message::Text(answer.to_string()));
}

/// What a recorded change is called with us.
pub(super) fn kind(event: &Value) -> Option<ChangeKind> {
    match event.as_str() {
        Some("INSERT") => Some(ChangeKind::Insert),
        Some("UPDATE") => Some(ChangeKind::Update),
        Some("DELETE") => Some(ChangeKind::Delete),
        _ => None,
    }
}

/// Replays every recorded conversation.
pub async fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    let mut diverging = 0;
    for (file, version) in
        [("ws_js_vsn2.jsonl", Version::V2), ("ws_js_vsn1.jsonl", Version::V1), ("ws_py_vsn1.jsonl", Version::V1)]
    {
        let lines: Vec<Value> = super::super::lines(&folder.join(file));
        let mut conversation = Conversation::new(version);
        for (at, line) in lines.iter().enumerate() {
            tally.all += 1;
            let name = format!("{file}:{}", at + 1);
            match conversation.line(line).await {
                Ok(None) => tally.good += 1,
                Ok(Some(reason)) => {
                    tally.good += 1;
                    diverging += 1;
                    tally.notes.push(format!("{name}: {reason}"));
                }
                Err(why) => {
                    // What follows depends on it.
                    tally.failures.push(format!("{name}: {why}"));
                    tally.all += lines.len() - at - 1;
                    break;
                }
            }
        }
        if let Err(why) = conversation.finish().await {
            tally.failures.push(format!("{file}: {why}"));
        }
    }
    tally.summary = format!(
        "realtime conversations: {} of {} lines ({} equal, {diverging} differ for a reason)",
        tally.good,
        tally.all,
        tally.good - diverging
    );
    tally
}
