#!/bin/sh
export JAVA_OPTS=-Xmx256m
