package bootstrap_test

import (
	"bufio"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestALogThatNobodyReadsStopsNothing(t *testing.T) {
	for name, use := range map[string]func(reader *os.File) error{
		"its reader has stopped": func(*os.File) error { return nil },
		"its reader has ended":   (*os.File).Close,
	} {
		t.Run(name, func(t *testing.T) {
			environ := append(environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), "RATE_LIMIT_READ=off")
			p := prepare(t, environ, "serve")
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			p.Stderr = writer
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = p.Process.Kill() })
			_ = writer.Close()
			line, err := bufio.NewReader(reader).ReadString('\n')
			address := listening.FindStringSubmatch(line)
			if err != nil || address == nil {
				t.Fatalf("it does not listen: %q, %v", line, err)
			}
			if err := use(reader); err != nil {
				t.Fatal(err)
			}
			for i := range 1000 { // of more than 100 bytes each: a pipe takes 64 KiB
				if status, body := call(t, "GET", "http://"+address[1]+"/v1/tasks?limit=1", ""); status != http.StatusOK {
					t.Fatalf("request %d: %d %s", i, status, body)
				}
			}
			began := time.Now()
			if err := errors.Join(p.Process.Signal(syscall.SIGTERM), p.Wait()); err != nil {
				t.Errorf("it ends with %v", err)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v to end", took)
			}
		})
	}
}
