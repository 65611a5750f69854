package bulkhead

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
)

// etagOf is an etag from contents: it follows every byte, and where one body ends and the next begins. It tells versions
// apart; it proves nothing.
func etagOf(bodies [][]byte) string {
	hash := fnv.New128a()
	var length [8]byte
	for _, body := range bodies {
		hash.Write(body)
		binary.LittleEndian.PutUint64(length[:], uint64(len(body)))
		hash.Write(length[:])
	}
	return hex.EncodeToString(hash.Sum(nil))
}
