#!/bin/sh
awk '{ print $NF }' "$1" | sort -n | uniq -c > "$2"
