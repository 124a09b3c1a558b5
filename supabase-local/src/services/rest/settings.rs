//! How PostgREST is set: by default as in a hosted project.

use std::collections::BTreeMap;

/// Settings of the REST service. The default is that of hosted projects: schema `public`, aggregates and plans off,
/// at most 1000 rows, every request commits.
///
/// ```
/// let settings = supabase_local::RestSettings::default().aggregates(true).max_rows(None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestSettings {
    schemas: Vec<String>,
    aggregates: bool,
    plan: bool,
    allow_rollback: bool,
    max_rows: Option<u32>,
    anonymous: bool,
    jwt_secret: bool,
    others: BTreeMap<String, String>,
}

impl Default for RestSettings {
    fn default() -> Self {
        Self {
            schemas: vec!["public".to_owned()],
            aggregates: false,
            plan: false,
            allow_rollback: false,
            max_rows: Some(1000),
            anonymous: true,
            jwt_secret: true,
            others: BTreeMap::new(),
        }
    }
}

impl RestSettings {
    /// The exposed schemas; the first one is the default.
    #[must_use]
    pub fn schemas(mut self, schemas: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.schemas = schemas.into_iter().map(Into::into).collect();
        self
    }

    /// Whether `avg()`, `sum()` … may be selected.
    #[must_use]
    pub fn aggregates(mut self, on: bool) -> Self {
        self.aggregates = on;
        self
    }

    /// Whether `EXPLAIN` may be asked for.
    #[must_use]
    pub fn plan(mut self, on: bool) -> Self {
        self.plan = on;
        self
    }

    /// Whether a request may ask to be rolled back (`Prefer: tx=rollback`).
    #[must_use]
    pub fn allow_rollback(mut self, on: bool) -> Self {
        self.allow_rollback = on;
        self
    }

    /// The most rows that a read returns; `None` is no limit.
    #[must_use]
    pub fn max_rows(mut self, rows: impl Into<Option<u32>>) -> Self {
        self.max_rows = rows.into();
        self
    }

    /// Whether a request without a token acts as `anon`; otherwise it is refused.
    #[must_use]
    pub fn anonymous(mut self, on: bool) -> Self {
        self.anonymous = on;
        self
    }

    /// Whether the server knows the secret of the tokens; without it every token is refused.
    #[must_use]
    pub fn jwt_secret(mut self, on: bool) -> Self {
        self.jwt_secret = on;
        self
    }

    /// Any other setting of PostgREST, by its name in PostgREST's documentation, such as `db-pre-request`. It wins
    /// over everything else.
    #[must_use]
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.others.insert(name.into(), value.into());
        self
    }

    /// PostgREST's environment variables.
    pub(super) fn variables(&self, jwt_secret: &str) -> BTreeMap<String, String> {
        let flag = |on: bool| if on { "true" } else { "false" }.to_owned();
        let mut settings = BTreeMap::from([
            ("db-schemas".to_owned(), self.schemas.join(",")),
            ("db-extra-search-path".to_owned(), "public,extensions".to_owned()),
            ("db-aggregates-enabled".to_owned(), flag(self.aggregates)),
            ("db-plan-enabled".to_owned(), flag(self.plan)),
            ("db-tx-end".to_owned(), if self.allow_rollback { "commit-allow-override" } else { "commit" }.to_owned()),
        ]);
        if let Some(rows) = self.max_rows {
            settings.insert("db-max-rows".to_owned(), rows.to_string());
        }
        if self.anonymous {
            settings.insert("db-anon-role".to_owned(), "anon".to_owned());
        }
        if self.jwt_secret {
            settings.insert("jwt-secret".to_owned(), jwt_secret.to_owned());
        }
        settings.extend(self.others.clone());
        settings
            .into_iter()
            .map(|(name, value)| (format!("PGRST_{}", name.to_uppercase().replace(['-', '.'], "_")), value))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_a_hosted_project() {
        let set = RestSettings::default().variables("secret");
        let value = |name: &str| set.get(name).map(String::as_str);
        assert_eq!(value("PGRST_DB_SCHEMAS"), Some("public"));
        assert_eq!(value("PGRST_DB_MAX_ROWS"), Some("1000"));
        assert_eq!(value("PGRST_DB_TX_END"), Some("commit"));
        assert_eq!(value("PGRST_DB_AGGREGATES_ENABLED"), Some("false"));
        assert_eq!(value("PGRST_DB_ANON_ROLE"), Some("anon"));
        assert_eq!(value("PGRST_JWT_SECRET"), Some("secret"));
    }

    #[test]
    fn what_is_switched_off_is_absent_and_extras_win() {
        let set = RestSettings::default()
            .max_rows(None)
            .anonymous(false)
            .jwt_secret(false)
            .setting("db-tx-end", "rollback")
            .variables("secret");
        for absent in ["PGRST_DB_MAX_ROWS", "PGRST_DB_ANON_ROLE", "PGRST_JWT_SECRET"] {
            assert!(!set.contains_key(absent), "{absent}");
        }
        assert_eq!(set.get("PGRST_DB_TX_END").map(String::as_str), Some("rollback"));
    }
}
