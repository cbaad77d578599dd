package httpapi

func runBatch(x *exchange) error { return nil }
