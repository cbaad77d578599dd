package main

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestStatIsReadBehindTheName(t *testing.T) {
	const line = "4711 (a) b (c) S 42 4711 4711 0 -1 4194560 1 2 3 4 150 30 15 5 20 0 1 0 100 1000 10\n"
	got, err := parseStat(line)
	if want := (stat{parent: 42, own: 1800 * time.Millisecond, ended: 200 * time.Millisecond}); err != nil || got != want {
		t.Errorf("parseStat = %+v, %v; want %+v", got, err, want)
	}
	for _, bad := range []string{"", "1 (a) S", "1 (a) S x 0 0 0 0 0 0 0 0 0 1 1 1 1 0"} {
		if got, err := parseStat(bad); err == nil {
			t.Errorf("parseStat(%q) = %+v", bad, got)
		}
	}
}

func TestProcessorTimeCountsChildrenThatRun(t *testing.T) {
	before, err := cpuOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command("/bin/sh", "-c", "while :; do :; done")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	defer child.Process.Kill()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		own, _ := readStat(os.Getpid())
		after, err := cpuOf(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if after-own.own-own.ended > 100*time.Millisecond && after > before {
			return
		}
	}
	t.Error("a busy child adds no processor time")
}

func TestMemoryIsThatOfTheProcess(t *testing.T) {
	if got, err := memoryOf(os.Getpid()); err != nil || got < 1<<20 || got > 1<<32 {
		t.Errorf("memoryOf = %d, %v", got, err)
	}
	if _, err := memoryOf(-1); err == nil {
		t.Error("nobody's memory is known")
	}
}
