package bootstrap

import "taskhold/adapters/httpapi"

// dialect is the shape of the answers under /api; nil closes that door.
func (c Config) dialect() *httpapi.Dialect {
	if c.Dialect == "off" {
		return nil
	}
	return &httpapi.Dialect{List: c.DialectList, Task: c.DialectTask, Fields: c.DialectFields, Delete: c.DialectDelete}
}
