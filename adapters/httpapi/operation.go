package httpapi

import (
	"taskhold/adapters/httpapi/strictjson"
	"taskhold/domain/task"
	"taskhold/ports"
)

// operationMembers are what each kind of operation has beside op.
var operationMembers = map[string]map[string]bool{
	"create": {"op": true, "task": true},
	"patch":  {"op": true, "id": true, "if_match": true, "patch": true},
	"delete": {"op": true, "id": true, "if_match": true},
}

// readOperation reads the operation at a pointer.
func readOperation(v strictjson.Value, at string) (op ports.Operation, err error) {
	if err := asObject(v, at); err != nil {
		return op, err
	}
	name, _ := v.Get("op")
	known, ok := operationMembers[name.String()]
	if !ok {
		return op, unreadable("An operation needs an op that is known.", atPointer(at+"/op", "must be one of create, patch, delete"))
	}
	if err := knownMembers(v, at, known); err != nil {
		return op, err
	}
	switch name.String() {
	case "create":
		return readCreate(v, at)
	case "patch":
		return readPatch(v, at)
	}
	op.Verb = ports.Delete
	op.ID, op.Match, err = readTarget(v, at)
	return op, err
}

func readCreate(v strictjson.Value, at string) (op ports.Operation, err error) {
	op.Verb = ports.Create
	content, _ := v.Get("task")
	op.Change, err = readChange(content, at+"/task")
	return op, err
}

func readPatch(v strictjson.Value, at string) (op ports.Operation, err error) {
	op.Verb = ports.Edit
	if op.ID, op.Match, err = readTarget(v, at); err != nil {
		return op, err
	}
	content, _ := v.Get("patch")
	change, version, err := readEdit(content, at+"/patch")
	if err != nil {
		return op, err
	}
	match, agree := both(op.Match, version)
	if !agree {
		return op, unreadable("if_match and version name different versions.", atPointer(at+"/patch/version", "is not among those of if_match"))
	}
	op.Change, op.Match = change, match
	return op, nil
}

// readTarget reads which task an operation is about. An id that is none names
// no task, like any other that nobody has.
func readTarget(v strictjson.Value, at string) (id task.ID, match task.Match, err error) {
	text, _ := v.Get("id")
	if text.Kind() != strictjson.String {
		return id, match, unreadable("An operation needs the id of a task.", atPointer(at+"/id", "must be a string"))
	}
	id, _ = task.ParseID(text.String())
	tags, sent := v.Get("if_match")
	if !sent {
		return id, match, nil
	}
	c, ok := parseCondition(tags.String())
	if !ok {
		return id, match, unreadable("An if_match cannot be read.", atPointer(at+"/if_match", mustBeTags))
	}
	return id, c.match(), nil
}
