#!/bin/sh
seq 100
