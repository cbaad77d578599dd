package e2e

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
)

// The parts of a token that are JSON.
const (
	header  = 0
	payload = 1
)

// members are those of a part of a token.
func members(t *testing.T, token string, part int) map[string]any {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[part])
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// altered is a token with some members of a part changed, and its old signature.
func altered(t *testing.T, token string, part int, changed map[string]any) string {
	t.Helper()
	all := members(t, token, part)
	maps.Copy(all, changed)
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	parts[part] = base64.RawURLEncoding.EncodeToString(text)
	return strings.Join(parts, ".")
}

// unsigned is a token up to its last dot, that one included.
func unsigned(token string) string { return token[:strings.LastIndexByte(token, '.')+1] }

func signature(token string) string { return strings.TrimPrefix(token, unsigned(token)) }
