package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// special is what may be measured in place of the comparison, of the servers
// that -only names.
type special struct {
	startup  bool
	memory   numbers // of connections
	overload float64 // times what a server can do
	growth   numbers // of tasks
	heavy    int     // tasks of each user
}

func (s *special) declare(set *flag.FlagSet) {
	set.BoolVar(&s.startup, "startup", false, "measure the time from exec to the first answer, and the program's size, instead")
	set.Var(&s.memory, "memory", "measure the memory at these numbers of connections, such as 64,256,1000, instead")
	set.Float64Var(&s.overload, "overload", 0, "measure a load of so many times what each server can do, instead")
	set.Var(&s.growth, "growth", "measure Taskhold on databases of these numbers of tasks, such as 10000,1000000, instead")
	set.IntVar(&s.heavy, "heavy", 0, "measure Taskhold on a database whose users have so many tasks each, beside those of -growth")
}

func (s special) wanted() bool {
	return s.startup || len(s.memory) > 0 || s.overload != 0 || len(s.growth) > 0 || s.heavy != 0
}

func (s special) check(o options) error {
	each := o.tasks / o.users
	switch {
	case s.overload != 0 && (s.overload < 1 || s.overload > 100):
		return errors.New("-overload is 1 to 100 times what a server can do")
	case len(s.memory) > 0 && (slices.Min(s.memory) < 1 || slices.Max(s.memory) > 10_000 || !slices.IsSorted(s.memory)):
		return errors.New("-memory is of 1 to 10000 connections, the fewest first")
	case len(s.growth) > 0 && (slices.Min(s.growth) < crowds*each || slices.Max(s.growth) > mostTasks):
		return fmt.Errorf("-growth is of %d to %d tasks, %d for each user as -seed and -users say", crowds*each, mostTasks, each)
	case s.heavy != 0 && (len(s.growth) == 0 || s.heavy < 2*pageSize || s.heavy*crowds > o.tasks):
		return fmt.Errorf("-heavy stands beside -growth and is %d tasks or more, of which -seed holds those of %d users", 2*pageSize, crowds)
	}
	return s.checkOnly(o.only)
}

// checkOnly refuses to measure nothing.
func (s special) checkOnly(only []string) error {
	measures := func(name string) bool { return slices.Contains(only, name) }
	switch {
	case s.startup && !measures("postgres") && !measures("sqlite"):
		return errors.New("-startup is of postgres and sqlite, which -only leaves out")
	case len(s.growth) > 0 && !measures("postgres"):
		return errors.New("-growth is of postgres, which -only leaves out")
	case s.wanted() && slices.Equal(only, []string{"pgbench"}):
		return errors.New("-only leaves out every server")
	}
	return nil
}

// measureSpecial goes from what needs a fresh server to what needs a whole
// database.
func (b *bench) measureSpecial(ctx context.Context) error {
	b.only = slices.DeleteFunc(slices.Clone(b.only), func(name string) bool { return name == "pgbench" })
	var wrong error
	for _, one := range []struct {
		wanted  bool
		measure func(context.Context) error
	}{
		{b.startup, b.measureStartup},
		{len(b.special.memory) > 0, b.measureMemory},
		{b.overload > 0, b.measureOverload},
		{len(b.growth) > 0, b.measureGrowth},
	} {
		if one.wanted && ctx.Err() == nil {
			wrong = errors.Join(wrong, one.measure(ctx))
		}
	}
	return wrong
}

// numbers are a flag of several.
type numbers []int

// String implements flag.Value.
func (n numbers) String() string {
	texts := make([]string, len(n))
	for i, number := range n {
		texts[i] = strconv.Itoa(number)
	}
	return strings.Join(texts, ",")
}

// Set implements flag.Value.
func (n *numbers) Set(text string) error {
	*n = nil
	for part := range strings.SplitSeq(text, ",") {
		number, err := strconv.Atoi(part)
		if err != nil {
			return fmt.Errorf("%q is no number", part)
		}
		*n = append(*n, number)
	}
	return nil
}
