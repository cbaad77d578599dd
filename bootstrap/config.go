// Package bootstrap puts the program together: it reads the configuration,
// opens what is outside, wires it to the core, and starts and stops it all.
package bootstrap

import (
	"net/netip"
	"time"

	"taskhold/adapters/limiter"
)

// Config is everything that can be set, from the environment alone. The tags
// are the one place that names a variable, its default and its rule.
type Config struct {
	DatabaseURL Secret `env:"DATABASE_URL" validate:"required,database_url" doc:"Where tasks are kept: 'postgres://user:password@host/name' or 'sqlite:/path/to/file.db'. Required."`

	Secret    Secret   `env:"BETTER_AUTH_SECRET" validate:"required_without_all=Secrets AuthURL JWKSURL,omitempty,secret" doc:"The secret that Better Auth signs HS256 tokens with, of at least 32 bytes. This, or 'BETTER_AUTH_URL', or both, is required."`
	Secrets   Secret   `env:"BETTER_AUTH_SECRETS" validate:"omitempty,secrets" doc:"Several secrets during a rotation, in the form of Better Auth, '2:new,1:old', alone or beside the one above."`
	AuthURL   string   `env:"BETTER_AUTH_URL" validate:"omitempty,auth_url" doc:"The base URL of Better Auth; its public keys are fetched from '/api/auth/jwks' there, for EdDSA, ES256, ES384, ES512, RS256 and PS256 tokens."`
	JWKSURL   string   `env:"BETTER_AUTH_JWKS_URL" validate:"omitempty,keys_url" doc:"The address of the public keys, if it is another."`
	Issuers   []string `env:"BETTER_AUTH_ISSUERS" doc:"Accepted 'iss' claims; any if unset."`
	Audiences []string `env:"BETTER_AUTH_AUDIENCES" doc:"Accepted 'aud' claims; any if unset."`
	Cookie    string   `env:"BETTER_AUTH_COOKIE" default:"off" validate:"oneof=on off,session_cookie" doc:"'on' takes tokens from the session cookie of Better Auth too, where that is a JWT, for front ends on the same site. Changes then need an 'Origin' that 'ALLOWED_ORIGINS' or 'PUBLIC_URL' names."`

	Host           string         `env:"API_HOST" default:"0.0.0.0" validate:"host" doc:"The address to listen on."`
	Port           int            `env:"API_PORT" default:"8000" validate:"min=0,max=65535" doc:"The port to listen on; 0 takes a free one."`
	PublicURL      string         `env:"PUBLIC_URL" validate:"omitempty,public_url" doc:"The address under which clients see the service, for links in replies; that of the request if unset."`
	AllowedOrigins []string       `env:"ALLOWED_ORIGINS" validate:"origins" doc:"Origins whose pages may call, such as 'https://app.example.com'; or '*' alone, for any, without credentials."`
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES" doc:"Addresses or networks whose 'X-Forwarded-For' counts."`
	RequestTimeout time.Duration  `env:"REQUEST_TIMEOUT" default:"10s" validate:"min=100ms,max=5m" doc:"The longest that a request may take."`
	AtOnce         int            `env:"REQUESTS_AT_ONCE" default:"0" validate:"min=0,max=100000" doc:"How many requests of users are worked on at once; the others wait for their turn. 0 is four for each connection of 'DB_POOL_SIZE', and at least 16."`
	Patience       time.Duration  `env:"OVERLOAD_WAIT" default:"1s" validate:"min=1ms,max=1m" doc:"The longest that a request waits for its turn. Whoever would wait longer is answered 503 at once."`
	ShutdownWait   time.Duration  `env:"SHUTDOWN_TIMEOUT" default:"20s" validate:"min=0s,max=10m" doc:"The longest to wait for running requests when stopping."`
	ShutdownDelay  time.Duration  `env:"SHUTDOWN_DELAY" default:"0s" validate:"min=0s,ltefield=ShutdownWait" doc:"How much of that it serves on after '/readyz' has begun to say 503: as long as a load balancer needs to notice."`

	PoolSize     int           `env:"DB_POOL_SIZE" default:"8" validate:"min=1,max=1000" doc:"Connections to PostgreSQL. Four for each core of the database is a good start."`
	PoolTimeout  time.Duration `env:"DB_POOL_TIMEOUT" default:"2s" validate:"min=10ms,max=1m" doc:"The longest to wait for one of them before answering 503; longer only while a sleeping database is being connected to."`
	IdleTimeout  time.Duration `env:"DB_IDLE_TIMEOUT" default:"4m" validate:"min=1s,max=24h" doc:"How long a connection is kept that nobody uses, the last one too: a serverless database sleeps when there is none."`
	Prepare      string        `env:"DB_PREPARE" default:"auto" validate:"oneof=auto off" doc:"'off' for a pooler that keeps no prepared statements (PgBouncer before 1.21)."`
	Migrate      string        `env:"DB_MIGRATE" default:"auto" validate:"oneof=auto off" doc:"'off' if the schema is migrated by 'taskhold migrate up' alone."`
	TasksPerUser int           `env:"TASKS_PER_USER" default:"50000" validate:"min=1,max=10000000" doc:"How many tasks one user may have."`

	ReadRate   limiter.Rate `env:"RATE_LIMIT_READ" default:"600/1m" doc:"Reads that one user may make in a time, and at once; or 'off'. Each replica counts alone, unless 'REDIS_URL' is set."`
	WriteRate  limiter.Rate `env:"RATE_LIMIT_WRITE" default:"300/1m" doc:"Writes of one user, likewise."`
	DeniedRate limiter.Rate `env:"RATE_LIMIT_DENIED" default:"60/1m" doc:"Failed sign-ins of one address, likewise."`
	RedisURL   Secret       `env:"REDIS_URL" validate:"omitempty,redis_url" doc:"A Redis in which all replicas count together: 'redis://user:password@host:6379', or 'rediss:' for TLS. While it is gone each counts alone, and no request fails for it."`

	Dialect       string `env:"DIALECT" default:"on" validate:"oneof=on off" doc:"'off' closes '/api', the door for front ends that exist. What the next four mean is in 'docs/front-ends.md'."`
	DialectList   string `env:"DIALECT_LIST" default:"array" validate:"oneof=array tasks todos items data" doc:"How a list stands in its answer: as an 'array', or in an object under 'tasks', 'todos', 'items' or, with 'tasks' in it, 'data'."`
	DialectTask   string `env:"DIALECT_TASK" default:"bare" validate:"oneof=bare task data data.task" doc:"How a task stands in its answer: 'bare', or in an object under 'task', 'data' or 'data.task'."`
	DialectFields string `env:"DIALECT_FIELDS" default:"all" validate:"oneof=all snake camel" doc:"Which names of members are shown: 'snake', 'camel' or 'all' of both, with every word for done."`
	DialectDelete string `env:"DIALECT_DELETE" default:"204" validate:"oneof=204 200" doc:"How a delete is answered: '204' without a body, or '200' with a message."`

	AdminAddr  string `env:"ADMIN_ADDR" default:"127.0.0.1:8001" validate:"listen" doc:"Where operators reach metrics, profiles and the erasing of users; 'off' for nowhere. Never a public address."`
	AdminToken Secret `env:"ADMIN_TOKEN" validate:"omitempty,token" doc:"The bearer token, of at least 32 bytes, with which Better Auth tells that a user was deleted; without it nobody may."`

	LogLevel  string `env:"LOG_LEVEL" default:"info" validate:"oneof=debug info warn error" doc:"'debug', 'info', 'warn' or 'error'."`
	LogFormat string `env:"LOG_FORMAT" default:"json" validate:"oneof=json text" doc:"'json', or 'text' for people."`

	TracesURL string `env:"OTEL_EXPORTER_OTLP_ENDPOINT" validate:"omitempty,http_url" doc:"Where traces go: the base address of a collector that takes OTLP over HTTP, such as 'http://localhost:4318'; nowhere if unset. The other variables of OpenTelemetry, such as 'OTEL_TRACES_SAMPLER', count with it."`

	// AnyLocalhost allows pages of any http://localhost origin, for dev.
	AnyLocalhost bool
}

// Secret is a text that prints as [hidden].
type Secret string

// String implements fmt.Stringer, so that no log and no error shows it.
func (Secret) String() string { return "[hidden]" }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return "[hidden]" }

// MarshalText keeps it out of every encoding.
func (Secret) MarshalText() ([]byte, error) { return []byte("[hidden]"), nil }

// Reveal returns the text.
func (s Secret) Reveal() string { return string(s) }
