package task_test

import (
	"slices"
	"testing"

	"taskhold/domain/fault"
	"taskhold/domain/task"
)

func TestPrioritiesAscendFromNoneToHigh(t *testing.T) {
	for want, name := range []string{"none", "low", "medium", "high"} {
		if got, err := task.ParsePriority(name); err != nil || int(got) != want || got.String() != name {
			t.Errorf("ParsePriority(%q) = %d, %v; want %d", name, got, err, want)
		}
	}
	if !slices.IsSorted([]task.Priority{task.None, task.Low, task.Medium, task.High}) {
		t.Error("the priorities do not ascend")
	}
}

func TestWhatIsNoPriority(t *testing.T) {
	for _, in := range []string{"", "None", "HIGH", " high", "high ", "urgent", "0", "3", "normal", "null"} {
		if got, err := task.ParsePriority(in); !slices.Equal(codes(err), []string{fault.UnknownValue}) || got != task.None {
			t.Errorf("ParsePriority(%q) = %v, %v; want it refused", in, got, err)
		}
	}
}

func FuzzParsePriority(f *testing.F) {
	f.Add("low")
	f.Add("Low")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := task.ParsePriority(s); err == nil && p.String() != s {
			t.Fatalf("ParsePriority(%q) = %v", s, p)
		}
	})
}
