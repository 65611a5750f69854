package bulkhead

import (
	"errors"

	host "bulkhead/internal/wit/imports/bulkhead_plugin_host"
	config "bulkhead/internal/wit/imports/wasi_config_store"
	atomics "bulkhead/internal/wit/imports/wasi_keyvalue_atomics"
	keyvalue "bulkhead/internal/wit/imports/wasi_keyvalue_store"
	wit "bulkhead/internal/wit/types"
)

// component is the host that a component runs in.
type component struct{}

func (component) Progress(progress float64, total *float64, message *string) {
	host.Progress(progress, pointed(total), pointed(message))
}

func (component) Log(level Level, logger, data string) {
	host.Log(uint8(level), optional(logger), data)
}

func (component) Cancelled() bool { return host.Cancelled() }

func (component) ResourceUpdated(uri string) { host.ResourceUpdated(uri) }

func (component) ResourcesChanged() { host.ResourcesChanged() }

func (component) SetVisible(kind Visible, name string, visible bool) error {
	if done := host.SetVisible(uint8(kind), name, visible); done.IsErr() {
		return errors.New(done.Err())
	}
	return nil
}

func (component) TaskStatus(message string) { host.TaskStatus(message) }

func (component) CloseStream(retryMillis *uint32) { host.CloseStream(pointed(retryMillis)) }

func (component) Config(key string) (string, bool, error) {
	found := config.Get(key)
	if found.IsErr() {
		return "", false, configError(found.Err())
	}
	value := found.Ok()
	return value.SomeOr(""), value.IsSome(), nil
}

func (component) AllConfig() (map[string]string, error) {
	all := config.GetAll()
	if all.IsErr() {
		return nil, configError(all.Err())
	}
	return pairs(all.Ok()), nil
}

func configError(err config.Error) error {
	if err.Tag() == config.Error_Upstream {
		return errors.New(err.Upstream())
	}
	return errors.New(err.Io())
}

func (component) OpenKV() (KV, error) {
	opened := keyvalue.Open("")
	if opened.IsErr() {
		return nil, kvError(opened.Err())
	}
	return bucket{opened.Ok()}, nil
}

// bucket is a store that the host keeps.
type bucket struct{ of *keyvalue.Bucket }

func (b bucket) Get(key string) ([]byte, bool, error) {
	found, err := stored(b.of.Get(key))
	return found.SomeOr(nil), found.IsSome(), err
}

func (b bucket) Set(key string, value []byte) error {
	_, err := stored(b.of.Set(key, value))
	return err
}

func (b bucket) Delete(key string) error {
	_, err := stored(b.of.Delete(key))
	return err
}

func (b bucket) Exists(key string) (bool, error) { return stored(b.of.Exists(key)) }

func (b bucket) Increment(key string, delta uint64) (uint64, error) {
	return stored(atomics.Increment(b.of, key, delta))
}

func (b bucket) Keys() ([]string, error) {
	var keys []string
	cursor := wit.None[uint64]()
	for {
		page, err := stored(b.of.ListKeys(cursor))
		if err != nil {
			return nil, err
		}
		keys, cursor = append(keys, page.Keys...), page.Cursor
		if cursor.IsNone() {
			return keys, nil
		}
	}
}

func stored[T any](result wit.Result[T, keyvalue.Error]) (value T, err error) {
	if result.IsErr() {
		return value, kvError(result.Err())
	}
	return result.Ok(), nil
}

func kvError(err keyvalue.Error) error {
	switch err.Tag() {
	case keyvalue.Error_NoSuchStore:
		return Failedf("there is no such key-value store")
	case keyvalue.Error_AccessDenied:
		return Deniedf("kept values are not granted to this plugin")
	}
	return errors.New(err.Other())
}
