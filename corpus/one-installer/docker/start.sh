#!/bin/sh
exec /opt/collector/bin/collector "$@"
