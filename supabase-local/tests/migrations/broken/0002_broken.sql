-- The first statement is good.
insert into fine values (1);

insert into fine
values
    (2),
    (nothing_of_this_name);
