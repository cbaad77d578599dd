package httpapi

import "strings"

// wantsCount reads the Prefer header (RFC 7240, section 2): of several
// preferences of one name the first counts.
func wantsCount(prefer string) bool {
	for prefer != "" {
		var preference string
		preference, prefer = cutUnquoted(prefer, ',')
		preference, _ = cutUnquoted(preference, ';')
		name, value, _ := strings.Cut(preference, "=")
		if strings.EqualFold(strings.Trim(name, " \t"), "count") {
			return isExact(strings.Trim(value, " \t"))
		}
	}
	return false
}

func isExact(value string) bool {
	if inner, quoted := strings.CutPrefix(value, `"`); quoted {
		text, whole := unquote(inner)
		return whole && text == "exact"
	}
	return value == "exact"
}

// cutUnquoted cuts s around the first separator that is not within quotes.
func cutUnquoted(s string, separator byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
