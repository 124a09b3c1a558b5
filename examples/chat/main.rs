//! A terminal chat with presence: `SUPABASE_URL=… SUPABASE_ANON_KEY=… cargo run -p supabase-examples --bin chat -- ann`.

use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use supabase_core::prelude::*;
use supabase_core::realtime::{Broadcast, ChannelStatus, PresenceEvent};
use tokio::io::{AsyncBufReadExt, BufReader};

#[derive(Serialize, Deserialize)]
struct Line {
    from: String,
    text: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("SUPABASE_URL").map_err(|_| "set SUPABASE_URL")?;
    let key = std::env::var("SUPABASE_ANON_KEY").map_err(|_| "set SUPABASE_ANON_KEY")?;
    let name = std::env::args().nth(1).ok_or("say who you are: `chat ann`")?;

    let room = Client::new(&url, &key)?.channel("chat").ack(true).presence_key(&name);
    let (mut lines, mut people) = (room.on_broadcast("line"), room.on_presence());
    let mut statuses = Box::pin(room.statuses());
    room.subscribe().await?;
    room.track(&serde_json::json!({ "name": name })).await?;

    let mut typed = BufReader::new(tokio::io::stdin()).lines();
    loop {
        tokio::select! {
            text = typed.next_line() => match text? {
                Some(text) if !text.trim().is_empty() => {
                    // With `ack` this returns when the server has it, or says that it has not.
                    if let Err(error) = room.broadcast("line", &Line { from: name.clone(), text }).await {
                        println!("* not sent: {error}");
                    }
                }
                Some(_) => {}
                None => break,
            },
            Some(line) = lines.next() => match line? {
                Broadcast::Message(message) => {
                    let Line { from, text } = message.json()?;
                    println!("{from}: {text}");
                }
                Broadcast::Gap(_) => println!("* we were away; something may have been said"),
                Broadcast::Lagged(count) => println!("* {count} lines were too fast for us"),
                _ => {}
            },
            Some(event) = people.next() => match event? {
                PresenceEvent::Join { key, current, new } if current.len() == new.len() => println!("* {key} is here"),
                PresenceEvent::Leave { key, current, .. } if current.is_empty() => println!("* {key} left"),
                _ => {}
            },
            Some(status) = statuses.next() => {
                if let ChannelStatus::Waiting { reason, wait } = status {
                    println!("* away ({reason}), trying again in {} s", wait.as_secs());
                }
            }
        }
    }
    room.unsubscribe().await?;
    Ok(())
}
