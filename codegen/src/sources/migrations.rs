//! A folder of migrations, applied to a throw-away PostgreSQL that is on this machine, and read from there. Needs
//! neither a running database nor Docker.

use std::path::{Path, PathBuf};

use crate::error::SourceError;

/// `supabase/migrations` in the current folder or one above it.
#[must_use]
pub fn find() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().map(|folder| folder.join("supabase/migrations")).find(|folder| has_sql(folder))
}

fn has_sql(folder: &Path) -> bool {
    let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    files.map(|file| file.path()).any(|path| path.extension().is_some_and(|extension| extension == "sql"))
}

/// The schemas that `config.toml` beside the folder of migrations offers to the REST interface (`[api] schemas`);
/// nothing where there is no such file. `graphql_public` has no tables, and the services' schemas are not made here.
///
/// # Errors
/// When the file is there and cannot be understood.
pub fn schemas(folder: &Path) -> Result<Option<Vec<String>>, SourceError> {
    let Some(file) = folder.parent().map(|folder| folder.join("config.toml")).filter(|file| file.exists()) else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(&file).map_err(|source| SourceError::Read {
        what: "the project's configuration",
        path: file.clone(),
        source,
    })?;
    let wrong = |reason: String| SourceError::Document { what: file.display().to_string(), reason };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?;
    let Some(schemas) = table.get("api").and_then(|api| api.get("schemas")) else {
        return Ok(None);
    };
    let names: Option<Vec<String>> = schemas
        .as_array()
        .and_then(|names| names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>());
    let names = names.ok_or_else(|| wrong("`schemas` of [api] is no list of names".to_owned()))?;
    let own: Vec<String> =
        names.into_iter().filter(|name| !matches!(name.as_str(), "graphql_public" | "storage" | "graphql")).collect();
    Ok(Some(own).filter(|names| !names.is_empty()))
}

/// Applies the migrations and reads the schemas.
///
/// # Errors
/// When there is no PostgreSQL on this machine, a migration fails, or a schema does not exist.
#[cfg(all(feature = "migrations", unix))]
pub(super) async fn introspect(
    folder: &Path,
    schemas: &[String],
) -> Result<crate::sources::catalog::Catalog, crate::error::Error> {
    let failed = |error: supabase_local::Error| SourceError::Migrations { reason: error.to_string() };
    if !has_sql(folder) {
        let reason = format!("{} has no *.sql files; name the folder with --migrations", folder.display());
        return Err(SourceError::Migrations { reason }.into());
    }
    let cluster = supabase_local::Cluster::start().await.map_err(failed)?;
    let database = cluster.create_database("codegen").await.map_err(failed)?;
    database.apply_migrations(folder).await.map_err(failed)?;
    let catalog = crate::sources::postgres::introspect(&database.url(), schemas).await;
    drop(database);
    cluster.stop().await.map_err(failed)?;
    catalog
}

/// Says how to get what this build lacks.
#[cfg(not(all(feature = "migrations", unix)))]
pub(super) async fn introspect(
    _folder: &Path,
    _schemas: &[String],
) -> Result<crate::sources::catalog::Catalog, crate::error::Error> {
    Err(SourceError::NotBuiltIn { source_name: "migrations", feature: "migrations" }.into())
}
