//! A terminal chat with presence: `SUPABASE_URL=… SUPABASE_ANON_KEY=… cargo run -p supabase-examples --bin chat -- ann`.
//! Escape leaves.

use crossterm::event::{Event, EventStream, KeyCode, KeyEventKind};
use futures_util::StreamExt;
use ratatui::layout::{Constraint, Layout};
use ratatui::widgets::{Block, List, Paragraph};
use ratatui::{DefaultTerminal, Frame};
use serde::{Deserialize, Serialize};
use supabase_core::Client;
use supabase_core::realtime::{Broadcast, Channel, ChannelStatus};

#[derive(Serialize, Deserialize)]
struct Line {
    from: String,
    text: String,
}

#[derive(Default)]
struct Screen {
    lines: Vec<String>,
    people: Vec<String>,
    typed: String,
    status: String,
}

impl Screen {
    fn draw(&self, frame: &mut Frame<'_>) {
        let [upper, lower] = Layout::vertical([Constraint::Fill(1), Constraint::Length(3)]).areas(frame.area());
        let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(20)]).areas(upper);
        let room = usize::from(left.height.saturating_sub(2));
        let latest = self.lines.iter().skip(self.lines.len().saturating_sub(room)).map(String::as_str);
        frame.render_widget(List::new(latest).block(Block::bordered().title(self.status.as_str())), left);
        frame.render_widget(
            List::new(self.people.iter().map(String::as_str)).block(Block::bordered().title("here")),
            right,
        );
        frame.render_widget(Paragraph::new(self.typed.as_str()).block(Block::bordered().title("say")), lower);
    }
}

async fn chat(terminal: &mut DefaultTerminal, room: &Channel, name: &str) -> Result<(), Box<dyn std::error::Error>> {
    let (mut lines, mut people) = (room.on_broadcast("line"), room.on_presence());
    let mut statuses = Box::pin(room.statuses());
    room.subscribe().await?;
    room.track(&serde_json::json!({ "name": name })).await?;

    let (mut screen, mut keys) = (Screen::default(), EventStream::new());
    let (unsent, mut not_sent) = tokio::sync::mpsc::unbounded_channel();
    loop {
        terminal.draw(|frame| screen.draw(frame))?;
        tokio::select! {
            Some(event) = keys.next() => match event? {
                Event::Key(key) if key.kind == KeyEventKind::Press => match key.code {
                    KeyCode::Esc => return Ok(()),
                    KeyCode::Char(letter) => screen.typed.push(letter),
                    KeyCode::Backspace => drop(screen.typed.pop()),
                    KeyCode::Enter if !screen.typed.trim().is_empty() => {
                        let line = Line { from: name.to_owned(), text: std::mem::take(&mut screen.typed) };
                        let (room, unsent) = (room.clone(), unsent.clone());
                        // With `ack` this ends when the server has it, or says that it has not; keys go on meanwhile.
                        tokio::spawn(async move {
                            if let Err(error) = room.broadcast("line", &line).await {
                                let _ = unsent.send(format!("* not sent: {error}"));
                            }
                        });
                    }
                    _ => {}
                },
                _ => {}
            },
            Some(line) = not_sent.recv() => screen.lines.push(line),
            Some(line) = lines.next() => screen.lines.push(match line? {
                Broadcast::Message(message) => {
                    let Line { from, text } = message.json()?;
                    format!("{from}: {text}")
                }
                Broadcast::Gap(_) => "* we were away; something may have been said".to_owned(),
                Broadcast::Lagged(count) => format!("* {count} lines were too fast for us"),
                _ => continue,
            }),
            Some(event) = people.next() => {
                event?;
                screen.people = room.presence_state().into_keys().collect();
            }
            Some(status) = statuses.next() => screen.status = match status {
                ChannelStatus::Joined => format!("{name} in {}", room.topic()),
                ChannelStatus::Waiting { reason, wait } => format!("away: {reason}; again in {} s", wait.as_secs()),
                other => format!("{other:?}"),
            },
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("SUPABASE_URL").map_err(|_| "set SUPABASE_URL")?;
    let key = std::env::var("SUPABASE_ANON_KEY").map_err(|_| "set SUPABASE_ANON_KEY")?;
    let name = std::env::args().nth(1).ok_or("say who you are: `chat ann`")?;

    // One hears oneself, so that everybody reads the lines in the same order.
    let room = Client::new(&url, &key)?.channel("chat").ack(true).receive_own(true).presence_key(&name);
    let mut terminal = ratatui::try_init()?;
    let done = chat(&mut terminal, &room, &name).await;
    ratatui::restore();
    done?;
    room.unsubscribe().await?;
    Ok(())
}
