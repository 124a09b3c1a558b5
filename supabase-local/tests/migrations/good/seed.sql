insert into planets (name) values ('seeded');
insert into auth.users (id, email) values ('11111111-1111-4111-8111-111111111111', 'ada@example.com');
