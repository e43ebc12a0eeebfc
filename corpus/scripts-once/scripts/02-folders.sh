#!/bin/sh
set -e
mkdir -p /work
chown worker:worker /work
