module bulkhead-memory

go 1.27

require bulkhead v0.1.0

replace bulkhead => ../../plugin-sdk/go
