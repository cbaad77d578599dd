package betterauth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"taskhold/adapters/betterauth"
	"taskhold/ports"
)

// in is the NumericDate of an instant so long after capturedAt.
func in(after time.Duration) string { return at(capturedAt, after) }

// claims are JSON members, with an exp to come.
func claims(members ...string) string {
	return "{" + strings.Join(append(members, `"exp":`+in(time.Minute)), ",") + "}"
}

// session has the members of a session cookie, with which one may disagree.
func session(userID, sessionUserID, expiresAt string) string {
	return fmt.Sprintf(`"session":{"userId":%s,"expiresAt":%s},"user":{"id":%s}`, sessionUserID, expiresAt, userID)
}

const (
	ahead  = `"2026-11-29T21:26:46.357Z"`
	passed = `"2026-11-22T21:33:59.999Z"`
)

func TestClaims(t *testing.T) {
	const sub = `"sub":"ann"`
	good, invalid, expired := error(nil), error(ports.ErrTokenInvalid), error(ports.ErrTokenExpired)
	for name, tc := range map[string]struct {
		claims string
		want   error
	}{
		"sub alone names the user":                    {claims(sub), good},
		"an unknown claim is no harm":                 {claims(sub, `"role":"admin","tags":[1,{"a":null}]`), good},
		"banned is the issuer's to know":              {claims(sub, `"banned":true`), good},
		"expired 29 seconds ago is within the leeway": {`{"sub":"ann","exp":` + in(-29*time.Second) + `}`, good},
		"expired 30 seconds ago":                      {`{"sub":"ann","exp":` + in(-30*time.Second) + `}`, expired},
		"expired 31 seconds ago":                      {`{"sub":"ann","exp":` + in(-31*time.Second) + `}`, expired},
		"the exp that a numeric expirationTime makes": {`{"sub":"ann","exp":900}`, expired},
		"no exp":                                    {`{"sub":"ann"}`, invalid},
		"an exp of null":                            {`{"sub":"ann","exp":null}`, invalid},
		"an exp in a string":                        {`{"sub":"ann","exp":"` + in(time.Hour) + `"}`, invalid},
		"a negative exp":                            {`{"sub":"ann","exp":-1}`, invalid},
		"an exp beyond all numbers":                 {`{"sub":"ann","exp":1e400}`, invalid},
		"an exp of NaN":                             {`{"sub":"ann","exp":NaN}`, invalid},
		"an exp of Infinity":                        {`{"sub":"ann","exp":Infinity}`, invalid},
		"an exp in milliseconds":                    {`{"sub":"ann","exp":` + in(time.Hour) + `000}`, invalid},
		"an exp that is an array":                   {`{"sub":"ann","exp":[` + in(time.Hour) + `]}`, invalid},
		"an exp with a fraction":                    {`{"sub":"ann","exp":` + in(time.Hour) + `.5}`, good},
		"nbf 30 seconds ahead is within the leeway": {claims(sub, `"nbf":`+in(30*time.Second)), good},
		"nbf 31 seconds ahead":                      {claims(sub, `"nbf":`+in(31*time.Second)), invalid},
		"nbf at the beginning of time":              {claims(sub, `"nbf":0`), good},
		"an exp at the beginning of time":           {`{"sub":"ann","exp":0}`, expired},
		"an exp in the last second of 9999":         {`{"sub":"ann","exp":253402300799}`, good},
		"an exp in the year 10000":                  {`{"sub":"ann","exp":253402300800}`, invalid},
		"nbf in a string":                           {claims(sub, `"nbf":"1"`), invalid},
		"iat 30 seconds ahead is within the leeway": {claims(sub, `"iat":`+in(30*time.Second)), good},
		"iat 31 seconds ahead":                      {claims(sub, `"iat":`+in(31*time.Second)), invalid},
		"iat of null":                               {claims(sub, `"iat":null`), invalid},
		"no sub":                                    {claims(`"name":"Ann"`), invalid},
		"an empty sub":                              {claims(`"sub":""`), invalid},
		"a sub of null":                             {claims(`"sub":null`), invalid},
		"a sub that is a number":                    {claims(`"sub":1`), invalid},
		"a sub that is an object":                   {claims(`"sub":{"id":"ann"}`), invalid},
		"a sub that is an array":                    {claims(`"sub":["ann"]`), invalid},
		"a sub of 256 bytes":                        {claims(`"sub":"` + strings.Repeat("x", 256) + `"`), invalid},
		"a sub with a NUL":                          {claims(`"sub":"ann\u0000"`), invalid},
		"a sub with a line break":                   {claims(`"sub":"ann\n"`), invalid},
		"a sub with half a surrogate pair":          {claims(`"sub":"ann\ud800"`), invalid},
		"a sub that is not UTF-8":                   {claims("\"sub\":\"ann\xff\""), invalid},
		"a name that is not UTF-8":                  {claims(sub, "\"name\":\"\xff\""), invalid},
		"sub twice":                                 {claims(sub, `"sub":"bob"`), invalid},
		"sub twice, once by an escape":              {claims(sub, `"s\u0075b":"bob"`), invalid},
		"exp twice":                                 {claims(sub, `"exp":1`), invalid},
		"a user's id twice":                         {claims(sub, `"user":{"id":"ann","id":"bob"}`), invalid},
		"a name twice where nobody looks":           {claims(sub, `"x":[{"a":1,"a":2}]`), invalid},
		"Sub is not sub":                            {claims(`"Sub":"ann"`), invalid},
		"user.id agrees with sub":                   {claims(sub, `"user":{"id":"ann"}`), good},
		"user.id differs from sub":                  {claims(sub, `"user":{"id":"bob"}`), invalid},
		"user.id differs from sub by its case":      {claims(sub, `"user":{"id":"Ann"}`), invalid},
		"user.id is no string beside sub":           {claims(sub, `"user":{"id":null}`), invalid},
		"a user without an id beside sub":           {claims(sub, `"user":{"name":"Bob"}`), good},
		"top-level userId and email alone":          {claims(`"userId":"ann","email":"ann@example.test"`), invalid},
		"top-level id alone":                        {claims(`"id":"ann"`), invalid},
		"a change-email link":                       {claims(`"email":"a@example.test","updateTo":"b@example.test","requestType":"change-email"`), invalid},
		"a session names its user":                  {claims(session(`"ann"`, `"ann"`, ahead)), good},
		"a session of another user":                 {claims(session(`"ann"`, `"bob"`, ahead)), invalid},
		"a session of nobody":                       {claims(session(`""`, `""`, ahead)), invalid},
		"a session of a number":                     {claims(session(`1`, `1`, ahead)), invalid},
		"a session that has ended":                  {claims(session(`"ann"`, `"ann"`, passed)), expired},
		"a session that ends now":                   {claims(session(`"ann"`, `"ann"`, `"2026-11-22T21:34:00Z"`)), expired},
		"a session without an end":                  {claims(session(`"ann"`, `"ann"`, `null`)), invalid},
		"a session whose end is a number":           {claims(session(`"ann"`, `"ann"`, `1801269206`)), invalid},
		"a user without a session":                  {claims(`"user":{"id":"ann"}`), invalid},
		"a session without a user":                  {claims(`"session":{"userId":"ann","expiresAt":` + ahead + `}`), invalid},
		"a session does not mend an empty sub":      {claims(`"sub":""`, session(`"ann"`, `"ann"`, ahead)), invalid},
		"a token bound to a key of the client":      {claims(sub, `"cnf":{"jkt":"x"}`), invalid},
		"cnf of null is there":                      {claims(sub, `"cnf":null`), invalid},
		"an ID token by its at_hash":                {claims(sub, `"at_hash":"x"`), invalid},
		"an ID token by its auth_time":              {claims(sub, `"auth_time":1`), invalid},
		"an ID token by its acr":                    {claims(sub, `"acr":"0"`), invalid},
		"an ID token by its nonce":                  {claims(sub, `"nonce":"x"`), invalid},
		"a machine by its client_id":                {claims(sub, `"client_id":"ann"`), invalid},
		"a machine by its azp":                      {claims(sub, `"azp":"ann"`), invalid},
		"a user by way of a client":                 {claims(sub, `"azp":"app","client_id":"app"`), good},
		"expired and wrong otherwise is invalid":    {`{"sub":"ann","cnf":{},"exp":1}`, invalid},
		"claims that are an array":                  {`["sub"]`, invalid},
		"claims that are null":                      {`null`, invalid},
		"no claims":                                 {``, invalid},
		"claims with more behind them":              {claims(sub) + `{}`, invalid},
		"claims with a byte order mark":             {"\ufeff" + claims(sub), invalid},
		"claims nested a thousand deep":             {claims(sub, `"x":`+strings.Repeat("[", 1000)+strings.Repeat("]", 1000)), invalid},
		"an unfinished object":                      {strings.TrimSuffix(claims(sub), "}"), invalid},
		"issuer and audience are anyone's if unset": {claims(sub, `"iss":"https://x.example","aud":["y"]`), good},
	} {
		t.Run(name, func(t *testing.T) {
			user, err := withSecret(t, nil).Verify(t.Context(), withTheSecret(t, tc.claims))
			if !errors.Is(err, tc.want) || (err == nil) != (user.String() == "ann") {
				t.Errorf("claims %s: got %q, %v; want %v", tc.claims, user, err, tc.want)
			}
		})
	}
}

