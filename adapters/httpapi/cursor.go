package httpapi

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"strconv"
	"strings"
	"sync"
	"time"

	"taskhold/domain/task"
)

// cursors makes and reads cursors: positions, encrypted since they can hold a
// title, and sealed together with the list that they belong to. The nonce is a
// MAC of all that is sealed, so that it never meets two different texts.
type cursors struct {
	nonces *sync.Pool // of hash.Hash
	aead   cipher.AEAD
}

func newCursors(key []byte) (cursors, error) {
	block, err := aes.NewCipher(mac(hmac.New(sha256.New, key), "cursor: seal"))
	if err != nil {
		return cursors{}, err
	}
	aead, err := cipher.NewGCM(block)
	nonceKey := mac(hmac.New(sha256.New, key), "cursor: nonce")
	return cursors{&sync.Pool{New: func() any { return hmac.New(sha256.New, nonceKey) }}, aead}, err
}

func mac(h hash.Hash, parts ...string) []byte {
	h.Reset()
	for _, part := range parts {
		h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return h.Sum(nil)
}

// seal returns the cursor of a position in a list.
func (c cursors) seal(list string, p task.Position) string {
	text := formatPosition(p)
	h := c.nonces.Get().(hash.Hash)
	defer c.nonces.Put(h)
	nonce := mac(h, list, text)[:c.aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(c.aead.Seal(nonce, nonce, []byte(text), []byte(list)))
}

// open returns the position of a cursor that seal made for the same list.
func (c cursors) open(list, cursor string) (p task.Position, ok bool) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	size := c.aead.NonceSize()
	if err != nil || len(sealed) < size || strings.ContainsAny(cursor, "\r\n") { // which the decoder passes over
		return p, false
	}
	text, err := c.aead.Open(nil, sealed[:size], sealed[size:], []byte(list))
	if err != nil {
		return p, false
	}
	return parsePosition(string(text))
}

// formatPosition separates by a byte that no text of a task holds.
func formatPosition(p task.Position) string {
	at := ""
	if !p.At.IsZero() {
		at = strconv.FormatInt(p.At.UnixMicro(), 10)
	}
	return strings.Join([]string{p.ID.String(), at, strconv.Itoa(int(p.Rank)), p.Text}, "\x00")
}

func parsePosition(s string) (p task.Position, ok bool) {
	parts := strings.Split(s, "\x00")
	if len(parts) != 4 {
		return p, false
	}
	id, err := task.ParseID(parts[0])
	rank, rankErr := strconv.Atoi(parts[2])
	if err != nil || rankErr != nil {
		return p, false
	}
	p = task.Position{ID: id, Rank: task.Priority(rank), Text: parts[3]}
	if parts[1] != "" {
		micros, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil {
			return p, false
		}
		p.At = time.UnixMicro(micros).UTC()
	}
	return p, true
}
