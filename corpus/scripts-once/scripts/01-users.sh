#!/bin/sh
set -e
useradd --create-home worker
