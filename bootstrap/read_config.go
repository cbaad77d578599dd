package bootstrap

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/validator/v10"
	"github.com/spf13/viper"

	"taskhold/adapters/limiter"
)

// ConfigError lists every fault of a configuration, each by the name of its
// variable and never with its value.
type ConfigError struct{ Faults []string }

func (e *ConfigError) Error() string {
	return "the configuration is not valid:\n  " + strings.Join(e.Faults, "\n  ")
}

// ReadConfig reads the configuration from environ, which has the form of
// os.Environ. Defaults stand in for what it does not set, before those of
// [Config] itself. The error is a [*ConfigError] with every fault at once.
func ReadConfig(environ []string, defaults map[string]string) (Config, error) {
	return readConfig(Variables(), environ, defaults)
}

// readDatabaseConfig reads what it takes to open the store: whoever migrates
// need not know how users sign in.
func readDatabaseConfig(environ []string) (Config, error) {
	store := slices.DeleteFunc(Variables(), func(v Variable) bool {
		return v.Name != "DATABASE_URL" && !strings.HasPrefix(v.Name, "DB_")
	})
	return readConfig(store, environ, nil)
}

func readConfig(variables []Variable, environ []string, defaults map[string]string) (Config, error) {
	v := viper.New()
	for _, variable := range variables {
		v.SetDefault(variable.Name, cmp.Or(defaults[variable.Name], variable.Default))
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		known := slices.ContainsFunc(variables, func(v Variable) bool { return v.Name == name })
		if known && value != "" { // set to nothing is not set
			v.Set(name, value)
		}
	}
	var c Config
	readable, faults := c.fill(variables, v)
	if faults = append(faults, c.faults(readable)...); len(faults) > 0 {
		return Config{}, &ConfigError{Faults: faults}
	}
	return c, nil
}

// fill sets the field of each variable. It returns the variables that can be
// read, and what is wrong with the others.
func (c *Config) fill(variables []Variable, v *viper.Viper) (readable []Variable, faults []string) {
	for _, variable := range variables {
		field := reflect.ValueOf(c).Elem().FieldByName(variable.field)
		if want := parseInto(field.Addr().Interface(), v.GetString(variable.Name)); want != "" {
			faults = append(faults, variable.Name+" must be "+want)
			continue
		}
		readable = append(readable, variable)
	}
	return readable, faults
}

// faults says which rules the values of the variables break.
func (c *Config) faults(variables []Variable) (faults []string) {
	fields := make([]string, len(variables))
	for i, variable := range variables {
		fields[i] = variable.field
	}
	var broken validator.ValidationErrors
	if err := newValidator().StructPartial(c, fields...); err != nil && !errors.As(err, &broken) {
		panic(err) // a mistake in the tags of Config
	}
	for _, fault := range broken {
		faults = append(faults, fault.Field()+" "+sentence(fault))
	}
	return faults
}

// parseInto returns what the text should have been, or nothing.
func parseInto(target any, text string) (want string) {
	var err error
	switch target := target.(type) {
	case *string:
		*target = text
	case *Secret:
		*target = Secret(text)
	case *int:
		want = "a whole number"
		*target, err = strconv.Atoi(text)
	case *time.Duration:
		want = "a duration such as 500ms, 10s or 1m"
		*target, err = time.ParseDuration(text)
	case *[]string:
		*target = list(text)
	case *[]netip.Prefix:
		want = "addresses or networks, separated by commas"
		*target, err = networks(text)
	case *limiter.Rate:
		want = "a rate such as 600/1m, of up to 1000000 in 1s to 24h, or off"
		*target, err = parseRate(text)
	default:
		panic(fmt.Sprintf("no variable can be read into a %T", target))
	}
	if err != nil {
		return want
	}
	return ""
}

// networks reads a list of addresses and of networks in CIDR form.
func networks(text string) (out []netip.Prefix, err error) {
	for _, one := range list(text) {
		network, notNetwork := netip.ParsePrefix(one)
		if addr, notAddr := netip.ParseAddr(one); notAddr == nil {
			network, notNetwork = addr.Unmap().Prefix(addr.Unmap().BitLen())
		}
		out, err = append(out, network), errors.Join(err, notNetwork)
	}
	return out, err
}

// list splits a comma-separated text.
func list(text string) []string {
	var out []string
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

// Variable is one variable of the environment.
type Variable struct {
	Name, Default, Doc string
	field              string // of Config
}

// Variables lists every variable that the program reads, in the order of
// [Config].
func Variables() []Variable {
	var out []Variable
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if name := field.Tag.Get("env"); name != "" {
			out = append(out, Variable{name, field.Tag.Get("default"), field.Tag.Get("doc"), field.Name})
		}
	}
	return out
}

// sentence says what a variable has to be, without its value.
func sentence(fault validator.FieldError) string {
	switch fault.Tag() {
	case "required":
		return "must be set"
	case "required_without_all":
		return "or BETTER_AUTH_URL must be set: without either no token can be verified"
	case "min":
		return "must be at least " + fault.Param()
	case "max":
		return "must be at most " + fault.Param()
	case "ltefield":
		return "must be at most SHUTDOWN_TIMEOUT"
	case "oneof":
		return "must be one of " + strings.ReplaceAll(fault.Param(), " ", ", ")
	case "http_url":
		return "must be an address that begins with http:// or https://"
	}
	return rules[fault.Tag()].sentence
}
