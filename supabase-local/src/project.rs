//! What the services of one database share: its keys, its database, its address.

use crate::cluster::{Cluster, OwnedDatabase};
use crate::keys::Keys;
use crate::services::auth::Auth;
use crate::services::functions::Functions;
use crate::services::realtime::Realtime;
use crate::services::rest::{Rest, RestSettings};
use crate::services::storage::Storage;

/// One project: a database and the services in front of it.
pub(crate) struct Project {
    keys: Keys,
    url: String,
    database: OwnedDatabase,
    rest: Rest,
    realtime: Realtime,
    auth: Auth,
    storage: Storage,
    functions: Functions,
}

impl Project {
    pub(crate) fn new(keys: Keys, url: String, database: OwnedDatabase, rest: RestSettings) -> Self {
        let realtime = Realtime::new(
            keys.clone(),
            database.cluster().socket_folder().to_owned(),
            database.cluster().port(),
            database.name().to_owned(),
        );
        let storage = Storage::new(database.cluster().supervisor().folder().to_owned());
        Self {
            realtime,
            storage,
            functions: Functions::default(),
            keys,
            url,
            database,
            rest: Rest::new(rest),
            auth: Auth::default(),
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

    pub(crate) fn functions(&self) -> &Functions {
        &self.functions
    }

    pub(crate) fn realtime(&self) -> &Realtime {
        &self.realtime
    }

    pub(crate) fn auth(&self) -> &Auth {
        &self.auth
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.storage
    }

    pub(crate) fn into_database(self) -> OwnedDatabase {
        self.database
    }
}
