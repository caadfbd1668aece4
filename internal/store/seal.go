package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// KeyFile is the name of the key file in the data folder.
const KeyFile = "secret.key"

// sealer encrypts what must not lie readable in a database file: AES-256-GCM
// with a random nonce, the key's id in front, and the row's identity as
// associated data, so that a value cannot be moved to another row.
type sealer struct {
	id   byte
	aead cipher.AEAD
}

func newSealer(key []byte) (*sealer, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("the secret key has %d bytes and needs 32: set SCOUT_SECRET_KEY to the output of `openssl rand -base64 32`", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte("server scout key id"), key...))
	return &sealer{id: sum[0], aead: aead}, nil
}

func (s *sealer) seal(plain []byte, row string) []byte {
	out := make([]byte, 1+s.aead.NonceSize(), 1+s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	out[0] = s.id
	_, _ = rand.Read(out[1:])
	return s.aead.Seal(out, out[1:], plain, []byte(row))
}

var errWrongKey = errors.New("it was encrypted with another key: restore the secret.key that belongs to this data folder, or the SCOUT_SECRET_KEY that was used")

func (s *sealer) open(sealed []byte, row string) ([]byte, error) {
	n := s.aead.NonceSize()
	if len(sealed) < 1+n {
		return nil, fmt.Errorf("%s: the encrypted value is cut short", row)
	}
	if sealed[0] != s.id {
		return nil, fmt.Errorf("%s: %w", row, errWrongKey)
	}
	plain, err := s.aead.Open(nil, sealed[1:1+n], sealed[1+n:], []byte(row))
	if err != nil {
		return nil, fmt.Errorf("%s: the encrypted value does not decrypt: %w", row, errWrongKey)
	}
	return plain, nil
}

// LoadKey returns the encryption key: the base64 in fromEnv if that is not
// empty, else the key file in dir, which is made (mode 0600) if it is missing.
func LoadKey(dir, fromEnv string) ([]byte, error) {
	if fromEnv != "" {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(fromEnv))
		if err != nil {
			return nil, fmt.Errorf("SCOUT_SECRET_KEY is not base64: %w", err)
		}
		return key, nil
	}
	path := filepath.Join(dir, KeyFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
	if err != nil {
		return nil, fmt.Errorf("%s is not base64: restore it from a backup: %w", path, err)
	}
	return key, nil
}

// makeKey writes a new key so that a crash leaves either the whole file or
// none, and never replaces one that another process made meanwhile.
func makeKey(path string) ([]byte, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	tmp, err := os.CreateTemp(filepath.Dir(path), KeyFile+".*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return nil, err
	}
	switch err := os.Link(tmp.Name(), path); {
	case errors.Is(err, fs.ErrExist):
		return LoadKey(filepath.Dir(path), "")
	case err != nil:
		return nil, err
	}
	return key, syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
