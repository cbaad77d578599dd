//go:build linux || darwin || freebsd

package postgrestest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// owner is whom PostgreSQL runs as; nil is the user of this process.
type owner struct{ uid, gid uint32 }

func (o *owner) take(file string) error { return os.Chown(file, int(o.uid), int(o.gid)) }

// runAs chooses the owner. PostgreSQL refuses to run as root, and initdb as a
// user without a name.
func runAs(uid int) (*owner, error) {
	if uid != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			o := new(owner)
			_, err := fmt.Sscan(u.Uid+" "+u.Gid, &o.uid, &o.gid)
			return o, err
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user called postgres or nobody to run it as")
}

const memory = "/dev/shm" // where Linux keeps files in memory

// roomInMemory returns the bytes that [memory] still takes, 0 where there is none.
func roomInMemory() uint64 {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err != nil {
		return 0
	}
	return fs.Bavail * uint64(fs.Bsize)
}

// detach makes cmd run as o in a session of its own, where no Ctrl-C meant for
// the tests reaches it.
func detach(cmd *exec.Cmd, o *owner) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if o != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: o.uid, Gid: o.gid}
	}
}

// crash kills p and its children, and returns when the children are gone:
// until then PostgreSQL refuses to start on their shared memory.
func crash(p *os.Process) error {
	if err := p.Signal(syscall.SIGSTOP); err != nil { // so that it has no child after the count
		return err
	}
	all, err := processes()
	if err != nil {
		return errors.Join(err, p.Signal(syscall.SIGCONT))
	}
	victims := []int{p.Pid}
	for _, candidate := range all {
		if candidate.parent == p.Pid {
			victims = append(victims, candidate.id)
		}
	}
	for _, id := range victims {
		if err := syscall.Kill(id, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return awaitEnd(victims)
}

// awaitEnd returns when none of the processes runs. What has ended may stay a
// zombie for ever under a parent that does not collect it.
func awaitEnd(ids []int) error {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		all, err := processes()
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(p processInfo) bool { return !p.zombie && slices.Contains(ids, p.id) }) {
			return nil
		}
	}
	return fmt.Errorf("processes %v do not end", ids)
}

type processInfo struct {
	id, parent int
	zombie     bool
}

// processes lists what runs on the machine.
func processes() ([]processInfo, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(files) == 0 {
		return processesByPs()
	}
	var all []processInfo
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has just ended
		}
		var p processInfo
		var state string
		// The name, in parentheses, may hold anything (proc_pid_stat(5)).
		name := strings.LastIndexByte(string(text), ')')
		_, idErr := fmt.Sscan(string(text), &p.id)
		_, restErr := fmt.Sscan(string(text[name+1:]), &state, &p.parent)
		if err := errors.Join(idErr, restErr); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		p.zombie = state == "Z"
		all = append(all, p)
	}
	return all, nil
}

// processesByPs is for systems that are not Linux.
func processesByPs() ([]processInfo, error) {
	out, err := exec.Command("ps", "-A", "-o", "pid=", "-o", "ppid=", "-o", "stat=").Output()
	if err != nil {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	var all []processInfo
	for line := range strings.Lines(string(out)) {
		var p processInfo
		var state string
		if _, err := fmt.Sscan(line, &p.id, &p.parent, &state); err == nil {
			p.zombie = strings.HasPrefix(state, "Z")
			all = append(all, p)
		}
	}
	return all, nil
}
