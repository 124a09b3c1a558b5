//! One database that is dropped together with its owner.

use crate::background;
use crate::cluster::Cluster;
use crate::error::{Error, Result};

pub(crate) struct OwnedDatabase {
    cluster: Cluster,
    name: String,
    dropped: bool,
}

impl std::fmt::Debug for OwnedDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnedDatabase").field("name", &self.name).finish_non_exhaustive()
    }
}

impl OwnedDatabase {
    /// Makes a database as a copy of another one, to which nobody may be connected.
    pub(crate) async fn create(cluster: &Cluster, name: &str, template: &str) -> Result<Self> {
        // Letters, digits and underscores need no quoting anywhere: in SQL, in URLs, in settings.
        let plain: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
            .take(40)
            .collect();
        let name = format!("{plain}_{}", cluster.next_number());
        let (cluster, template) = (cluster.clone(), template.to_owned());
        background::run(async move {
            let sql = format!("create database \"{name}\" template \"{template}\" strategy file_copy");
            cluster.execute("postgres", &sql, &format!("create the database {name}")).await?;
            Ok(Self { cluster, name, dropped: false })
        })
        .await
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Drops the database and waits for it.
    pub(crate) async fn drop_now(mut self) -> Result<()> {
        self.dropped = true;
        let (cluster, name) = (self.cluster.clone(), self.name.clone());
        background::run(async move { drop_database(&cluster, &name).await }).await
    }
}

/// How often dropping is tried while a session of realtime, which holds a replication slot, is still ending.
const TRIES: u32 = 50;

async fn drop_database(cluster: &Cluster, name: &str) -> Result<()> {
    let action = format!("drop the database {name}");
    let mut left = TRIES;
    loop {
        let dropped =
            cluster.execute("postgres", &format!("drop database if exists \"{name}\" with (force)"), &action).await;
        match dropped {
            // object_in_use: `force` ends sessions, but not where one of them holds a slot.
            Err(Error::Database { message, .. }) if message.contains("(55006)") && left > 0 => {
                left -= 1;
                let end = format!(
                    "select pg_terminate_backend(active_pid) from pg_replication_slots where database = '{name}' and active"
                );
                cluster.execute("postgres", &end, &action).await?;
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            other => return other,
        }
    }
}

impl Drop for OwnedDatabase {
    fn drop(&mut self) {
        // With the last handle the whole cluster goes.
        if self.dropped || self.cluster.is_last_handle() {
            return;
        }
        let (cluster, name) = (self.cluster.clone(), std::mem::take(&mut self.name));
        if let Ok(runtime) = background::runtime() {
            runtime.spawn(async move {
                // A server that was stopped meanwhile has taken the database with it.
                let _ = drop_database(&cluster, &name).await;
            });
        }
    }
}
