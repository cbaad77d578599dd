package limiter

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/gomodule/redigo/redis"
)

// ErrURL says that a text is not the address of a Redis. It does not hold the
// text, in which there may be a password.
var ErrURL = errors.New("limiter: the address of Redis has to begin with redis://, rediss:// or unix://")

// CheckURL returns ErrURL unless NewShared can use the address.
func CheckURL(text string) error {
	_, err := parseAddress(text)
	return err
}

// address is where a Redis is and how to sign in there.
type address struct {
	network, place string
	options        []redis.DialOption
}

// parseAddress reads redis://user:password@host:port/database, the same with
// rediss for TLS, or unix://user:password@/path?db=database.
func parseAddress(text string) (a address, err error) {
	u, err := url.Parse(text)
	if err != nil {
		return a, ErrURL
	}
	database := ""
	switch u.Scheme {
	case "redis", "rediss":
		a.network, a.place = "tcp", hostAndPort(u)
		database = strings.Trim(u.Path, "/")
		a.options = append(a.options, redis.DialUseTLS(u.Scheme == "rediss"))
	case "unix":
		a.network, a.place = "unix", u.Path
		query := u.Query()
		database = query.Get("db")
		query.Del("db")
		u.RawQuery = query.Encode()
	}
	if a.place == "" || u.RawQuery != "" {
		return a, ErrURL
	}
	password, _ := u.User.Password()
	a.options = append(a.options, redis.DialUsername(u.User.Username()), redis.DialPassword(password))
	if database != "" {
		number, err := strconv.Atoi(database)
		if err != nil || number < 0 {
			return a, ErrURL
		}
		a.options = append(a.options, redis.DialDatabase(number))
	}
	return a, nil
}

func hostAndPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "6379"
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil || u.Hostname() == "" {
		return ""
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func (a address) dial(ctx context.Context) (redis.Conn, error) {
	return redis.DialContext(ctx, a.network, a.place, a.options...)
}