func TestIssuersAndAudiences(t *testing.T) {
	const (
		us    = `"iss":"https://auth.example.com"`
		forUs = `"aud":"https://tasks.example.com"`
		sub   = `"sub":"ann"`
	)
	cookie := session(`"ann"`, `"ann"`, ahead)
	for name, tc := range map[string]struct {
		claims string
		ok     bool
	}{
		"both are ours":                               {claims(sub, us, forUs), true},
		"the second issuer is ours too":               {claims(sub, `"iss":"https://auth.example.com/api/auth"`, forUs), true},
		"ours is among the audiences":                 {claims(sub, us, `"aud":["other","https://tasks.example.com"]`), true},
		"no iss":                                      {claims(sub, forUs), false},
		"another iss":                                 {claims(sub, `"iss":"https://evil.example"`, forUs), false},
		"an iss that begins like ours":                {claims(sub, `"iss":"https://auth.example.com.evil.example"`, forUs), false},
		"an iss that ours begins with":                {claims(sub, `"iss":"https://auth.example"`, forUs), false},
		"an iss with a slash at its end":              {claims(sub, `"iss":"https://auth.example.com/"`, forUs), false},
		"an iss in capitals":                          {claims(sub, `"iss":"HTTPS://AUTH.EXAMPLE.COM"`, forUs), false},
		"an iss that is an array":                     {claims(sub, `"iss":["https://auth.example.com"]`, forUs), false},
		"no aud":                                      {claims(sub, us), false},
		"another aud":                                 {claims(sub, us, `"aud":"other"`), false},
		"an aud that begins like ours":                {claims(sub, us, `"aud":"https://tasks.example.com.evil.example"`), false},
		"audiences without ours":                      {claims(sub, us, `"aud":["other","another"]`), false},
		"no audiences":                                {claims(sub, us, `"aud":[]`), false},
		"an aud that is an object":                    {claims(sub, us, `"aud":{"https://tasks.example.com":1}`), false},
		"ours in an array within an array":            {claims(sub, us, `"aud":[["https://tasks.example.com"]]`), false},
		"a session cookie has neither":                {claims(cookie), true},
		"a session cookie of another issuer":          {claims(cookie, `"iss":"https://evil.example"`), false},
		"a session cookie for another audience":       {claims(cookie, `"aud":"better-auth:session-cache"`), false},
		"a session beside a sub is no session cookie": {claims(sub, cookie), false},
	} {
		t.Run(name, func(t *testing.T) {
			v := withSecret(t, func(o *betterauth.Options) {
				o.Issuers = []string{"https://auth.example.com", "https://auth.example.com/api/auth"}
				o.Audiences = []string{"https://tasks.example.com"}
			})
			user, err := v.Verify(t.Context(), withTheSecret(t, tc.claims))
			if (err == nil) != tc.ok || !tc.ok && !errors.Is(err, ports.ErrTokenInvalid) || tc.ok && user.String() != "ann" {
				t.Errorf("claims %s: got %q, %v; want ok %v", tc.claims, user, err, tc.ok)
			}
		})
	}
}

func TestASingleIssuerIsTheOnlyOne(t *testing.T) {
	v := withSecret(t, func(o *betterauth.Options) { o.Issuers = []string{"https://auth.example.com"} })
	if _, err := v.Verify(t.Context(), withTheSecret(t, claims(`"sub":"ann"`, `"iss":"https://auth.example.com"`))); err != nil {
		t.Errorf("its own token: %v", err)
	}
	if user, err := v.Verify(t.Context(), withTheSecret(t, claims(`"sub":"ann"`, `"iss":"https://evil.example"`))); !errors.Is(err, ports.ErrTokenInvalid) {
		t.Errorf("another's token: got %q, %v; want it refused", user, err)
	}
}
