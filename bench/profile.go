package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/pprof/profile"
)

// writeProfile profiles Taskhold on PostgreSQL in a closed loop and prints
// which of its functions take longest, each with what it calls of others.
func (b *bench) writeProfile(ctx context.Context) error {
	if b.profile == "" {
		return nil
	}
	i := slices.IndexFunc(b.subjects, func(s *subject) bool { return s.name == "postgres" })
	done := make(chan error, 1)
	go func() { done <- b.subjects[i].fetchProfile(ctx, b.duration, b.profile) }()
	if _, err := b.subjects[i].closed(ctx, b.duration); err != nil {
		return err
	}
	if err := <-done; err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-nodecount=10", "-show=^taskhold/", b.taskhold, b.profile)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

func (s *subject) fetchProfile(ctx context.Context, period time.Duration, path string) error {
	seconds := max(1, int(period.Seconds()))
	url := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", s.server.admin, seconds)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	fetched, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("profile: %s: %s", response.Status, fetched)
	}
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(anonymous(fetched, file), file.Close())
}

// anonymous writes a profile without the folders of this machine, since one is
// kept for the compiler.
func anonymous(fetched []byte, to io.Writer) error {
	p, err := profile.Parse(bytes.NewReader(fetched))
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	for _, m := range p.Mapping {
		m.File = filepath.Base(m.File)
	}
	return p.Write(to)
}
