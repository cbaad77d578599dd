package strictjson_test

import (
	"strings"
	"testing"

	"taskhold/adapters/httpapi/strictjson"
)

const typical = `{"title":"Renew the passport before the summer","description":"Photos first, then the office.\nBring the old one; it costs \"about\" 80 €.",
 "completed":false,"priority":"high","due_date":"2026-12-01","due_at":null,"tags":["home","papers","2026"],"version":3,"id":"0193a5b0-7c1e-7000-8000-0123456789ab"}`

func TestATypicalBodyTakesFewAllocations(t *testing.T) {
	const most = 6
	body := []byte(typical)
	got := testing.AllocsPerRun(100, func() {
		v, _ := strictjson.Parse(body, limits)
		for _, value := range v.Members() {
			_ = value.String()
		}
		v.Get("version")
	})
	if got > most {
		t.Errorf("%v allocations, want at most %d", got, most)
	}
}

func TestAStringIsWrittenWithoutAllocating(t *testing.T) {
	buffer := make([]byte, 0, 2*len(typical))
	if got := testing.AllocsPerRun(100, func() { strictjson.AppendString(buffer, typical) }); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

func BenchmarkParse(b *testing.B) {
	for name, body := range map[string]string{
		"typical":              typical,
		"256KiB of tasks":      "[" + strings.Repeat(typical+",", 256<<10/len(typical)) + "1]",
		"256KiB in one string": `"` + strings.Repeat("x", 256<<10) + `"`,
		"256KiB of members":    hostile(256 << 10)["distinct names"],
	} {
		b.Run(name, func(b *testing.B) {
			body := []byte(body)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, bad := strictjson.Parse(body, limits); bad != nil {
					b.Fatal(*bad)
				}
			}
		})
	}
}

func BenchmarkCanonical(b *testing.B) {
	v, bad := strictjson.Parse([]byte(typical), limits)
	if bad != nil {
		b.Fatal(*bad)
	}
	b.ReportAllocs()
	for b.Loop() {
		strictjson.Canonical(v)
	}
}

func BenchmarkAppendString(b *testing.B) {
	for name, text := range map[string]string{
		"title":             "Renew the passport before the summer",
		"description":       strings.Repeat("Photos first, then the office. ", 10) + "\n\"Bring the old one.\"",
		"text beyond ASCII": strings.Repeat("日本語", 30),
	} {
		b.Run(name, func(b *testing.B) {
			buffer := make([]byte, 0, 2*len(text))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				strictjson.AppendString(buffer, text)
			}
		})
	}
}
