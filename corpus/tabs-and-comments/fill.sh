#!/bin/sh
for year in "$1"/*; do echo "$year" > "$year/book"; done
