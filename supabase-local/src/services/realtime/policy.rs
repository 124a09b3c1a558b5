//! What a role may do on a private channel: the policies on `realtime.messages` decide.

use super::Inner;
use super::sql::{literal, name};
use super::token::Claims;
use tokio_postgres::SimpleQueryMessage;

/// The rights of a member.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rights {
    pub(super) read: bool,
    pub(super) write: bool,
    pub(super) read_presence: bool,
    pub(super) write_presence: bool,
}

impl Rights {
    pub(super) const ALL: Self = Self { read: true, write: true, read_presence: true, write_presence: true };
}

/// Tries reading and writing as the role, in transactions that are rolled back.
pub(super) async fn rights(inner: &Inner, topic: &str, claims: &Claims) -> Result<Rights, String> {
    let client = inner.connect().await.map_err(|error| error.to_string())?;
    let become_role = format!(
        "select set_config('request.jwt.claims', {}, true), set_config('realtime.topic', {}, true); set local role {};",
        literal(&claims.json),
        literal(topic),
        name(&claims.role)
    );
    let topic = literal(topic);
    let mut rights = Rights::default();
    let read = format!(
        "begin; delete from realtime.messages where false; \
         insert into realtime.messages (topic, extension) values ({topic}, 'broadcast'), ({topic}, 'presence'); \
         {become_role} select distinct 'extension=' || extension from realtime.messages where topic = {topic}; rollback"
    );
    let answer = client.simple_query(&read).await;
    match answer {
        Ok(rows) => {
            for row in rows {
                if let SimpleQueryMessage::Row(row) = row {
                    match row.get(0) {
                        Some("extension=broadcast") => rights.read = true,
                        Some("extension=presence") => rights.read_presence = true,
                        _ => {}
                    }
                }
            }
        }
        Err(error) if error.as_db_error().is_some() => {
            client.simple_query("rollback").await.map_err(|error| error.to_string())?;
        }
        Err(error) => return Err(error.to_string()),
    }
    for extension in ["broadcast", "presence"] {
        let write = format!(
            "begin; {become_role} insert into realtime.messages (topic, extension) values ({topic}, '{extension}'); rollback"
        );
        match client.simple_query(&write).await {
            Ok(_) if extension == "broadcast" => rights.write = true,
            Ok(_) => rights.write_presence = true,
            Err(error) if error.as_db_error().is_some() => {
                client.simple_query("rollback").await.map_err(|error| error.to_string())?;
            }
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(rights)
}
