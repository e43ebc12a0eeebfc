#!/bin/sh
tar -xzf /backup/data.tgz -C /
