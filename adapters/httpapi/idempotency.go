package httpapi

import (
	"context"
	"crypto/sha256"
	"strings"

	"github.com/gofiber/fiber/v2"

	"taskhold/adapters/httpapi/strictjson"
	"taskhold/ports"
)

// maxKey is how many characters an Idempotency-Key may have.
const maxKey = 255

const (
	headerKey      = "Idempotency-Key"
	headerReplayed = "Idempotent-Replayed"
)

// write carries out what changes something: at most once, if the request has
// a key. document is its body, for telling it from another request.
func (x *exchange) write(document strictjson.Value, do act) error {
	key, err := x.idempotencyKey()
	if err != nil {
		return err
	}
	if key == "" {
		return x.answer(do)
	}
	k := ports.Key{Text: key, Request: x.fingerprint(document)}
	kept, replayed, err := x.tasks.Once(x.ctx, x.user, k, x.keeping(do))
	if err != nil {
		return err
	}
	if replayed {
		if err := x.bear(len(kept.Body)); err != nil {
			return err
		}
		x.refund()
		x.http.Response.Header.Set(headerReplayed, "true")
	}
	x.send(reply{status: kept.Status, location: kept.Location, etag: kept.ETag, body: append(x.buffer(), kept.Body...)})
	return nil
}

// answer carries out an act and sends its reply.
func (x *exchange) answer(do act) error {
	out := reply{body: x.buffer()}
	if err := do(x.ctx, x.tasks, &out); err != nil {
		return err
	}
	x.send(out)
	return nil
}

// keeping makes an act one whose outcome can be kept: the refusals that say
// how things were when the request was carried out are outcomes too.
func (x *exchange) keeping(do act) func(context.Context, ports.Tasks) (ports.Reply, error) {
	return func(ctx context.Context, tasks ports.Tasks) (ports.Reply, error) {
		var out reply
		err := do(ctx, tasks, &out)
		if err == nil {
			return out.kept(), nil
		}
		switch p := x.problemOf(err); p.status {
		case fiber.StatusNotFound, fiber.StatusConflict, fiber.StatusPreconditionFailed:
			return reply{status: p.status, body: x.appendProblem(nil, p)}.kept(), nil
		}
		return ports.Reply{}, err
	}
}

// idempotencyKey returns the key of the request, or "" if it has none.
func (x *exchange) idempotencyKey() (string, error) {
	lines := x.http.Request.Header.PeekAll(headerKey)
	if len(lines) == 0 {
		return "", nil
	}
	if key, ok := parseKey(string(lines[0])); ok && len(lines) == 1 {
		return key, nil
	}
	return "", badHeader(headerKey, "must be 1 to 255 visible ASCII characters, in quotes or not")
}

// parseKey reads a key, bare or as a string of RFC 9651, section 3.3.3.
func parseKey(value string) (key string, ok bool) {
	key = value
	if inner, quoted := strings.CutPrefix(value, `"`); quoted {
		if key, ok = unquote(inner); !ok {
			return "", false
		}
	}
	invisible := func(r rune) bool { return r <= ' ' || r > '~' }
	return key, key != "" && len(key) <= maxKey && !strings.ContainsFunc(key, invisible)
}

// unquote reads what follows an opening quote, up to the closing one, which
// has to end it.
func unquote(s string) (string, bool) {
	var text strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return text.String(), i == len(s)-1
		case s[i] == '\\':
			if i++; i == len(s) || s[i] != '"' && s[i] != '\\' {
				return "", false
			}
		}
		text.WriteByte(s[i])
	}
	return "", false
}

// fingerprint tells a request from another one with the same key. None of the
// parts but the last can hold the byte that separates them.
func (x *exchange) fingerprint(document strictjson.Value) [sha256.Size]byte {
	parts := []string{string(x.http.Method()), x.path, x.field(fiber.HeaderIfMatch)}
	text := strings.Join(parts, "\x00") + "\x00"
	return sha256.Sum256(append([]byte(text), strictjson.Canonical(document)...))
}
