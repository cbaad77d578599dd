// What the tests that break things share, and the failover script's client.
module taskhold/test

go 1.26.8

replace taskhold => ../

require taskhold v0.0.0-00010101000000-000000000000

require github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
