//! The tables `storage.buckets` and `storage.objects`, asked as the caller's role or as superuser.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

use super::refusal::{Answer, Refusal};
use super::token::Caller;
use crate::project::Project;

/// Connections that no transaction is using.
#[derive(Default)]
pub(super) struct Pool(Mutex<Vec<Client>>);

impl Pool {
    fn take(&self) -> Option<Client> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().filter(|client| !client.is_closed())
    }

    fn give(&self, client: Client) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(client);
    }

    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// A transaction. Dropped without an end, it takes its connection along, and the server rolls back.
pub(super) struct Transaction {
    client: Client,
    pool: Arc<Pool>,
}

pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Transaction {
    async fn begin(project: &Project) -> Answer<Self> {
        let pool = project.storage().pool();
        let client = match pool.take() {
            Some(client) => client,
            None => project.cluster().connect(project.database()).await.map_err(|_| Refusal::internal())?,
        };
        client.batch_execute("begin").await.map_err(|error| Refusal::database(&error, ""))?;
        Ok(Self { client, pool })
    }

    /// Whoever asks, with row level security.
    pub(super) async fn of(project: &Project, caller: &Caller) -> Answer<Self> {
        let this = Self::begin(project).await?;
        let claims = caller.claims.to_string();
        this.rows(
            "select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)",
            &[&claims, &caller.role()],
        )
        .await?;
        Ok(this)
    }

    /// The service itself.
    pub(super) async fn service(project: &Project) -> Answer<Self> {
        Self::begin(project).await
    }

    pub(super) async fn rows(&self, sql: &str, params: Params<'_>) -> Answer<Vec<tokio_postgres::Row>> {
        self.rows_or(sql, params, "ResourceAlreadyExists").await
    }

    /// The same with the code that an existing key gets.
    pub(super) async fn rows_or(
        &self,
        sql: &str,
        params: Params<'_>,
        duplicate: &str,
    ) -> Answer<Vec<tokio_postgres::Row>> {
        self.client.query(sql, params).await.map_err(|error| Refusal::database(&error, duplicate))
    }

    /// The first column of every row, as JSON.
    pub(super) async fn json(&self, sql: &str, params: Params<'_>) -> Answer<Vec<Value>> {
        self.json_or(sql, params, "ResourceAlreadyExists").await
    }

    pub(super) async fn json_or(&self, sql: &str, params: Params<'_>, duplicate: &str) -> Answer<Vec<Value>> {
        Ok(self.rows_or(sql, params, duplicate).await?.into_iter().map(|row| row.get(0)).collect())
    }

    pub(super) async fn commit(self) -> Answer<()> {
        self.end("commit").await
    }

    pub(super) async fn rollback(self) -> Answer<()> {
        self.end("rollback").await
    }

    async fn end(self, how: &str) -> Answer<()> {
        self.client.batch_execute(how).await.map_err(|error| Refusal::database(&error, ""))?;
        self.pool.give(self.client);
        Ok(())
    }
}

/// A timestamp as JavaScript writes it.
macro_rules! iso {
    ($column:literal) => {
        concat!("'", $column, "', to_char(", $column, " at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
    };
}

/// A row of `storage.objects` as JSON.
pub(super) const OBJECT: &str = concat!(
    "jsonb_build_object('id', id, 'name', name, 'bucket_id', bucket_id, 'owner', coalesce(owner::text, ''), ",
    "'owner_id', coalesce(owner_id, ''), 'version', version, 'metadata', metadata, 'user_metadata', user_metadata, ",
    iso!("created_at"),
    ", ",
    iso!("updated_at"),
    ", ",
    iso!("last_accessed_at"),
    ")"
);

/// A row of `storage.buckets` as JSON.
pub(super) const BUCKET: &str = concat!(
    "jsonb_build_object('id', id, 'name', name, 'owner', coalesce(owner_id, ''), 'public', public, ",
    "'file_size_limit', file_size_limit, 'allowed_mime_types', allowed_mime_types, ",
    iso!("created_at"),
    ", ",
    iso!("updated_at"),
    ")"
);

/// A bucket, whoever may see it.
pub(super) async fn bucket(project: &Project, id: &str) -> Answer<Option<Value>> {
    let transaction = Transaction::service(project).await?;
    let found = transaction.json(&format!("select {BUCKET} from storage.buckets where id = $1"), &[&id]).await?;
    transaction.commit().await?;
    Ok(found.into_iter().next())
}

/// An object that the caller may see; `None` stands for the service itself.
pub(super) async fn object(
    project: &Project,
    caller: Option<&Caller>,
    bucket: &str,
    key: &str,
) -> Answer<Option<Value>> {
    let transaction = match caller {
        Some(caller) => Transaction::of(project, caller).await?,
        None => Transaction::service(project).await?,
    };
    let sql = format!("select {OBJECT} from storage.objects where bucket_id = $1 and name = $2");
    let found = transaction.json(&sql, &[&bucket, &key]).await?;
    transaction.commit().await?;
    Ok(found.into_iter().next())
}
