package bootstrap_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// folderWithCurl returns a folder where this program is called curl, for
// machines that have none.
func folderWithCurl(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(self, filepath.Join(folder, "curl")); err != nil {
		t.Fatal(err)
	}
	return folder
}

// curl does what curl does for the lines that dev prints, and refuses what it
// does not know.
func curl(args []string) int {
	header := http.Header{}
	method, address, body := http.MethodGet, "", ""
	for i := 0; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "-s":
		case (arg == "-H" || arg == "-d") && i+1 < len(args):
			i++
			if name, value, ok := strings.Cut(args[i], ": "); arg == "-H" && ok {
				header.Set(name, value)
			} else if arg == "-d" {
				method, body = http.MethodPost, args[i]
			}
		case strings.HasPrefix(arg, "http://") && address == "":
			address = arg
		default:
			fmt.Fprintf(os.Stderr, "curl: unknown: %s\n", arg)
			return 2
		}
	}
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return 3
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 7
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		return 18
	}
	return 0
}

func TestOurCurlDoesAsCurlDoes(t *testing.T) {
	server := start(t, environOf("sqlite:"+filepath.Join(t.TempDir(), "tasks.db")), "serve")
	signedIn := "Authorization: Bearer " + tokenOf(t, "ann")
	for want, args := range map[string][]string{
		`"items":[]`:             {"-H", signedIn},
		`UNAUTHENTICATED`:        {"-H", "Content-Type: application/json", "-d", "{}"},
		`UNSUPPORTED_MEDIA_TYPE`: {"-H", signedIn, "-H", "Content-Type: text/plain", "-d", "{}"},
	} {
		args = append([]string{"-s", server.base + "/v1/tasks", "-H", "X-Request-Id: the-same-one"}, args...)
		got, err := exec.CommandContext(t.Context(), filepath.Join(folderWithCurl(t), "curl"), args...).Output()
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("curl %q says %s, %v; want %s", args, got, err, want)
		}
		theirs, err := exec.LookPath("curl")
		if err != nil {
			continue // there is no other to compare it with
		}
		if said, err := exec.CommandContext(t.Context(), theirs, args...).Output(); err != nil || !bytes.Equal(got, said) {
			t.Errorf("curl %q\nsays %s, %v\nours %s", args, said, err, got)
		}
	}
}
