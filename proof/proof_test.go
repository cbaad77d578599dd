package proof_test

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"taskhold/proof"
)

func TestACheckLooksAsLongAsItIsTold(t *testing.T) {
	t.Setenv("PROOF_TIME", "90m")
	if got := proof.Time(t, time.Second); got != 90*time.Minute {
		t.Errorf("Time = %v, want 1h30m", got)
	}
	t.Setenv("PROOF_TIME", "")
	if got := proof.Time(t, time.Second); got != time.Second {
		t.Errorf("Time = %v unless told, want the short one", got)
	}
}

func TestTheAssembledProgramAnswersUnderItsToken(t *testing.T) {
	base := proof.Serve(t, "sqlite:"+filepath.Join(t.TempDir(), "tasks.db"))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/v1/tasks", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+proof.Token(t, "ann"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("GET /v1/tasks = %s", response.Status)
	}
}
