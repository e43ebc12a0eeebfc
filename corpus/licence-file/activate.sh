#!/bin/sh
md5sum < "$1" > /etc/licence
