insert into item values ('tea', 3);
