-- Functions that applications call.

create function public.hello_world() returns text language sql immutable
as $$ select 'Hello, world!' $$;
comment on function public.hello_world() is 'Greets.';

create function public.search_planets(query text) returns setof public.planets language sql stable
as $$ select * from public.planets where name ilike '%' || query || '%' order by id $$;
comment on function public.search_planets(text) is 'Planets whose name contains the text.';

create function public.count_moons(planet bigint, smallest_km double precision default 0) returns bigint language sql stable
as $$ select count(*) from public.moons where planet_id = planet and coalesce(radius_km, 0) >= smallest_km $$;
comment on function public.count_moons(bigint, double precision) is 'How many moons of at least that radius a planet has.';

create function public.planet_sizes(least_km double precision)
returns table (planet text, radius_km double precision) language sql stable
as $$ select name, radius_km from public.planets where planets.radius_km >= least_km order by planets.radius_km $$;

create function public.close_issue(issue bigint) returns void language sql
as $$ update public.issues set open = false where id = issue $$;
