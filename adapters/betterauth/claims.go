package betterauth

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"taskhold/domain/identity"
	"taskhold/ports"
)

// leeway is by how much the issuer's clock and this one may differ.
const leeway = 30 * time.Second

// rules are what claims must keep beyond being signed.
type rules struct{ issuers, audiences []string }

// grant is what a good token gives.
type grant struct {
	user  identity.UserID
	until time.Time // when the token ends, without leeway
}

// judge returns whom the claims of a token with a good signature name. bySecret
// says that it was signed with the secret. Only a token without any other fault
// is said to have expired.
func (r rules) judge(claims object, now time.Time, bySecret bool) (grant, error) {
	if !isAccess(claims) {
		return grant{}, refuse(causeKind)
	}
	user, sessionEnd, err := whom(claims)
	if err != nil {
		return grant{}, err
	}
	// Better Auth's session cookie, signed with the secret, has neither iss nor
	// aud; its shape is what tells it from a link in a mail.
	if err := r.addressed(claims, bySecret && !sessionEnd.IsZero()); err != nil {
		return grant{}, err
	}
	exp, err := expiry(claims, now)
	if err != nil {
		return grant{}, err
	}
	if !now.Before(exp.Add(leeway)) || !sessionEnd.IsZero() && !now.Before(sessionEnd) {
		return grant{}, ports.ErrTokenExpired
	}
	if !sessionEnd.IsZero() && sessionEnd.Before(exp) {
		exp = sessionEnd
	}
	return grant{user: user, until: exp}, nil
}

// isAccess tells access tokens from what the same keys sign: ID tokens, which
// are for the client (OpenID Connect Core, sections 2 and 3.1.3.6), and tokens bound
// to a key of the client (RFC 7800), which are worth nothing to its bearer. A
// client that acts for itself has its own id for a sub (RFC 9068, section 2.2)
// and is no user.
func isAccess(claims object) bool {
	for _, name := range []string{"cnf", "at_hash", "auth_time", "acr", "nonce"} {
		if _, there := claims[name]; there {
			return false
		}
	}
	sub, there := claims["sub"]
	return !there || !same(sub, claims["azp"]) && !same(sub, claims["client_id"])
}

// whom returns the user: that of sub, or, where there is none, that of the
// session, with the session's end. A user named by email or userId alone is
// none: Better Auth signs the links in its mails with the same secret.
func whom(claims object) (identity.UserID, time.Time, error) {
	user, _ := claims["user"].(object)
	sub, there := claims["sub"]
	if there {
		if id, named := user["id"]; named && !same(id, sub) {
			return identity.UserID{}, time.Time{}, refuse(causeUser)
		}
		id, err := userID(sub)
		return id, time.Time{}, err
	}
	session, _ := claims["session"].(object)
	if !same(user["id"], session["userId"]) {
		return identity.UserID{}, time.Time{}, refuse(causeUser)
	}
	text, _ := session["expiresAt"].(string)
	end, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return identity.UserID{}, time.Time{}, refuse(causeTimes)
	}
	id, err := userID(user["id"])
	return id, end, err
}

// userID refuses, beside what is no id, the replacement character: it stands for
// whatever could not be decoded, and two ids must not become one.
func userID(claim any) (identity.UserID, error) {
	text, _ := claim.(string)
	id, err := identity.ParseUserID(text)
	if err != nil || strings.ContainsRune(text, utf8.RuneError) {
		return identity.UserID{}, refuse(causeUser)
	}
	return id, nil
}

// same reports whether both are strings, and equal.
func same(a, b any) bool {
	s, ok := a.(string)
	t, also := b.(string)
	return ok && also && s == t
}

func (r rules) addressed(claims object, mayLack bool) error {
	iss, there := claims["iss"]
	if len(r.issuers) > 0 && (there || !mayLack) && !oneOf(r.issuers, iss) {
		return refuse(causeIssuer)
	}
	aud, there := claims["aud"]
	if len(r.audiences) > 0 && (there || !mayLack) && !anyOf(r.audiences, aud) {
		return refuse(causeAudience)
	}
	return nil
}

// anyOf reads aud, a string or an array of strings (RFC 7519, section 4.1.3).
func anyOf(accepted []string, aud any) bool {
	several, _ := aud.([]any)
	return oneOf(accepted, aud) || slices.ContainsFunc(several, func(one any) bool { return oneOf(accepted, one) })
}

func oneOf(accepted []string, claim any) bool {
	s, ok := claim.(string)
	return ok && slices.Contains(accepted, s)
}

// expiry returns exp, which must be there, if the other times allow the token
// at now.
func expiry(claims object, now time.Time) (time.Time, error) {
	for _, name := range []string{"nbf", "iat"} {
		claim, there := claims[name]
		if from, ok := numericDate(claim); there && (!ok || from.After(now.Add(leeway))) {
			return time.Time{}, refuse(causeTimes)
		}
	}
	exp, ok := numericDate(claims["exp"])
	if !ok {
		return time.Time{}, refuse(causeTimes)
	}
	return exp, nil
}

// numericDate reads the seconds of RFC 7519, section 2, up to the year 9999. What lies
// beyond are milliseconds, or nonsense.
func numericDate(claim any) (time.Time, bool) {
	const year9999 = 253_402_300_799
	number, _ := claim.(json.Number)
	seconds, err := number.Float64()
	if err != nil || seconds < 0 || seconds > year9999 {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(seconds * 1000)), true
}
