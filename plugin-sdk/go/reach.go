package bulkhead

// KV keeps values that outlive the call: the caller's own, unless the operator shares them.
type KV interface {
	// Get is the value of key, and whether there is one.
	Get(key string) (value []byte, ok bool, err error)
	// Set sets the value of key.
	Set(key string, value []byte) error
	// Delete forgets key. One that has no value is no error.
	Delete(key string) error
	// Exists says whether key has a value.
	Exists(key string) (bool, error)
	// Increment adds delta to the number at key, 0 at first, in one step, and is the sum.
	Increment(key string, delta uint64) (uint64, error)
	// Keys lists all keys, in no order.
	Keys() ([]string, error)
}

// Config is the value that the operator gave to key, and whether there is one. A plugin names the keys that it looks for
// in plugin.toml.
func (c *Context) Config(key string) (value string, ok bool, err error) { return c.host.Config(key) }

// AllConfig is everything that the operator configured.
func (c *Context) AllConfig() (map[string]string, error) { return c.host.AllConfig() }

// KV opens the store of kept values. It is denied unless plugin.toml asks for it and the operator grants it.
func (c *Context) KV() (KV, error) { return c.host.OpenKV() }
