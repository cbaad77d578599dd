package sqlite

import (
	"context"
	"testing"
	"time"

	"taskhold/ports"
)

func TestPoolsTellWhoWaits(t *testing.T) {
	s := start(t, fresh(t))
	ann, bob := user("ann"), user("bob")
	written := make(chan error, 1)
	must(t, s.Atomically(t.Context(), ann, func(ctx context.Context, u ports.Unit) error {
		must(t, u.Insert(ctx, titled(ann, "milk"), 1))
		go func() { written <- s.Insert(t.Context(), titled(bob, "bread"), 1) }()
		for s.Pools()[0].Waits == 0 {
			time.Sleep(time.Millisecond)
		}
		if writer := s.Pools()[0]; writer.Name != "writer" || writer.Max != 1 || writer.Used != 1 {
			t.Errorf("within a unit of work: %+v", writer)
		}
		return nil
	}))
	must(t, <-written)
	writer, readers := s.Pools()[0], s.Pools()[1]
	if writer.Used != 0 || writer.Idle != 1 || writer.Waits != 1 || writer.Waited <= 0 {
		t.Errorf("after one has waited: %+v", writer)
	}
	if readers.Name != "readers" || readers.Max != 4 || readers.Waits != 0 {
		t.Errorf("nobody has read: %+v", readers)
	}
}
