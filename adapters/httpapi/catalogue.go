package httpapi

import (
	"embed"
	"encoding/json"
	"strings"
)

//go:embed site openapi.yaml openapi.json openapi-api.yaml openapi-api.json
var files embed.FS

// kindOfProblem is what all problems of a code have in common.
type kindOfProblem struct {
	Code, Title  string
	Status       int
	Happened, Do string
}

// slug is the code as it stands in the address of the page that explains it.
func (k kindOfProblem) slug() string {
	return strings.ReplaceAll(strings.ToLower(k.Code), "_", "-")
}

// catalogue are all problems by their code. The pages that explain them are
// made of the same file.
var catalogue = readCatalogue()

func readCatalogue() map[string]kindOfProblem {
	text, err := files.ReadFile("site/problems.json")
	if err != nil {
		panic(err) // cannot be: the file is part of the program
	}
	var all []kindOfProblem
	if err := json.Unmarshal(text, &all); err != nil {
		panic(err)
	}
	byCode := make(map[string]kindOfProblem, len(all))
	for _, kind := range all {
		byCode[kind.Code] = kind
	}
	return byCode
}
