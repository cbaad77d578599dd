package postgres

import "github.com/jackc/pgx/v5/pgxpool"

// CheckURL returns an error if Open could not read the URL. The error holds
// nothing of it.
func CheckURL(url string) error {
	if _, err := pgxpool.ParseConfig(url); err != nil {
		return errURL // that of pgx tells the password's neighbours
	}
	return nil
}
