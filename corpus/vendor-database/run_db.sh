#!/bin/sh
exec "$DB_HOME/bin/db" "$@"
