create table item (name text, price integer);
