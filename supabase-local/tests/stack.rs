//! A stack from start to stop, with the real engines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail by panicking

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::{get, request};
use serde_json::json;
use supabase_local::{Cluster, Error, SharedStack, Stack};

static STACK: SharedStack = SharedStack::new(|| Stack::builder().migrations("tests/migrations/good"));

const ADA: &str = "11111111-1111-4111-8111-111111111111";

#[tokio::test]
async fn starts_quickly_once_prepared_and_leaves_nothing() {
    // The first start on a machine may fetch PostgREST and prepare the data folder.
    Stack::start().await.unwrap().stop().await.unwrap();
    let began = Instant::now();
    let stack = Stack::start().await.unwrap();
    let took = began.elapsed();
    println!("a prepared start took {took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    let folder = stack.cluster().socket_folder().to_path_buf();
    let (url, key) = (stack.url().to_owned(), stack.anon_key().to_owned());
    assert_eq!(get(&url, &key, "/rest/v1/").await.status, 200);
    let began = Instant::now();
    stack.stop().await.unwrap();
    println!("stopping took {:?}", began.elapsed());
    assert!(!folder.exists(), "{} is still there", folder.display());
    let refused = tokio::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).await;
    assert!(refused.is_err(), "the gateway still listens");
}

#[tokio::test]
async fn dropping_a_stack_ends_it_too() {
    let stack = Stack::start().await.unwrap();
    let folder = stack.cluster().socket_folder().to_path_buf();
    assert!(folder.exists());
    drop(stack);
    for _ in 0..100 {
        if !folder.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} is still there", folder.display());
}

#[tokio::test]
async fn migrations_run_in_order_and_the_seed_last() {
    let stack = STACK.get().await.unwrap();
    let answer = get(stack.url(), stack.anon_key(), "/rest/v1/planets?select=name&order=id").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let names: Vec<String> =
        answer.json().as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["Earth; not Moon", "a/b", "a b", "a+b", "..", "100%", "\"q\"", "seeded"]);
    let answer = get(stack.url(), stack.anon_key(), "/rest/v1/rpc/planet_count").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "8"));
}

#[tokio::test]
async fn a_failing_migration_names_file_line_and_statement() {
    let error = Stack::builder().migrations("tests/migrations/broken").start().await.unwrap_err();
    let Error::Migration(failed) = &error else { panic!("{error}") };
    assert!(failed.file.ends_with(Path::new("0002_broken.sql")));
    assert_eq!(failed.line, 7);
    assert!(failed.statement.starts_with("insert into fine\nvalues"));
    assert!(failed.message.contains("nothing_of_this_name") && failed.message.contains("42703"), "{}", failed.message);
    let text = error.to_string();
    assert!(text.contains("0002_broken.sql, line 7") && text.contains("remedy:"), "{text}");

    // An error without a position has the line of its statement.
    let error = Stack::builder().sql("select 1;\n\nselect 1/0;").start().await.unwrap_err();
    assert!(error.to_string().starts_with("SQL text, line 3: division by zero (22012)"), "{error}");

    let error = Stack::builder().migrations("tests/no_such_folder").start().await.unwrap_err();
    assert!(error.to_string().contains("tests/no_such_folder") && error.to_string().contains("remedy:"), "{error}");
}

