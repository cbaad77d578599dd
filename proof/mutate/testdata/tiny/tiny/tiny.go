// Package tiny is what the test of mutate breaks.
package tiny

const most = 3

type list[T any] struct{ all []T }

func (l *list[T]) add(_ string, things ...T) (ok bool) {
	if len(l.all) >= most {
		return false
	}
	l.all = append(l.all, things...)
	return true
}

func first[T any](l list[T]) (T, bool) {
	for _, one := range l.all {
		return one, true
	}
	var none T
	return none, false
}

func sum(all []int) (n int) {
	for _, one := range all {
		n += one
	}
	return n
}

func down(from int) {
	for from != 0 {
		from--
	}
}
