package store

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The files of a data folder, and so of a backup.
const (
	ledgerFile    = "ledger.db"
	telemetryFile = "telemetry.db"
)

const (
	manifestFile   = "manifest.json"
	backupFormat   = 1
	manifestLimit  = 64 << 10 // bytes
	backupFileMode = 0o600    // it may hold the key
)

// Manifest says what is in a backup. It is the first member of the file.
type Manifest struct {
	Format    int              `json:"format"`
	Version   string           `json:"version"` // of the program that wrote it
	CreatedAt time.Time        `json:"created_at"`
	Schema    map[string]int64 `json:"schema"` // version of the ledger and of the telemetry
	Members   []Member         `json:"members"`
}

// Member is one file in a backup.
type Member struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// Size is the size of all members together, in bytes.
func (m Manifest) Size() (n int64) {
	for _, f := range m.Members {
		n += f.Size
	}
	return n
}

// HasKey reports whether the encryption key is in the backup.
func (m Manifest) HasKey() bool { return m.has(KeyFile) }

func (m Manifest) has(name string) bool {
	return slices.ContainsFunc(m.Members, func(f Member) bool { return f.Name == name })
}

// check refuses a manifest that this program did not write. size is that of
// the backup file: nothing in it is compressed, so no member can be larger.
func (m Manifest) check(size int64) error {
	if m.Format > backupFormat {
		return fmt.Errorf("it was written by a newer Server Scout (%s): restore it with that one", m.Version)
	}
	names := []string{}
	for _, f := range m.Members {
		if f.Size > size {
			return errCutShort
		}
		names = append(names, f.Name)
	}
	whole := strings.Join(names, " ")
	if m.Format != backupFormat || whole != ledgerFile+" "+telemetryFile && whole != ledgerFile+" "+telemetryFile+" "+KeyFile {
		return errNoBackup
	}
	return nil
}

var (
	errNoBackup  = errors.New("it is not a backup of Server Scout")
	errBadBackup = errors.New("the backup is damaged")
	errCutShort  = fmt.Errorf("%w: it is cut short", errBadBackup)
)

// describe returns what the manifest says of a file.
func describe(path string) (Member, error) {
	f, err := os.Open(path)
	if err != nil {
		return Member{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return Member{Name: filepath.Base(path), Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

// pack writes a backup: the manifest and the members, which lie in dir.
func pack(w io.Writer, m Manifest, dir string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	out := tar.NewWriter(w)
	header := func(name string, size int64) *tar.Header {
		return &tar.Header{Name: name, Size: size, Mode: backupFileMode, ModTime: m.CreatedAt, Format: tar.FormatPAX}
	}
	if err := out.WriteHeader(header(manifestFile, int64(len(text)))); err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return err
	}
	for _, member := range m.Members {
		if err := out.WriteHeader(header(member.Name, member.Size)); err != nil {
			return err
		}
		if err := copyFrom(out, filepath.Join(dir, member.Name)); err != nil {
			return err
		}
	}
	return out.Close()
}

func copyFrom(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// unpack reads a backup of a size into dir, which is empty. It writes no file
// but those a backup has, and returns an error unless each is as the manifest
// says and nothing else is there.
func unpack(r io.Reader, size int64, dir string) (m Manifest, err error) {
	in := tar.NewReader(r)
	if err := nextMember(in, manifestFile, manifestLimit); errors.Is(err, errCutShort) {
		return m, errNoBackup // too short to be one
	} else if err != nil {
		return m, err
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return m, readFault(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, errNoBackup
	}
	if err := m.check(size); err != nil {
		return m, err
	}
	for _, member := range m.Members {
		if err := nextMember(in, member.Name, member.Size); err != nil {
			return m, err
		}
		if err := unpackMember(in, member, filepath.Join(dir, member.Name)); err != nil {
			return m, err
		}
	}
	if _, err := in.Next(); !errors.Is(err, io.EOF) {
		return m, fmt.Errorf("%w: there is more in it than it says", errBadBackup)
	}
	return m, nil
}

// nextMember goes to the next member, which must be a plain file of that name,
// no larger than limit.
func nextMember(in *tar.Reader, name string, limit int64) error {
	h, err := in.Next()
	switch {
	case err != nil:
		return readFault(err)
	case h.Name != name || h.Typeflag != tar.TypeReg || h.Size > limit:
		return errNoBackup
	}
	return nil
}

func unpackMember(r io.Reader, m Member, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, backupFileMode)
	if err != nil {
		return err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), r)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return readFault(err)
	}
	if n != m.Size || hex.EncodeToString(h.Sum(nil)) != m.SHA256 {
		return fmt.Errorf("%w: %s is not what was written into it", errBadBackup, m.Name)
	}
	return nil
}

// readFault says of an error of reading a backup whether it is the backup's.
func readFault(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, tar.ErrHeader), errors.Is(err, tar.ErrFieldTooLong):
		return errNoBackup
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errCutShort
	default:
		return err
	}
}
