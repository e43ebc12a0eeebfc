package main

func main() { println("service") }