#[tokio::test]
async fn rows_are_guarded_from_anon_and_users_and_not_from_the_service() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let (url, anon) = (database.url(), database.anon_key());
    let ada = format!("Bearer {}", database.jwt_for(ADA, "authenticated"));
    let brahe = format!("Bearer {}", database.jwt_for("22222222-2222-4222-8222-222222222222", "authenticated"));

    let written = request(
        url,
        "POST",
        "/rest/v1/notes",
        &[("apikey", anon), ("authorization", &ada), ("prefer", "return=representation")],
        r#"{"body":"mine"}"#,
    )
    .await;
    assert_eq!(written.status, 201, "{written:?}");
    assert_eq!(written.json()[0]["owner"], ADA);
    let refused =
        request(url, "POST", "/rest/v1/notes", &[("apikey", anon)], &json!({ "body": "x", "owner": ADA }).to_string())
            .await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (401, Some("42501")), "{refused:?}");

    for (headers, seen) in [
        (vec![("apikey", anon)], 0),
        (vec![("apikey", anon), ("authorization", ada.as_str())], 1),
        (vec![("apikey", anon), ("authorization", brahe.as_str())], 0),
        // An opaque key is exchanged for its role's token; a legacy key needs the header as well, as when hosted.
        (vec![("apikey", database.publishable_key())], 0),
        (vec![("apikey", database.secret_key())], 1),
        (vec![("apikey", database.service_key())], 0),
        (vec![("apikey", database.publishable_key()), ("authorization", ada.as_str())], 1),
    ] {
        let answer = request(url, "GET", "/rest/v1/notes", &headers, "").await;
        assert_eq!((answer.status, answer.json().as_array().unwrap().len()), (200, seen), "{headers:?}");
    }
    let service = format!("Bearer {}", database.service_key());
    let opaque = format!("Bearer {}", database.secret_key());
    for bearer in [service, opaque] {
        let answer =
            request(url, "GET", "/rest/v1/notes", &[("apikey", database.secret_key()), ("authorization", &bearer)], "")
                .await;
        assert_eq!(answer.json().as_array().unwrap().len(), 1);
    }
    let wrong = Stack::builder()
        .jwt_secret("another secret of thirty-two characters")
        .cluster(stack.cluster())
        .start()
        .await
        .unwrap();
    let foreign = format!("Bearer {}", wrong.jwt_for(ADA, "authenticated"));
    let answer = request(url, "GET", "/rest/v1/notes", &[("apikey", anon), ("authorization", &foreign)], "").await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some("PGRST301")), "{answer:?}");
    wrong.stop().await.unwrap();
}

#[tokio::test]
async fn databases_are_made_quickly_independent_and_dropped() {
    let stack = STACK.get().await.unwrap();
    let began = Instant::now();
    let one = stack.database().await.unwrap();
    println!("a database took {:?}", began.elapsed());
    let two = stack.database().await.unwrap();
    let began = Instant::now();
    one.ready().await.unwrap();
    println!("its PostgREST took {:?}", began.elapsed());

    one.sql("delete from planets").await.unwrap();
    assert_eq!(get(one.url(), one.anon_key(), "/rest/v1/rpc/planet_count").await.body, "0");
    assert_eq!(get(two.url(), two.anon_key(), "/rest/v1/rpc/planet_count").await.body, "8");

    let exists = |name: String| async move {
        !stack.sql(format!("select 1 from pg_database where datname = '{name}'")).await.unwrap().is_empty()
    };
    let (first, second) = (one.name().to_owned(), two.name().to_owned());
    assert!(exists(first.clone()).await);
    one.stop().await.unwrap();
    assert!(!exists(first).await, "stop waits until the database is gone");
    drop(two);
    for _ in 0..100 {
        if !exists(second.clone()).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{second} was not dropped");
}

#[tokio::test]
async fn a_new_table_is_seen_after_a_reload() {
    let database = STACK.get().await.unwrap().database().await.unwrap();
    let (url, key) = (database.url(), database.anon_key());
    assert_eq!(get(url, key, "/rest/v1/moons").await.status, 404);
    for round in 0..3 {
        database
            .sql(format!("create table moons_{round} (id int primary key, planet_id bigint references planets)"))
            .await
            .unwrap();
        let began = Instant::now();
        database.reload_schema().await.unwrap();
        println!("a reload took {:?}", began.elapsed());
        // The relation is known only from a schema that has been read anew.
        let answer = get(url, key, &format!("/rest/v1/moons_{round}?select=id,planets(name)")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test]
async fn a_change_of_the_schema_reloads_by_itself_in_the_end() {
    let database = STACK.get().await.unwrap().database().await.unwrap();
    let (url, key) = (database.url(), database.anon_key());
    database.ready().await.unwrap();
    database.sql("create table rings (id int primary key, planet_id bigint references planets)").await.unwrap();
    let mut answer = get(url, key, "/rest/v1/rings?select=id,planets(name)").await;
    for _ in 0..100 {
        if answer.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = get(url, key, "/rest/v1/rings?select=id,planets(name)").await;
    }
    panic!("{answer:?}");
}

#[tokio::test]
async fn settings_are_a_hosted_projects_and_can_be_switched() {
    let stack = STACK.get().await.unwrap();
    let all = stack
        .database_with(
            stack
                .rest_settings()
                .clone()
                .aggregates(true)
                .plan(true)
                .max_rows(2)
                .allow_rollback(true)
                .schemas(["public", "extensions"]),
        )
        .await
        .unwrap();
    let average = "/rest/v1/planets?select=id.avg()";
    assert_eq!(get(stack.url(), stack.anon_key(), average).await.json()["code"], "PGRST123");
    assert_eq!(get(all.url(), all.anon_key(), average).await.status, 200);
    assert_eq!(get(stack.url(), stack.anon_key(), "/rest/v1/planets").await.json().as_array().unwrap().len(), 8);
    assert_eq!(get(all.url(), all.anon_key(), "/rest/v1/planets").await.json().as_array().unwrap().len(), 2);

    let explained = [("apikey", all.anon_key()), ("accept", "application/vnd.pgrst.plan+json")];
    let refused = request(stack.url(), "GET", "/rest/v1/planets", &explained, "").await;
    // 415 from version 12, 406 from 14.
    assert_eq!(refused.json()["code"], "PGRST107", "{refused:?}");
    assert_eq!(request(all.url(), "GET", "/rest/v1/planets", &explained, "").await.status, 200);

    let dry = [("apikey", all.anon_key()), ("prefer", "tx=rollback")];
    let answer = request(all.url(), "DELETE", "/rest/v1/planets?id=gt.0", &dry, "").await;
    assert_eq!((answer.status, answer.header("preference-applied")), (204, Some("tx=rollback")), "{answer:?}");
    assert_eq!(all.sql("select count(*) from planets").await.unwrap()[0].get(0), Some("8"));

    let closed = stack.database_with(stack.rest_settings().clone().anonymous(false)).await.unwrap();
    let answer = get(closed.url(), closed.anon_key(), "/rest/v1/planets").await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some("PGRST302")), "{answer:?}");

    let broken = stack.database_with(stack.rest_settings().clone().setting("db-tx-end", "whenever")).await.unwrap();
    let error = broken.ready().await.unwrap_err();
    assert!(
        matches!(error, Error::EngineFailed { .. }) && error.to_string().contains("Invalid transaction termination"),
        "{error}"
    );
    assert_eq!(get(broken.url(), broken.anon_key(), "/rest/v1/planets").await.status, 503);
}

#[tokio::test]
async fn sessions_that_were_lost_are_opened_again() {
    let database = STACK.get().await.unwrap().database().await.unwrap();
    let target = "/rest/v1/planets?select=id&limit=1";
    assert_eq!(get(database.url(), database.anon_key(), target).await.status, 200);
    database.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'authenticator' and datname = current_database()").await.unwrap();
    let mut answer = get(database.url(), database.anon_key(), target).await;
    for _ in 0..50 {
        if answer.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = get(database.url(), database.anon_key(), target).await;
    }
    panic!("{answer:?}");
}

#[test]
fn a_shared_stack_outlives_the_runtime_that_started_it() {
    // As each `#[tokio::test]` does, every round has a runtime that ends with it.
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stack = STACK.get().await.unwrap();
            assert_eq!(get(stack.url(), stack.anon_key(), "/rest/v1/planets?limit=1").await.status, 200);
        });
    }
}

