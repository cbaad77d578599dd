package httpapi

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"taskhold/domain/task"
)

func newTestCursors(t *testing.T, seed byte) cursors {
	t.Helper()
	c, err := newCursors(bytes.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var positions = []task.Position{
	{ID: task.NewID(time.UnixMicro(1), [8]byte{1})},
	{ID: task.NewID(time.UnixMicro(1), [8]byte{2}), At: time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)},
	{ID: task.NewID(time.UnixMicro(1), [8]byte{3}), At: time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC)},
	{ID: task.NewID(time.UnixMicro(1), [8]byte{4}), Rank: task.High},
	{ID: task.NewID(time.UnixMicro(1), [8]byte{5}), Text: strings.Repeat("🙂", 200)},
}

func TestACursorIsThePositionThatItWasMadeOf(t *testing.T) {
	c := newTestCursors(t, 1)
	for _, p := range positions {
		cursor := c.seal("ann's list", p)
		if got, ok := c.open("ann's list", cursor); !ok || got != p {
			t.Errorf("got %+v %v, want %+v", got, ok, p)
		}
		if again := c.seal("ann's list", p); again != cursor {
			t.Error("the same page has two cursors")
		}
		if len(cursor) > 4096 {
			t.Errorf("it has %d characters", len(cursor))
		}
	}
}

func TestACursorOpensNothingElse(t *testing.T) {
	c, p := newTestCursors(t, 1), positions[4]
	cursor := c.seal("ann's list", p)
	if _, ok := c.open("bob's list", cursor); ok {
		t.Error("it opens another list")
	}
	if _, ok := newTestCursors(t, 2).open("ann's list", cursor); ok {
		t.Error("it opens under another key")
	}
	for _, altered := range []string{cursor + "\n", "\r" + cursor, cursor[:20] + "\r\n" + cursor[20:], cursor + "="} {
		if _, ok := c.open("ann's list", altered); ok {
			t.Errorf("%q opens it too", altered)
		}
	}
	sealed, _ := base64.RawURLEncoding.DecodeString(cursor)
	for i := range sealed {
		for bit := range 8 {
			altered := bytes.Clone(sealed)
			altered[i] ^= 1 << bit
			if _, ok := c.open("ann's list", base64.RawURLEncoding.EncodeToString(altered)); ok {
				t.Fatalf("bit %d of byte %d does not matter", bit, i)
			}
		}
	}
	for n := range sealed {
		if _, ok := c.open("ann's list", base64.RawURLEncoding.EncodeToString(sealed[:n])); ok {
			t.Fatalf("its first %d bytes are enough", n)
		}
	}
}

func TestTwoTextsNeverShareANonce(t *testing.T) {
	c, seen := newTestCursors(t, 1), map[string]bool{}
	for _, list := range []string{"a", "b", "a" + formatPosition(positions[0])} {
		for _, p := range positions {
			sealed, _ := base64.RawURLEncoding.DecodeString(c.seal(list, p))
			nonce := string(sealed[:12])
			if seen[nonce] {
				t.Errorf("%s %+v: the nonce was used", list, p)
			}
			seen[nonce] = true
		}
	}
}

func TestASealedTextThatIsNoPositionIsNoCursor(t *testing.T) {
	id := positions[0].ID.String()
	for _, text := range []string{"", "x", id, "x\x00\x000\x00", id + "\x00x\x000\x00", id + "\x00\x00x\x00", id + "\x00\x000\x00a\x00b"} {
		if _, ok := parsePosition(text); ok {
			t.Errorf("%q is one", text)
		}
	}
}
