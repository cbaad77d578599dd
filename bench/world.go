package main

import (
	"fmt"
	"strconv"
	"strings"
)

// world is what a database holds before anybody calls. The id of every task
// follows from its number, so that nobody has to ask for it: neither this
// program nor pgbench, which computes with integers alone.
type world struct {
	users int
	each  int // tasks of one user
}

// The files in seed use these constants.
const (
	firstUser    int64 = 1_000_000_000_000_000_000
	firstInstant int64 = 1_577_836_800_000_000 // the start of 2020 in microseconds
	apart        int64 = 7_919_003             // microseconds from one task to the next
	scatter      int64 = 1_000_003             // makes the "random" end of an id
)

// userID returns the id of a user. It looks like a number because the
// variables of pgbench do.
func userID(user int) string { return strconv.FormatInt(firstUser+int64(user), 10) }

// taskID returns the id of task k of a user: a UUIDv7 of the instant at which
// the task was created, as Taskhold makes them.
func (w world) taskID(user, k int) string {
	number := int64(user) + int64(w.users)*int64(k)
	at := firstInstant + number*apart
	high := uint64(at/1000)<<16 | 0x7000 | uint64(at%1000*4096/1000)
	low := 1<<63 | uint64(number*scatter)
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&(1<<48-1))
}

// isCompleted reports whether a user's task k is seeded as completed.
func isCompleted(k int) bool { return k%4 == 0 }

// kept is how many of a user's tasks nobody deletes, from the first on. As
// many again, at least, may be.
func (w world) kept() int { return w.each / 2 }

// fill puts the constants of a world into a statement.
func (w world) fill(sql string) string {
	return strings.NewReplacer(
		"{users}", strconv.Itoa(w.users), "{each}", strconv.Itoa(w.each),
		"{first_user}", strconv.FormatInt(firstUser, 10), "{first_instant}", strconv.FormatInt(firstInstant, 10),
		"{apart}", strconv.FormatInt(apart, 10), "{scatter}", strconv.FormatInt(scatter, 10),
	).Replace(sql)
}

// crowd is those users of a world who call one server: no two servers of one
// database meet the same.
type crowd struct {
	world
	size   int // how many users
	stride int // from one of them to the next
	first  int
}

const (
	crowds      = 4    // into which the users of a world are divided
	mostCallers = 1000 // in a crowd
)

// sample is a crowd of all users, or of some of many, for the only server of a
// database.
func (w world) sample() crowd {
	size := min(mostCallers, w.users)
	return crowd{world: w, size: size, stride: w.users / size}
}

func (w world) crowd(number int) crowd {
	size := min(mostCallers, w.users/crowds)
	return crowd{world: w, size: size, stride: w.users / size, first: number}
}

func (c crowd) user(i int) int { return c.first + c.stride*i }