#[tokio::test]
async fn a_bare_stack_has_roles_and_nothing_else() {
    let stack = Stack::builder()
        .bare()
        .sql("create schema auth; create table t (id int); grant select on t to anon")
        .start()
        .await
        .unwrap();
    let answer = get(stack.url(), stack.anon_key(), "/rest/v1/t").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "[]"), "{answer:?}");
    let database = stack.database().await.unwrap();
    assert!(database.sql("select from pg_namespace where nspname = 'extensions'").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_cluster_alone_serves_code_generation() {
    let cluster = Cluster::start().await.unwrap();
    let database = cluster.create_database("shop").await.unwrap();
    database.apply_migrations("tests/migrations/good").await.unwrap();
    database.apply_sql("create view named as select name from planets").await.unwrap();
    let config: tokio_postgres::Config = database.url().parse().unwrap();
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let count: i64 = client.query_one("select count(*) from named", &[]).await.unwrap().get(0);
    assert_eq!(count, 8);
    let settings = client
        .query_one("select current_setting('TimeZone'), current_setting('search_path'), current_setting('server_encoding'), current_setting('wal_level')", &[])
        .await
        .unwrap();
    let settings: Vec<String> = (0..4).map(|index| settings.get(index)).collect();
    assert_eq!(settings, ["UTC", "\"$user\", public, extensions", "UTF8", "logical"]);

    // Over TCP a password is asked for.
    let wrong = database.url().replacen("postgres:", "postgres:x", 1);
    assert!(wrong.parse::<tokio_postgres::Config>().unwrap().connect(tokio_postgres::NoTls).await.is_err());
    cluster.stop().await.unwrap();
}
