//! The generator against a real PostgreSQL, its output against the compiler, its relationships against a real PostgREST.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

mod support;

use supabase_codegen::config::Config;
use supabase_codegen::error::{ConnectError, Error, IntrospectError};
use supabase_codegen::model::relation::Cardinality;
use supabase_codegen::model::{self, Model};
use supabase_codegen::write::Written;
use supabase_codegen::{Builder, sources};
use supabase_local::{Cluster, Stack};

async fn model_of(url: &str, schemas: &[&str]) -> Model {
    let schemas: Vec<String> = schemas.iter().map(|schema| (*schema).to_owned()).collect();
    let catalog = sources::postgres::introspect(url, &schemas).await.unwrap();
    model::build(&catalog, &Config::default()).unwrap()
}

/// The checked-in output is what the databases say; `BLESS=1` writes it anew.
#[tokio::test]
async fn checked_in_output_is_up_to_date() {
    let cluster = Cluster::start().await.unwrap();
    for (name, sql, schemas) in [
        ("planets", support::planets(), vec!["public", "inventory"]),
        ("odd", support::ODD.to_owned(), vec!["odd", "Second, schema"]),
    ] {
        let database = support::database(&cluster, name, &sql).await;
        let builder = Builder::new().db_url(database.url()).schemas(&schemas).out(support::checked_in(name));
        if support::bless() {
            builder.generate().unwrap();
        }
        let differences = builder.check().unwrap();
        let told: Vec<String> = differences
            .files
            .iter()
            .map(|file| format!("{}\n{}\n{}", file.path, file.facts.join("\n"), file.diff))
            .collect();
        assert!(differences.is_empty(), "run the test with BLESS=1 if this is meant:\n{}", told.join("\n"));
    }
}

/// Schemas that nobody made for us: hundreds of views, thousands of functions, pseudo-types.
#[tokio::test]
async fn the_catalogs_themselves_compile() {
    let cluster = Cluster::start().await.unwrap();
    let database = support::database(&cluster, "catalogs", "").await;
    for schema in ["information_schema", "pg_catalog", "auth"] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("db");
        let report = Builder::new().db_url(database.url()).schema(schema).out(&out).generate().unwrap();
        assert!(report.counts.tables + report.counts.views > 0, "{schema}: {}", report.counts);
        support::compile(&out);
    }
}

/// What is generated as one file compiles as well, and two runs give the same.
#[tokio::test]
async fn one_file() {
    let cluster = Cluster::start().await.unwrap();
    let database = support::database(&cluster, "single", support::ODD).await;
    let builder = Builder::new().db_url(database.url()).schemas(["odd", "Second, schema"]);
    let (first, _) = builder.render_single().unwrap();
    let (second, _) = builder.render_single().unwrap();
    assert_eq!(first, second);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("db.rs"), first).unwrap();
    support::compile(&folder.path().join("db"));
}

/// Every generated relationship is one that PostgREST finds, and has the shape that was promised.
#[tokio::test]
async fn relationships_can_be_asked_for() {
    let odd = format!(
        "{}\ngrant usage on schema odd to anon; grant all on all tables in schema odd to anon; refresh materialized view odd.kept;
         -- PostgREST 12 cannot load a schema with a foreign table whose wrapper has no handler.
         drop foreign table odd.far_away;
         insert into odd.people (id, boss, mentor_id) values (1, null, 2), (2, 1, 1);
         insert into odd.passports values (1, 'x'); insert into odd.clubs values (1, 'c'); insert into odd.memberships values (1, 1);",
        support::ODD
    );
    let planets = format!("{}\n{}", support::planets(), support::planets_seed());
    let mut asked = 0;
    for (sql, schema) in [(planets, "public"), (odd, "odd")] {
        let stack = Stack::builder().sql(sql).schemas([schema]).start().await.unwrap();
        let model = model_of(&stack.db_url(), &[schema]).await;
        for table in &model.schemas[0].tables {
            let ways = table.relations.iter().flat_map(|relation| {
                std::iter::once(&relation.wire).chain(&relation.by_key).map(move |way| (relation, way))
            });
            for (relation, way) in ways {
                let query = format!("select=related:{way}(*)");
                let (url, key, path) =
                    (stack.url().to_owned(), stack.service_key().to_owned(), format!("/rest/v1/{}", table.name));
                let what = format!("{} {query}", table.name);
                let (status, body) =
                    tokio::task::spawn_blocking(move || support::get(&url, &key, &path, &query)).await.unwrap();
                // Tables that nobody may read, and one whose policy calls itself, are found all the same.
                let denied = body.contains("permission denied") || body.contains("infinite recursion");
                assert!(status == 200 || denied, "{what}: {status} {body}");
                asked += 1;
                if denied {
                    continue;
                }
                let rows: Vec<serde_json::Value> = serde_json::from_str(&body).unwrap();
                for row in rows {
                    let related = &row["related"];
                    let fits = match relation.cardinality {
                        Cardinality::Many => related.is_array(),
                        Cardinality::One => related.is_object(),
                        Cardinality::ZeroOrOne => related.is_object() || related.is_null(),
                    };
                    assert!(fits, "{what} is {:?}, but the server gives {related}", relation.cardinality);
                }
            }
        }
    }
    assert!(asked > 200, "only {asked} relationships");
}

