#!/bin/sh
echo network > /opt/network
