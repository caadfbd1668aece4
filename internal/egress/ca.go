package egress

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"serverscout/internal/scout"
)

// longestCAFile is how many bytes a file of egress.ca_files has at most; the
// bundles of whole systems are far shorter.
const longestCAFile = 4 << 20

// LoadCAs returns the system's authorities together with those in PEM files.
// The error is an Invalid scout.Error that names every file that is of no use
// as egress.ca_files[i]; it repeats no content.
func LoadCAs(files []string) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificate authorities cannot be read: %w", err)
	}
	var faults scout.Faults
	for i, file := range files {
		if err := addCAs(pool, file); err != nil {
			faults.Add(fmt.Sprintf("egress.ca_files[%d]", i), file, "the file %q %s", file, err)
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return pool, nil
}

// addCAs adds the certificates in a file to the pool. Its error completes a
// sentence about the file.
func addCAs(pool *x509.CertPool, file string) error {
	content, err := readCAs(file)
	if err != nil {
		return err
	}
	found := 0
	for {
		var block *pem.Block
		if block, content = pem.Decode(content); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		found++
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return fmt.Errorf("has a certificate that cannot be read, its number %d: %w", found, err)
		}
		pool.AddCert(cert)
	}
	if found == 0 {
		return errors.New("holds no certificate: it must be PEM text, with lines of -----BEGIN CERTIFICATE-----")
	}
	return nil
}

// readCAs reads a whole file, unless it is too long.
func readCAs(file string) ([]byte, error) {
	unreadable := func(err error) error {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err // the path is in the sentence already
		}
		return fmt.Errorf("cannot be read: %w", err)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, unreadable(err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, longestCAFile+1))
	switch {
	case err != nil:
		return nil, unreadable(err)
	case len(content) > longestCAFile:
		return nil, errors.New("is longer than 4 MiB, the most that is read")
	default:
		return content, nil
	}
}
