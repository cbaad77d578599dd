package tiny

import "testing"

func TestAdd(t *testing.T) {
	var l list[int]
	for want := 1; want <= 3; want++ {
		if !l.add("", want) || len(l.all) != want {
			t.Errorf("after %d: %v", want, l)
		}
	}
}

func TestFirst(t *testing.T) {
	if got, ok := first(list[int]{[]int{7}}); !ok || got != 7 {
		t.Errorf("got %d, %t", got, ok)
	}
}

func TestRest(t *testing.T) {
	t.Run("sum", func(t *testing.T) {
		if got := sum([]int{3, 4}); got != 7 {
			t.Errorf("got %d", got)
		}
	})
	t.Run("down", func(*testing.T) { down(3) })
}

func TestBroken(t *testing.T) { t.Error("fails as things are, and so notices nothing") }
