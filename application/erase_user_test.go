package application_test

import (
	"errors"
	"testing"

	"taskhold/application"
	"taskhold/domain/identity"
	"taskhold/domain/task"
)

func TestAnErasedUserStaysErased(t *testing.T) {
	h := newHouse(t)
	made := h.create(t, "milk")
	users := application.NewUsers(h.store, h.clock)
	for range 2 {
		if err := users.Erase(t.Context(), h.user); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Get(t.Context(), h.user, made.ID()); !errors.Is(err, task.ErrNotFound) {
		t.Errorf("Get = %v, want ErrNotFound", err)
	}
	if _, err := h.Create(t.Context(), h.user, task.Change{Title: task.Some("milk")}); !errors.Is(err, identity.ErrErased) {
		t.Errorf("Create = %v, want ErrErased", err)
	}
	other := parseUser(t, "bob")
	if _, err := h.Create(t.Context(), other, task.Change{Title: task.Some("milk")}); err != nil {
		t.Errorf("Create of another user = %v", err)
	}
}
