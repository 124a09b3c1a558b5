insert into public.stars (id, name, spectral_class) values (1, 'Sun', 'G2V'), (2, 'Proxima Centauri', 'M5.5Ve');

insert into public.planets (id, name, kind, radius_km, mass, star_id, tags, facts, visible, has_rings, discovered_on) values
  (1, 'Mercury', 'rocky', 2439.7, 0.3301, 1, '{hot,small}', '{"day_h": 4222.6, "missions": ["Mariner 10", "MESSENGER"]}', '[2026-01-10 06:00+00,2026-01-10 07:00+00)', false, null),
  (2, 'Venus', 'rocky', 6051.8, 4.8673, 1, '{hot,"thick air"}', '{"day_h": 2802}', '[2026-01-12 05:00+00,2026-01-12 07:30+00)', false, null),
  (3, 'Earth', 'rocky', 6371, 5.9722, 1, '{water,life,"blue, green"}', '{"day_h": 24, "life": true}', null, false, null),
  (4, 'Mars', 'rocky', 3389.5, 0.6417, 1, '{cold,red}', '{"day_h": 24.7, "rovers": ["Curiosity", "Perseverance"]}', '[2026-02-01 20:00+00,2026-02-02 04:00+00)', false, null),
  (5, 'Jupiter', 'gas giant', 69911, 1898.13, 1, '{large}', '{"day_h": 9.9}', '[2026-02-03 18:00+00,)', true, null),
  (6, 'Saturn', 'gas giant', 58232, 568.32, 1, '{large,rings}', '{"day_h": 10.7}', null, true, null),
  (7, 'Uranus', 'ice giant', 25362, 86.811, 1, '{cold}', null, null, true, '1781-03-13'),
  (8, 'Neptune', 'ice giant', 24622, 102.409, 1, '{cold,windy}', null, null, true, '1846-09-23'),
  (9, 'Proxima b', 'rocky', 7160, null, 2, '{}', null, null, false, '2016-08-24');

insert into public.moons (id, name, planet_id, radius_km) values
  (1, 'Luna', 3, 1737.4), (2, 'Phobos', 4, 11.3), (3, 'Deimos', 4, 6.2), (4, 'Io', 5, 1821.6), (5, 'Europa', 5, 1560.8),
  (6, 'Ganymede', 5, 2634.1), (7, 'Callisto', 5, 2410.3), (8, 'Titan', 6, 2574.7), (9, 'Enceladus', 6, 252.1), (10, 'Triton', 8, 1353.4);

insert into public.craters (id, moon_id, name, depth_m) values (1, 1, 'Tycho', 4700), (2, 1, 'Copernicus', 3800), (3, 2, 'Stickney', null);

insert into public.orchestral_sections (id, name) values (1, 'strings'), (2, 'woodwinds');
insert into public.instruments (id, name, section_id) values (1, 'violin', 1), (2, 'viola', 1), (3, 'flute', 2), (4, 'theremin', null);
insert into public.countries (id, name, code) values (1, 'Afghanistan', 'AF'), (2, 'Albania', 'AL'), (3, 'Algeria', 'DZ'), (4, 'Mordor', null);
insert into public.cities (id, name, country_id, population) values (1, 'Kabul', 1, 4601789), (2, 'Tirana', 2, 418495), (3, 'Algiers', 3, 3415811), (4, 'Oran', 3, 1560329);

insert into public.reservations (id, room_name, during) values
  (1, 'Emerald', '[2000-01-01 13:00,2000-01-01 15:00)'), (2, 'Topaz', '[2000-01-02 09:00,2000-01-02 10:00)');
insert into public.issues (id, title, tags) values
  (1, 'Cache invalidation is not working', '{is:open,severity:high,priority:low}'),
  (2, 'Use better names', '{is:open,severity:low,priority:medium}'),
  (3, 'Add missing postgrest filters', '{is:closed,severity:high}');
insert into public.texts (id, content) values
  (1, 'Four score and seven years ago'), (2, 'The road goes ever on and on'), (3, 'Green eggs and ham');

insert into public.users (id, name, email) values
  ('11111111-1111-4111-8111-111111111111', 'Ada', 'ada@example.com'),
  ('22222222-2222-4222-8222-222222222222', 'Brahe', 'brahe@example.com');
insert into public.teams (id, name) values (1, 'Red Shift'), (2, 'Blue Shift');
insert into public.members (team_id, user_id, since) values
  (1, '11111111-1111-4111-8111-111111111111', '2024-01-01'), (1, '22222222-2222-4222-8222-222222222222', '2024-02-01'),
  (2, '11111111-1111-4111-8111-111111111111', '2025-01-01');
insert into public.messages (id, sender_id, receiver_id, body) values
  (1, '11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222', 'Clear skies tonight?');
insert into public.employees (id, name, manager_id) values (1, 'Director', null), (2, 'Ann', 1), (3, 'Ben', 1), (4, 'Cy', 2);
insert into public.notes (owner_id, body) values
  ('11111111-1111-4111-8111-111111111111', 'A note of Ada'), ('22222222-2222-4222-8222-222222222222', 'A note of Brahe');

-- Identities go on behind the rows above.
select setval(pg_get_serial_sequence(format('public.%I', name), 'id'), 1000)
from unnest(array['stars', 'planets', 'moons', 'craters', 'orchestral_sections', 'instruments', 'countries', 'cities',
  'reservations', 'issues', 'texts', 'teams', 'messages', 'employees', 'notes']) as name;
