#!/bin/sh
figlet hello
