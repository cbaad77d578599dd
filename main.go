// Command taskhold is a backend for task lists: many users, REST, PostgreSQL
// or a file. Run it with --help.
package main

import (
	"os"

	"taskhold/bootstrap"
)

func main() {
	os.Exit(bootstrap.Main(os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}
