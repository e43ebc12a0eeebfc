#!/bin/sh
exec /opt/broker/bin/broker
