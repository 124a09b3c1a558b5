//! What the services of one database share: its keys, its database, its address.

use crate::cluster::{Cluster, OwnedDatabase};
use crate::keys::Keys;
use crate::services::rest::{Rest, RestSettings};
use crate::services::storage::Storage;

/// One project: a database and the services in front of it.
pub(crate) struct Project {
    keys: Keys,
    url: String,
    database: OwnedDatabase,
    rest: Rest,
    storage: Storage,
}

impl Project {
    pub(crate) fn new(
        keys: Keys,
        url: String,
        database: OwnedDatabase,
        rest: RestSettings,
    ) -> Self {
        let storage = Storage::new(database.cluster().supervisor().folder().to_owned());
        Self {
            storage,
            keys,
            url,
            database,
            rest: Rest::new(rest),
        }
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The project URL, without a slash at its end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn cluster(&self) -> &Cluster {
        self.database.cluster()
    }

    /// The name of the database.
    pub(crate) fn database(&self) -> &str {
        self.database.name()
    }

    pub(crate) fn rest(&self) -> &Rest {
        &self.rest
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.storage
    }

    pub(crate) fn into_database(self) -> OwnedDatabase {
        self.database
    }
}
