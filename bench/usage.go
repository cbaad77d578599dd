package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of processor time in /proc on every Linux.
const tick = time.Second / 100

// cpuOf returns the processor time of a process and its children, also of
// those that have ended.
func cpuOf(pid int) (time.Duration, error) {
	for {
		own, err := readStat(pid)
		if err != nil {
			return 0, err
		}
		children, err := cpuOfChildren(pid)
		if err != nil {
			return 0, err
		}
		if again, err := readStat(pid); err != nil || again.ended == own.ended { // else one has ended meanwhile
			return own.own + own.ended + children, err
		}
	}
}

// cpuOfChildren is of those that run.
func cpuOfChildren(pid int) (total time.Duration, err error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if s, err := readStat(child); err == nil && s.parent == pid { // it may just have ended
			total += s.own + s.ended
		}
	}
	return total, err
}

type stat struct {
	parent     int
	own, ended time.Duration // processor time of itself and of children that were waited for
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	return parseStat(string(text))
}

// parseStat reads a line of proc_pid_stat(5).
func parseStat(line string) (stat, error) {
	fields := strings.Fields(line[strings.LastIndexByte(line, ')')+1:]) // a name may hold anything
	const parent, user, last = 1, 11, 14
	if len(fields) <= last {
		return stat{}, errors.New("a process has no figures")
	}
	var ticks [last + 1 - user]int64
	for i := range ticks {
		var err error
		if ticks[i], err = strconv.ParseInt(fields[user+i], 10, 64); err != nil {
			return stat{}, err
		}
	}
	id, err := strconv.Atoi(fields[parent])
	return stat{id, time.Duration(ticks[0]+ticks[1]) * tick, time.Duration(ticks[2]+ticks[3]) * tick}, err
}

// memoryOf returns the bytes that a process holds in memory.
func memoryOf(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, errors.New("a process has no figures")
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}