/// NULL is never where the model says that it cannot be: every view and table of the schema is read.
#[tokio::test]
async fn nullability_holds() {
    let cluster = Cluster::start().await.unwrap();
    let sql = format!("{}\n{}", support::planets(), support::planets_seed());
    let database = support::database(&cluster, "nulls", &sql).await;
    let model = model_of(&database.url(), &["public"]).await;
    let table = |name: &str| model.schemas[0].tables.iter().find(|table| table.name == name).unwrap();
    let nullable = |name: &str| {
        table(name).columns.iter().map(|column| (column.name.clone(), column.nullable)).collect::<Vec<_>>()
    };
    let expected =
        |list: &[(&str, bool)]| list.iter().map(|(name, nullable)| ((*name).to_owned(), *nullable)).collect::<Vec<_>>();
    assert_eq!(
        nullable("ringed_planets"),
        expected(&[("id", false), ("name", false), ("kind", true), ("star_id", true)])
    );
    // `stars` is on the optional side of an outer join; `count` is never NULL.
    assert_eq!(
        nullable("planet_overview"),
        expected(&[("planet_id", false), ("planet_name", false), ("star_name", true), ("moon_count", false)])
    );
    assert_eq!(
        nullable("moon_details"),
        expected(&[("id", false), ("name", false), ("planet_id", false), ("planet_name", false)])
    );
    assert_eq!(nullable("moon_counts"), expected(&[("planet_id", false), ("moons", false), ("largest_km", true)]));
    assert_eq!(table("ringed_planets").primary_key, ["id"]);
    assert!(
        table("ringed_planets").insertable && !table("planet_overview").insertable && !table("moon_counts").updatable
    );

    let odd = support::database(&cluster, "odd_nulls", support::ODD).await;
    let model = model_of(&odd.url(), &["odd"]).await;
    let table = |name: &str| model.schemas[0].tables.iter().find(|table| table.name == name).unwrap();
    let not_null = |name: &str| {
        table(name)
            .columns
            .iter()
            .filter(|column| !column.nullable)
            .map(|column| column.name.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(not_null("over_plain"), "person_id");
    assert_eq!(not_null("outer_joined"), "here n called");
    assert_eq!(not_null("grouped"), "", "grouping sets make NULL of everything");
    assert_eq!(not_null("united"), "");
    assert_eq!(not_null("subselected"), "id one");
    assert_eq!(not_null("with_cte"), "id");
    assert_eq!(table("over_plain").primary_key, ["person_id"]);
    assert_eq!(table("outer_joined").primary_key, [""; 0]);
    // A view with an INSTEAD OF trigger takes what it is given.
    let locked = table("locked");
    assert!(locked.insertable);
    // The constraint that can be deferred, the partial and the expression index are no targets of `on_conflict`.
    let uniques: Vec<String> = table("people").uniques.iter().map(|unique| unique.columns.join(",")).collect();
    assert_eq!(uniques, ["id", "nick", "nick,email", "twin_id"]);
}

/// A second run touches nothing, and `check` says in words what has changed.
#[tokio::test]
async fn check_speaks_of_the_database() {
    let cluster = Cluster::start().await.unwrap();
    let create = "create table planets (id integer primary key, mass numeric, name text not null); create table moons (id integer primary key);
                  create type mood as enum ('sad'); create type point as (x integer, y integer, note text);";
    let database = support::database(&cluster, "check", create).await;
    let folder = tempfile::tempdir().unwrap();
    let builder = Builder::new().db_url(database.url()).schema("public").out(folder.path().join("db"));
    assert_eq!(builder.generate().unwrap().written, Written { written: 6, unchanged: 0, removed: 0 });
    assert_eq!(builder.generate().unwrap().written, Written { written: 0, unchanged: 6, removed: 0 });
    assert!(builder.check().unwrap().is_empty());
    database
        .apply_sql(
            "alter table planets alter mass type double precision, drop column name, add column radius_km integer not null;
             alter type mood add value 'glad'; alter type point drop attribute y, alter attribute x type numeric, add attribute z text; drop table moons; create table stars (id integer primary key);
             create function hello() returns text language sql as $$ select 'x'::text $$;",
        )
        .await
        .unwrap();
    let facts: Vec<String> = builder.check().unwrap().files.into_iter().flat_map(|file| file.facts).collect();
    for wanted in [
        "planets: column `mass` numeric → double precision",
        "planets: column `name` is gone (text not null)",
        "planets: column `radius_km` is new (integer not null)",
        "planets: columns that an insert must set id, name → id, radius_km",
        "enums: enum `mood` sad → sad, glad",
        "types: composite type `public.point`: attribute `x` integer → numeric",
        "types: composite type `public.point`: attribute `y` is gone (integer)",
        "types: composite type `public.point`: attribute `z` is new (text)",
        "functions: function `hello` is new (Scalar<String>)",
        "stars.rs is missing",
        "moons.rs stands for nothing any more",
    ] {
        assert!(facts.iter().any(|fact| fact == wanted), "{wanted} is not in\n{}", facts.join("\n"));
    }
    let written = builder.generate().unwrap().written;
    assert_eq!((written.removed, builder.check().unwrap().is_empty()), (1, true));
}

/// One clear error each, and never the password.
#[tokio::test]
async fn errors_name_the_remedy() {
    let cluster = Cluster::start().await.unwrap();
    let database = support::database(&cluster, "errors", "create schema shop").await;
    let generate = |url: &str, schema: &str| Builder::new().db_url(url).schema(schema).render().unwrap_err();

    let error = generate(&database.url(), "shopp");
    assert!(matches!(error, Error::Introspect(IntrospectError::NoSchema { .. })), "{error}");
    let text = error.to_string();
    assert!(["`shopp`", " public,", " shop,", "--schema"].iter().all(|part| text.contains(part)), "{text}");

    let (start, rest) =
        database.url().split_once("//").map(|(start, rest)| (start.to_owned(), rest.to_owned())).unwrap();
    let (_, place) = rest.split_once('@').unwrap();
    let error = generate(&format!("{start}//postgres:hunter2@{place}"), "public");
    assert!(matches!(error, Error::Connect(ConnectError::LoginRefused { .. })), "{error}");
    assert!(!error.to_string().contains("hunter2") && error.to_string().contains("postgres"), "{error}");

    let (server, _) =
        database.url().rsplit_once('/').map(|(server, name)| (server.to_owned(), name.to_owned())).unwrap();
    let error = generate(&format!("{server}/nowhere"), "public");
    assert!(matches!(error, Error::Connect(ConnectError::NoDatabase { .. })), "{error}");
    assert!(error.to_string().contains("`nowhere`"), "{error}");
}

/// Wishes of the configuration, and what is wrong with some.
#[tokio::test]
async fn the_configuration() {
    let cluster = Cluster::start().await.unwrap();
    let create = "create table stars (id integer primary key);
                  create table planets (id integer primary key, facts jsonb, tags text[], secret text, star_id integer references stars (id));
                  create function maybe() returns text language sql as $$ select null::text $$;
                  create function hidden() returns text language sql as $$ select null::text $$;";
    let database = support::database(&cluster, "config", create).await;
    let config = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("supabase-codegen.toml");
        std::fs::write(&file, text).unwrap();
        Config::read(&file)
    };
    let render = |text: &str| Builder::new().db_url(database.url()).config(config(text).unwrap()).render();
    let (files, _) = render(
        "crate = \"::facade::core\"
         [tables.planets]
         rename = \"worlds\"
         derives = [\"PartialEq\"]
         [tables.planets.columns]
         facts = { json = \"crate::Facts\", nullable = false }
         tags = { elements = \"nullable\" }
         secret = { skip = true }
         id = { rename = \"number\" }
         [tables.planets.relations.star]
         rename = \"sun\"
         [tables.stars]
         rows = false
         [functions.maybe]
         nullable = true
         [functions.hidden]
         skip = true",
    )
    .unwrap();
    let text =
        |path: &str| files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).text.clone();
    let worlds: String = text("worlds.rs").split_whitespace().collect();
    for wanted in [
        "typeTy=::facade::core::types::Json<crate::Facts>;",
        "Vec<::core::option::Option<::std::string::String>>",
        "pubstructnumber;",
        "constNAME:&'static::core::primitive::str=\"id\";",
        "#[derive(Debug,Clone,PartialEq)]",
        "pubmodsun{",
        "constNAME:&'static::core::primitive::str=\"sun\";",
    ] {
        assert!(worlds.contains(wanted), "{wanted}\n{worlds}");
    }
    assert!(!worlds.contains("secret"));
    assert!(!text("stars.rs").contains("Row"));
    let functions: String = text("functions.rs").split_whitespace().collect();
    assert!(
        functions.contains("Scalar<::core::option::Option<::std::string::String>")
            && !functions.replace("doc(hidden)", "").contains("hidden")
    );

    for (wrong, parts) in [
        ("[tables.planet]", ["tables.planet`", "Did you mean `planets`?"]),
        ("[tables.planets.columns.fact]\nskip = true", ["columns.fact`", "Did you mean `facts`?"]),
        ("[tables.planets.relations.stars]\nskip = true", ["relations.stars`", "Did you mean `star`?"]),
        ("[functions.mayb]\nskip = true", ["functions.mayb`", "Did you mean `maybe`?"]),
        ("[tables.planets.columns.tags]\njson = \"X\"", ["tags.json", "not json or jsonb"]),
        ("[tables.planets.columns.id]\nelements = \"nullable\"", ["id.elements", "not an array"]),
        ("[tables.planets.columns.id]\ntype = \"X<\"", ["id.type", "no Rust type"]),
    ] {
        let error = render(wrong).unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{wrong}: {error}");
    }
}
