package bulkheadtest

import (
	"maps"
	"slices"
	"strconv"

	"bulkhead"
)

// Recorded is what a plugin told its host.
type Recorded struct {
	Progress         []Progress
	Log              []Line
	Updated          []string
	ResourcesChanged int
	Visible          map[string]bool
	TaskStatus       []string
	ClosedStreams    int
}

// Progress is one report. Total is 0 where it was not said.
type Progress struct {
	Progress, Total float64
	Message         string
}

// Line is one line of the log. Data is JSON text.
type Line struct {
	Level        bulkhead.Level
	Logger, Data string
}

// stage stands in for the host.
type stage struct {
	recorded  Recorded
	cancelled bool
	config    map[string]string
	kv        map[string][]byte
}

func (s *stage) Progress(progress float64, total *float64, message *string) {
	report := Progress{Progress: progress}
	if total != nil {
		report.Total = *total
	}
	if message != nil {
		report.Message = *message
	}
	s.recorded.Progress = append(s.recorded.Progress, report)
}

func (s *stage) Log(level bulkhead.Level, logger, data string) {
	s.recorded.Log = append(s.recorded.Log, Line{level, logger, data})
}

func (s *stage) Cancelled() bool { return s.cancelled }

func (s *stage) ResourceUpdated(uri string) { s.recorded.Updated = append(s.recorded.Updated, uri) }

func (s *stage) ResourcesChanged() { s.recorded.ResourcesChanged++ }

func (s *stage) SetVisible(_ bulkhead.Visible, name string, visible bool) error {
	if s.recorded.Visible == nil {
		s.recorded.Visible = map[string]bool{}
	}
	s.recorded.Visible[name] = visible
	return nil
}

func (s *stage) TaskStatus(message string) {
	s.recorded.TaskStatus = append(s.recorded.TaskStatus, message)
}

func (s *stage) CloseStream(*uint32) { s.recorded.ClosedStreams++ }

func (s *stage) Config(key string) (string, bool, error) {
	value, ok := s.config[key]
	return value, ok, nil
}

func (s *stage) AllConfig() (map[string]string, error) { return maps.Clone(s.config), nil }

func (s *stage) OpenKV() (bulkhead.KV, error) {
	if s.kv == nil {
		return nil, bulkhead.Deniedf("kept values are not granted to this plugin")
	}
	return store(s.kv), nil
}

type store map[string][]byte

func (s store) Get(key string) ([]byte, bool, error) {
	value, ok := s[key]
	return slices.Clone(value), ok, nil
}

func (s store) Set(key string, value []byte) error {
	s[key] = slices.Clone(value)
	return nil
}

func (s store) Delete(key string) error {
	delete(s, key)
	return nil
}

func (s store) Exists(key string) (bool, error) {
	_, ok := s[key]
	return ok, nil
}

func (s store) Increment(key string, delta uint64) (uint64, error) {
	now := uint64(0)
	if value, ok := s[key]; ok {
		var err error
		if now, err = strconv.ParseUint(string(value), 10, 64); err != nil {
			return 0, err
		}
	}
	now += delta
	s[key] = strconv.AppendUint(nil, now, 10)
	return now, nil
}

func (s store) Keys() ([]string, error) { return slices.Sorted(maps.Keys(s)), nil }
