package main

import (
	"bytes"
	"testing"

	"github.com/google/pprof/profile"
)

func TestAProfileTellsNoFolder(t *testing.T) {
	var fetched, kept bytes.Buffer
	before := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "cpu", Unit: "nanoseconds"}},
		Mapping:    []*profile.Mapping{{ID: 1, File: "/somewhere/of/mine/taskhold"}},
	}
	if err := before.Write(&fetched); err != nil {
		t.Fatal(err)
	}
	if err := anonymous(fetched.Bytes(), &kept); err != nil {
		t.Fatal(err)
	}
	after, err := profile.Parse(&kept)
	if err != nil || len(after.Mapping) != 1 || after.Mapping[0].File != "taskhold" {
		t.Errorf("got %v, %v", after, err)
	}
	if anonymous([]byte("no profile"), &kept) == nil {
		t.Error("what is no profile is taken for one")
	}
}
