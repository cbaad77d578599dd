package betterauth_test

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"taskhold/adapters/betterauth"
)

// FuzzToken knows every good token there is: it made them.
func FuzzToken(f *testing.F) {
	k := edPair("k")
	good := map[string]bool{withTheSecret(f, body): true, k.sign(f, body): true}
	for token := range good {
		f.Add(token)
		f.Add(token + "=")
		f.Add(token[1:])
	}
	f.Add("..")
	f.Add(b64(`{"alg":"none"}`) + "." + b64(body) + ".")
	f.Add(b64(`{"alg":"HS256","kid":1}`) + "." + b64(`[]`) + ".AA")
	v, err := betterauth.New(betterauth.Options{
		Secrets: []string{secret}, KeysURL: serve(f, keySet(k)), Clock: &clock{capturedAt},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token string) {
		user, err := v.Verify(t.Context(), token)
		if (err == nil) != good[token] || (err == nil) == user.IsZero() {
			t.Errorf("Verify(%q) = %q, %v", token, user, err)
		}
	})
}

// FuzzClaims signs whatever it is given, and reads what is accepted once more
// with a laxer reader.
func FuzzClaims(f *testing.F) {
	f.Add(claims(`"sub":"ann"`))
	f.Add(claims(session(`"ann"`, `"ann"`, ahead)))
	f.Add(claims(`"sub":"ann","user":{"id":"bob"},"aud":["x"],"nbf":1.5e9`))
	f.Add(claims(`"userId":"ann","email":"a@example.test"`))
	f.Fuzz(func(t *testing.T, text string) {
		token := forge(t, jwt.SigningMethodHS256, []byte(secret), `{"alg":"HS256"}`, text)
		user, err := withSecret(t, nil).Verify(t.Context(), token)
		if err != nil {
			return
		}
		var read struct {
			Exp     float64        `json:"exp"`
			Sub     *string        `json:"sub"`
			Session map[string]any `json:"session"`
		}
		if err := json.Unmarshal([]byte(text), &read); err != nil {
			t.Fatalf("accepts %q: %v", text, err)
		}
		named := read.Session["userId"]
		if read.Sub != nil {
			named = *read.Sub
		}
		if named != user.String() || read.Exp <= float64(capturedAt.Unix())-30 {
			t.Errorf("accepts %q for %q", text, user)
		}
	})
}

// FuzzSecrets writes what was read once more, and wants nothing told back.
func FuzzSecrets(f *testing.F) {
	for _, s := range []string{"2:new,1:old", " 2 : new , 1 : old ", "1:a:b", "1:", ":a", "a", "1:a,1:b", "01:a,1:b", "-1:a", "4294967296:a", "1:a,", ",", "", "1:\x00"} {
		f.Add(s)
	}
	said := regexp.MustCompile(`^(must be a list of version:secret, such as "2:new,1:old"|has version [0-9]+ twice)$`)
	f.Fuzz(func(t *testing.T, s string) {
		secrets, err := betterauth.ParseSecrets(s)
		if err != nil {
			if secrets != nil || !said.MatchString(err.Error()) {
				t.Fatalf("%q is %q, %v", s, secrets, err)
			}
			return
		}
		var written []string
		for i, one := range secrets {
			if one == "" || strings.TrimSpace(one) != one || !strings.Contains(s, one) {
				t.Fatalf("%q is %q", s, secrets)
			}
			written = append(written, strconv.Itoa(i)+":"+one)
		}
		if strings.Count(s, ",") != len(secrets)-1 {
			t.Fatalf("%q is %q", s, secrets)
		}
		if again, err := betterauth.ParseSecrets(strings.Join(written, ",")); err != nil || strings.Join(again, ",") != strings.Join(secrets, ",") {
			t.Errorf("%q is %q, which comes back as %q, %v", s, secrets, again, err)
		}
	})
}
