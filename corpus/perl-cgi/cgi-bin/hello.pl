#!/usr/bin/perl
print "hello\n";
