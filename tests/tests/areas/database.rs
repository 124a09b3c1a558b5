//! Tables and functions of the database: by the generated schema, and by text.

use std::time::Duration;

use serde_json::json;
use supabase_core::Client;
use supabase_core::database::{Sort, column};
use supabase_core::prelude::*;
use supabase_core::transport::RetryPolicy;
use supabase_core::types::JsonValue;
use supabase_tests::db::{countries, functions, instruments, issues, moons, planets, reservations, stars, texts};
use supabase_tests::recorded::inventory;

type Rows = Vec<JsonValue>;

capabilities! {
    "database.query.from_table": "Client::from" => |client| {
        let planets = client.from(planets::Table);
        let named_by_text = client.from("planets");
    }
    "database.query.select": "From::select" => |client| {
        let rows: Vec<planets::Row> = client.from(planets::Table).select(All).await?;
        let named: Vec<(i64, String)> = client.from(planets::Table).select((planets::id, planets::name)).await?;
        let rows: Rows = client.from("planets").select("id, name").await?;
    }
    "database.query.schema_selection": "Client::schema" => |client| {
        // A generated table is of its own schema.
        let parts = client.from(inventory::parts::Table).select(All).await?;
        let parts: Rows = client.schema("inventory").from("parts").select("*").await?;
    }
    "database.query.rpc": "Client::rpc" => |client| {
        let found: Vec<planets::Row> = client.rpc(functions::search_planets { query: "ea" }).gt(planets::id, 2).await?;
        let moons: i64 = client.rpc(call!(functions::count_moons { planet: 3 })).get().await?;
        let found: Rows = client.rpc(("search_planets", json!({"query": "ea"}))).gt("id", 2).await?;
    }
    "database.mutate.insert": "From::insert" => |client| {
        client.from(planets::Table).insert(insert!(planets { name: "Pluto", radius_km: 1188.3 })).await?;
        let two = [insert!(countries { name: "Chad" }), insert!(countries { name: "Chile", code: "CL" })];
        client.from(countries::Table).insert_many(two).await?;
        client.from("countries").insert(&json!({"name": "China"})).await?;
        client.from("countries").insert_many([json!({"name": "Cuba"})]).default_missing().await?;
    }
    "database.mutate.update": "From::update" => |client| {
        let piano = update!(instruments { name: "piano" });
        client.from(instruments::Table).update(piano).eq(instruments::id, 1).await?;
        client.from("instruments").update(&json!({"name": "piano"})).eq("id", 1).await?;
    }
    "database.mutate.upsert": "From::upsert" => |client| {
        let piano = insert!(instruments { id: 1, name: "piano" });
        client.from(instruments::Table).upsert(piano).on_conflict(instruments::unique::id).await?;
        client.from("instruments").upsert(&json!({"id": 1, "name": "piano"})).on_conflict("id").await?;
    }
    "database.mutate.delete": "From::delete" => |client| {
        client.from(countries::Table).delete().in_(countries::id, [1, 2, 3]).await?;
        client.from("countries").delete().in_("id", [1, 2, 3]).await?;
    }
    "database.using_filters.eq": "Select::eq" => |client| {
        let rows = client.from(planets::Table).select(All).eq(planets::name, "Earth").await?;
        let rows: Rows = client.from("planets").select("*").eq("name", "Earth").await?;
    }
    "database.using_filters.neq": "Select::neq" => |client| {
        let rows = client.from(planets::Table).select(All).neq(planets::name, "Earth").await?;
        let rows: Rows = client.from("planets").select("*").neq("name", "Earth").await?;
    }
    "database.using_filters.gt": "Select::gt" => |client| {
        let rows = client.from(planets::Table).select(All).gt(planets::id, 2).await?;
        let rows: Rows = client.from("planets").select("*").gt("id", 2).await?;
    }
    "database.using_filters.gte": "Select::gte" => |client| {
        let rows = client.from(planets::Table).select(All).gte(planets::radius_km, 2439.7).await?;
        let rows: Rows = client.from("planets").select("*").gte("radius_km", 2439.7).await?;
    }
    "database.using_filters.lt": "Select::lt" => |client| {
        let rows = client.from(planets::Table).select(All).lt(planets::id, 2).await?;
        let rows: Rows = client.from("planets").select("*").lt("id", 2).await?;
    }
    "database.using_filters.lte": "Select::lte" => |client| {
        let rows = client.from(planets::Table).select(All).lte(planets::id, 2).await?;
        let rows: Rows = client.from("planets").select("*").lte("id", 2).await?;
    }
    "database.using_filters.like": "Select::like" => |client| {
        let rows = client.from(planets::Table).select(All).like(planets::name, "%Ea%").await?;
        let rows: Rows = client.from("planets").select("*").like("name", "%Ea%").await?;
    }
    "database.using_filters.ilike": "Select::ilike" => |client| {
        let rows = client.from(planets::Table).select(All).ilike(planets::name, "%ea%").await?;
        let rows: Rows = client.from("planets").select("*").ilike("name", "%ea%").await?;
    }
    "database.using_filters.like_all": "Select::like_all_of" => |client| {
        let rows = client.from(planets::Table).select(All).like_all_of(planets::name, ["%e%", "%u%"]).await?;
        let rows: Rows = client.from("planets").select("*").like_all_of("name", ["%e%", "%u%"]).await?;
    }
    "database.using_filters.like_any": "Select::like_any_of" => |client| {
        let rows = client.from(planets::Table).select(All).like_any_of(planets::name, ["E%", "M%"]).await?;
        let rows: Rows = client.from("planets").select("*").like_any_of("name", ["E%", "M%"]).await?;
    }
    "database.using_filters.ilike_all": "Select::ilike_all_of" => |client| {
        let rows = client.from(planets::Table).select(All).ilike_all_of(planets::name, ["%E%", "%U%"]).await?;
        let rows: Rows = client.from("planets").select("*").ilike_all_of("name", ["%E%", "%U%"]).await?;
    }
    "database.using_filters.ilike_any": "Select::ilike_any_of" => |client| {
        let rows = client.from(planets::Table).select(All).ilike_any_of(planets::name, ["e%", "m%"]).await?;
        let rows: Rows = client.from("planets").select("*").ilike_any_of("name", ["e%", "m%"]).await?;
    }
    "database.using_filters.regex": "Select::match_regex" => |client| {
        let rows = client.from(planets::Table).select(All).match_regex(planets::name, "^[EM]").await?;
        let rows: Rows = client.from("planets").select("*").match_regex("name", "^[EM]").await?;
    }
    "database.using_filters.regex_icase": "Select::imatch_regex" => |client| {
        let rows = client.from(planets::Table).select(All).imatch_regex(planets::name, "^[em]").await?;
        let rows: Rows = client.from("planets").select("*").imatch_regex("name", "^[em]").await?;
    }
    "database.using_filters.is": "Select::is_null" => |client| {
        let rows = client.from(planets::Table).select(All).is_null(planets::mass).is_true(planets::has_rings).await?;
        let rows: Rows = client.from("planets").select("*").is_null("mass").is_true("has_rings").await?;
    }
    "database.using_filters.is_distinct": "Select::is_distinct" => |client| {
        let rows = client.from(planets::Table).select(All).is_distinct(planets::star_id, 1).await?;
        let rows: Rows = client.from("planets").select("*").is_distinct("star_id", 1).await?;
    }
    "database.using_filters.in": "Select::in_" => |client| {
        let rows = client.from(planets::Table).select(All).in_(planets::name, ["Earth", "Mars"]).await?;
        let rows: Rows = client.from("planets").select("*").in_("name", ["Earth", "Mars"]).await?;
    }
    "database.using_filters.not_in": "Select::not_in" => |client| {
        let rows = client.from(planets::Table).select(All).not_in(planets::name, ["Earth", "Mars"]).await?;
        let rows: Rows = client.from("planets").select("*").not_in("name", ["Earth", "Mars"]).await?;
    }
    "database.using_filters.contains": "Select::contains" => |client| {
        let rows = client.from(issues::Table).select(All).contains(issues::tags, ["is:open"]).await?;
        let rows: Rows = client.from("issues").select("*").contains("tags", ["is:open"]).await?;
    }
    "database.using_filters.contained_by": "Select::contained_by" => |client| {
        let rows = client.from(issues::Table).select(All).contained_by(issues::tags, ["is:open", "old"]).await?;
        let rows: Rows = client.from("issues").select("*").contained_by("tags", ["is:open", "old"]).await?;
    }
    "database.using_filters.overlaps": "Select::overlaps" => |client| {
        let rows = client.from(issues::Table).select(All).overlaps(issues::tags, ["is:open", "old"]).await?;
        let rows: Rows = client.from("issues").select("*").overlaps("tags", ["is:open", "old"]).await?;
    }
    "database.using_filters.range_gt": "Select::range_gt" => |client| {
        let day = Literal("[2000-01-02 08:00,2000-01-02 09:00)");
        let rows = client.from(reservations::Table).select(All).range_gt(reservations::during, day).await?;
        let rows: Rows = client.from("reservations").select("*").range_gt("during", day).await?;
    }
    "database.using_filters.range_gte": "Select::range_gte" => |client| {
        let day = Literal("[2000-01-02 08:00,2000-01-02 09:00)");
        let rows = client.from(reservations::Table).select(All).range_gte(reservations::during, day).await?;
        let rows: Rows = client.from("reservations").select("*").range_gte("during", day).await?;
    }
    "database.using_filters.range_lt": "Select::range_lt" => |client| {
        let day = Literal("[2000-01-02 08:00,2000-01-02 09:00)");
        let rows = client.from(reservations::Table).select(All).range_lt(reservations::during, day).await?;
        let rows: Rows = client.from("reservations").select("*").range_lt("during", day).await?;
    }
    "database.using_filters.range_lte": "Select::range_lte" => |client| {
        let day = Literal("[2000-01-02 08:00,2000-01-02 09:00)");
        let rows = client.from(reservations::Table).select(All).range_lte(reservations::during, day).await?;
        let rows: Rows = client.from("reservations").select("*").range_lte("during", day).await?;
    }
    "database.using_filters.range_adjacent": "Select::range_adjacent" => |client| {
        let (from, to) = ("2000-01-02T08:00:00".parse::<chrono::NaiveDateTime>()?, "2000-01-02T09:00:00".parse()?);
        let rows = client.from(reservations::Table).select(All).range_adjacent(reservations::during, from..to).await?;
        let open = PgRange::open(from, to);
        let rows = client.from(reservations::Table).select(All).range_adjacent(reservations::during, open).await?;
        let rows: Rows = client.from("reservations").select("*").range_adjacent("during", from..to).await?;
    }
    "database.using_filters.text_search": "Select::text_search" => |client| {
        let query = TextQuery::websearch("eggs or ham").config("english");
        let rows = client.from(texts::Table).select(All).text_search(texts::content, query.clone()).await?;
        let rows: Rows = client.from("texts").select("*").text_search("content", query).await?;
    }
    "database.using_filters.match": "Select::match_" => |client| {
        let both = all((planets::name.eq("Earth"), planets::has_rings.eq(false)));
        let rows = client.from(planets::Table).select(All).filter(both).await?;
        let rows: Rows = client.from("planets").select("*").match_([("name", "Earth"), ("kind", "rocky")]).await?;
    }
    "database.using_filters.not": "not" => |client| {
        let rows = client.from(planets::Table).select(All).filter(not(planets::name.like("E%"))).await?;
        let rows: Rows = client.from("planets").select("*").filter_by(not(column("name").like("E%"))).await?;
        let rows: Rows = client.from("planets").select("*").not("name", "like", "E%").await?;
    }
    "database.using_filters.or": "any" => |client| {
        let either = any([planets::id.eq(2), all([planets::name.eq("Mars"), not(planets::mass.is_null())])]);
        let rows = client.from(planets::Table).select(All).filter(either).await?;
        let either = filter!(planets: eq(id, 2) or (eq(name, "Mars") and not is_null(mass)));
        let rows = client.from(planets::Table).select(All).filter(either).await?;
        let either = any([column("id").eq(2), column("name").eq("Mars")]);
        let rows: Rows = client.from("planets").select("*").filter_by(either).await?;
        let rows: Rows = client.from("planets").select("*").or("id.eq.2,name.eq.Mars").await?;
        // Of the rows of an embedded resource.
        let rows: Rows = client.from("planets").select("*, moons(*)").or_within("moons", "id.eq.2,id.eq.3").await?;
    }
    "database.using_filters.raw": "Select::raw" => |client| {
        let rows = client.from(planets::Table).select(All).raw(planets::tags, "cs", "{hot}").await?;
        let rows: Rows = client.from("planets").select("*").filter("tags", "cs", "{hot}").await?;
    }
    "database.mutate.select_after_mutation": "Insert::select" => |client| {
        let id: i64 = client.from(stars::Table).insert(insert!(stars { name: "Vega" })).select(stars::id).single().await?;
        let rows: Rows = client.from("stars").insert(&json!({"name": "Vega"})).select("id").await?;
        let rows: Rows = client.from("stars").delete().eq("id", 3).select("*").await?;
    }
    "database.using_modifiers.relationship_embed": "select!" => |client| {
        select!(struct Card: planets { id, title: name, moons { name, radius_km }, ...star { sun: name } });
        let cards = client
            .from(planets::Table)
            .select(Card::columns())
            .within(planets::rel::moons, |moons| moons.gt(moons::radius_km, 1000.0).order(moons::name).limit(3))
            .having(planets::rel::star, |star| star.eq(stars::name, "Sun"))
            .await?;
        let inner = client.from(planets::Table).select(select!(planets { name, big: moons! { name } })).await?;
        let counted = client.from(planets::Table).select(select!(planets { name, moons(count) })).await?;
        let rows: Rows = client
            .from("planets")
            .select("id, title:name, moons!inner(name), ...stars(sun:name)")
            .order_within("moons", "name")
            .limit_within("moons", 3)
            .await?;
    }
    "database.using_modifiers.order": "Select::order" => |client| {
        let rows = client.from(planets::Table).select(All).order(planets::name.desc().nulls_first()).await?;
        let rows = client.from(planets::Table).select(All).order(order!(planets: mass desc nulls last, id)).await?;
        let rows = client.from(planets::Table).select(All).order(planets::facts.json("day_h").desc()).await?;
        let rows = client.from(planets::Table).select(All).order_related(planets::rel::star, stars::name).await?;
        let rows: Rows = client.from("planets").select("*").order(Sort::desc("name").nulls_first()).await?;
        let rows: Rows = client.from("planets").select("*, stars(name)").order("stars(name)").await?;
    }
    "database.using_modifiers.limit": "Select::limit" => |client| {
        let rows = client.from(planets::Table).select(All).limit(3).await?;
        let rows: Rows = client.from("planets").select("*").limit(3).await?;
    }
    "database.using_modifiers.range": "Select::range" => |client| {
        let page = client.from(planets::Table).select(All).range(0, 9).count(Count::Exact).execute().await?;
        let every = client.from(planets::Table).select(All).all().await?;
        let rows: Rows = client.from("planets").select("*").range(0, 9).await?;
    }
    "database.using_modifiers.single_row": "Select::single" => |client| {
        let earth: planets::Row = client.from(planets::Table).select(All).eq(planets::id, 3).single().await?;
        let earth: JsonValue = client.from("planets").select("*").eq("id", 3).single().await?;
    }
    "database.using_modifiers.maybe_single_row": "Select::maybe_single" => |client| {
        let maybe: Option<planets::Row> = client.from(planets::Table).select(All).eq(planets::id, 3).maybe_single().await?;
        let maybe: Option<JsonValue> = client.from("planets").select("*").eq("id", 3).maybe_single().await?;
    }
    "database.using_modifiers.format_csv": "Select::csv" => |client| {
        let csv: String = client.from(planets::Table).select(All).csv().await?;
        let csv: String = client.from("planets").select::<JsonValue>("*").csv().await?;
    }
    "database.using_modifiers.format_geojson": "Select::geojson" => |client| {
        let collection: JsonValue = client.from(planets::Table).select(All).geojson().await?;
        let collection: JsonValue = client.from("places").select::<JsonValue>("*").geojson().await?;
    }
    "database.using_modifiers.explain": "Select::explain" => |client| {
        let plan: String = client.from(planets::Table).select(All).explain(Explain::new().analyze().buffers()).await?;
        let plan = client.from("planets").select::<JsonValue>("*").explain(Explain::new().verbose().json()).await?;
    }
    "database.using_modifiers.strip_nulls": "Select::strip_nulls" => |client| {
        let documents: Rows = client.from(planets::Table).select(All).strip_nulls().await?;
        let rows: Rows = client.from("planets").select("*").strip_nulls().await?;
    }
    "database.using_modifiers.max_affected_rows": "Update::max_affected" => |client| {
        let closed = update!(issues { open: false });
        client.from(issues::Table).update(closed).contains(issues::tags, ["old"]).max_affected(10).await?;
        client.from("issues").delete().contains("tags", ["old"]).max_affected(10).await?;
    }
    "database.using_modifiers.dry_run": "Update::dry_run" => |client| {
        let client = Client::builder("https://example.supabase.co", "key").allow_dry_run(true).build()?;
        let rows = client.from(moons::Table).delete().lt(moons::radius_km, 10.0).select(All).dry_run().await?;
        let rows: Rows = client.from("moons").delete().lt("radius_km", 10).select("*").dry_run().await?;
    }
    "database.using_modifiers.request_cancellation": "Select" => |client| {
        // A request that is dropped is cancelled.
        let query = client.from(planets::Table).select(All).send();
        let rows = tokio::select! {
            rows = query => Some(rows?),
            _ = tokio::signal::ctrl_c() => None,
        };
        let query = client.from("planets").select::<JsonValue>("*").send();
        drop(query);
    }
    "database.configuration.auto_retry": "ClientBuilder::retry" => |client| {
        let patient = RetryPolicy::default().attempts(6);
        let client = Client::builder("https://example.supabase.co", "key").retry(patient).build()?;
        let rows = client.from(planets::Table).select(All).retry(RetryPolicy::none()).await?;
        let rows: Rows = client.from("planets").select("*").retry(RetryPolicy::none()).await?;
    }
    "database.configuration.request_timeout": "ClientBuilder::timeout" => |client| {
        let client = Client::builder("https://example.supabase.co", "key").timeout(Duration::from_secs(5)).build()?;
        let rows = client.from(planets::Table).select(All).timeout(Duration::from_secs(60)).await?;
        let rows: Rows = client.from("planets").select("*").timeout(None).await?;
    }
}
