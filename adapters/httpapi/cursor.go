package httpapi

type cursors struct{}

func newCursors(key []byte) cursors { return cursors{} }
