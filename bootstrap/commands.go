package bootstrap

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/signal"
	"runtime/debug"
	"syscall"

	"taskhold/adapters/telemetry"
)

// The exit codes of the program.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2 // a wrong command line or configuration; nothing was opened
)

//nolint:gosec // the password is the word for one
const usage = `Taskhold is a backend for task lists: many users, REST, on PostgreSQL or a file.

Usage:
  taskhold dev [--fresh] [--user ID]   run on a file of its own and print a token to try it with
  taskhold serve                       run as the environment says
  taskhold migrate up|down|status      change the schema of DATABASE_URL, or show it
  taskhold token --user ID             print a token for a running 'taskhold dev'
  taskhold version                     print the version

'taskhold COMMAND --help' tells more of a command.
'dev' needs no configuration. 'serve' needs these variables:
  DATABASE_URL        where tasks are kept: postgres://user:password@host/name or sqlite:/path/to/file.db
  BETTER_AUTH_SECRET  the secret of your Better Auth, or
  BETTER_AUTH_URL     its address, to fetch its public keys from
The README lists all others with their defaults.
`

// command is what one invocation runs in.
type command struct {
	environ        []string
	stdout, stderr io.Writer
}

// Main runs the program and returns its exit code.
func Main(args, environ []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program as if nobody listened
	c := command{environ, stdout, stderr}
	name := "help"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	var err error
	switch name {
	case "dev":
		err = c.dev(ctx, args)
	case "serve":
		err = c.serve(ctx, args)
	case "migrate":
		err = c.migrate(ctx, args)
	case "token":
		err = c.token(args)
	case "version", "--version":
		fmt.Fprintln(stdout, "taskhold", version())
	case "help", "--help", "-h":
		fmt.Fprint(stdout, usage)
	default:
		err = usageError(fmt.Sprintf("no such command: %q; see 'taskhold help'", name))
	}
	return c.exit(err)
}

// usageError is a mistake in the command line.
type usageError string

func (e usageError) Error() string { return string(e) }

func (c command) exit(err error) int {
	var (
		wrongUsage  usageError
		wrongConfig *ConfigError
	)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.As(err, &wrongUsage), errors.As(err, &wrongConfig):
		fmt.Fprintln(c.stderr, "taskhold:", err)
		return exitUsage
	}
	fmt.Fprintln(c.stderr, "taskhold:", err)
	return exitFailed
}

// flags returns the set of one command's flags.
func (c command) flags(usage, about string) *flag.FlagSet {
	set := flag.NewFlagSet(usage, flag.ContinueOnError)
	set.SetOutput(io.Discard) // a wrong flag is told once, by exit
	set.Usage = func() {
		set.SetOutput(c.stdout)
		fmt.Fprintf(c.stdout, "Usage: taskhold %s\n\n%s\n", usage, about)
		set.PrintDefaults()
	}
	return set
}

// parse reads a command's flags and wants a number of words after them.
func parse(set *flag.FlagSet, args []string, words int) error {
	switch err := set.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return usageError(err.Error())
	case set.NArg() != words:
		return usageError("the command is: taskhold " + set.Name())
	}
	return nil
}

func (c command) serve(ctx context.Context, args []string) error {
	set := c.flags("serve", "Runs as the environment says, until SIGTERM or SIGINT.")
	if err := parse(set, args, 0); err != nil {
		return err
	}
	config, err := ReadConfig(c.environ, nil)
	if err != nil {
		return err
	}
	return c.run(ctx, config, func(*App) {})
}

// run assembles the program and serves until ctx is done, whoever reads its
// log or stops to.
func (c command) run(ctx context.Context, config Config, started func(*App)) error {
	signal.Ignore(syscall.SIGPIPE)
	log, err := telemetry.NewLogger(c.stderr, config.LogLevel, config.LogFormat)
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }() // what cannot be written cannot be told either
	app, err := New(ctx, config, log)
	if err != nil {
		return err
	}
	started(app)
	return errors.Join(app.Run(ctx), app.Close())
}

func (c command) migrate(ctx context.Context, args []string) (err error) {
	set := c.flags("migrate up|down|status", "up brings the schema up to date, down takes back the last migration, status lists all.\nOf the variables it reads DATABASE_URL alone.")
	if err := parse(set, args, 1); err != nil {
		return err
	}
	config, err := readDatabaseConfig(c.environ)
	if err != nil {
		return err
	}
	store, err := openStorage(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	switch set.Arg(0) {
	case "up":
		err = store.Migrate(ctx)
	case "down":
		err = store.Down(ctx)
	case "status":
	default:
		err = usageError(fmt.Sprintf("migrate knows up, down and status, not %q", set.Arg(0)))
	}
	if err != nil {
		return err
	}
	return c.printStatus(ctx, store)
}

func (c command) printStatus(ctx context.Context, store storage) error {
	steps, err := store.Status(ctx)
	for _, step := range steps {
		state := "pending"
		if step.Applied {
			state = "applied"
		}
		fmt.Fprintf(c.stdout, "%s  %05d  %s\n", state, step.Version, step.Name)
	}
	return err
}

// version is what the build says of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}
