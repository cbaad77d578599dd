// What the tests that break things share, and the failover script's client.
module taskhold/test

go 1.26.8

replace taskhold => ../
