package task

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"taskhold/domain/fault"
)

// The most that a task's texts may hold, in code points, and its tags in
// number. A limit is only ever raised, or stored tasks could not be read.
const (
	MaxTitleLen       = 200
	MaxDescriptionLen = 10_000
	MaxTags           = 20
	MaxTagLen         = 50
)

// Title is one line that is not blank. The zero Title belongs to no task.
type Title struct{ text string }

// ParseTitle trims Unicode white space from s and refuses what is then blank,
// longer than MaxTitleLen, not UTF-8, or not one line.
func ParseTitle(s string) (Title, error) {
	text, err := parseLine(s, MaxTitleLen)
	if err != nil {
		return Title{}, err
	}
	return Title{text}, nil
}

func (t Title) String() string { return t.text }

// Description is a text of any number of lines; the zero Description is the
// empty one.
type Description struct{ text string }

// ParseDescription keeps s exactly. It refuses what is longer than
// MaxDescriptionLen, not UTF-8, or holds a control character other than tab,
// CR and LF.
func ParseDescription(s string) (Description, error) {
	if err := checkText(s, MaxDescriptionLen, isControlInText); err != nil {
		return Description{}, err
	}
	return Description{s}, nil
}

func (d Description) String() string { return d.text }

// parseLine is the rule of every text of one line.
func parseLine(s string, longest int) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", &fault.Violation{Code: fault.Blank, Message: "must not be blank"}
	}
	if err := checkText(s, longest, isControlInLine); err != nil {
		return "", err
	}
	return s, nil
}

func checkText(s string, longest int, refused func(rune) bool) error {
	if !utf8.ValidString(s) {
		return &fault.Violation{Code: fault.InvalidFormat, Message: "must be valid UTF-8"}
	}
	if strings.IndexFunc(s, refused) >= 0 {
		return &fault.Violation{Code: fault.ControlCharacter, Message: "must not have control characters"}
	}
	if n := utf8.RuneCountInString(s); n > longest {
		return tooLong(longest, n)
	}
	return nil
}

func tooLong(longest, actual int) *fault.Violation {
	return &fault.Violation{
		Code: fault.TooLong, Message: "must have at most " + strconv.Itoa(longest) + " characters",
		Params: fault.Params{Max: longest, Actual: actual},
	}
}

// isControlInLine counts U+2028 and U+2029 in: they end a line as LF does.
func isControlInLine(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}

func isControlInText(r rune) bool {
	return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r'
}

// Fold maps texts that differ only by case to one text: each rune becomes the
// smallest of those that Unicode simple case folding holds equal. Search and
// sort go by it, so that every store agrees.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, s)
}
