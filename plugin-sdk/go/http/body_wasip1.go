package http

import (
	"context"
	"fmt"
	"io"
	nethttp "net/http"

	types "bulkhead/internal/wit/imports/wasi_http_types"
	streams "bulkhead/internal/wit/imports/wasi_io_streams"
	wit "bulkhead/internal/wit/types"
)

const (
	// chunkBytes is what wasi:io takes in one write.
	chunkBytes = 4096
	// readBytes is the most that is asked for in one read.
	readBytes = 64 << 10
)

func upload(host string, body *types.OutgoingBody, from io.Reader) error {
	if from != nil {
		if err := write(host, body, from); err != nil {
			return err
		}
	}
	if done := types.OutgoingBodyFinish(body, wit.None[*types.Fields]()); done.IsErr() {
		return explain(host, done.Err())
	}
	return nil
}

func write(host string, body *types.OutgoingBody, from io.Reader) error {
	opened := body.Write()
	if opened.IsErr() {
		return fmt.Errorf("the request to %s has no body to write", host)
	}
	to := opened.Ok()
	defer to.Drop()
	var chunk [chunkBytes]byte
	for {
		n, err := from.Read(chunk[:])
		if n > 0 {
			if written := to.BlockingWriteAndFlush(chunk[:n]); written.IsErr() {
				// An upstream that has heard enough says why in its answer.
				return unlessClosed(host, written.Err(), nil)
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

var _ io.ReadCloser = (*stream)(nil)

// stream is the body of a response.
type stream struct {
	host     string
	ctx      context.Context
	from     *streams.InputStream
	body     *types.IncomingBody
	response *types.IncomingResponse
	end      error
}

func download(request *nethttp.Request, incoming *types.IncomingResponse) (*stream, error) {
	body := incoming.Consume()
	if body.IsErr() {
		return nil, fmt.Errorf("%s gave no body", request.URL.Host)
	}
	from := body.Ok().Stream()
	if from.IsErr() {
		return nil, fmt.Errorf("%s gave no body", request.URL.Host)
	}
	return &stream{
		host: request.URL.Host, ctx: request.Context(), from: from.Ok(), body: body.Ok(), response: incoming,
	}, nil
}

// Read reads what has arrived, and waits where nothing has.
func (s *stream) Read(into []byte) (int, error) {
	if s.end != nil || len(into) == 0 {
		return 0, s.end
	}
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	read := s.from.BlockingRead(uint64(min(len(into), readBytes)))
	if read.IsErr() {
		s.end = unlessClosed(s.host, read.Err(), io.EOF)
		return 0, s.end
	}
	return copy(into, read.Ok()), nil
}

// Close lets the connection go.
func (s *stream) Close() error {
	if s.from != nil {
		s.from.Drop()
		s.body.Drop()
		s.response.Drop()
		s.from, s.end = nil, io.ErrClosedPipe
	}
	return nil
}

// unlessClosed is closed where a stream merely ended, and otherwise what broke it.
func unlessClosed(host string, err streams.StreamError, closed error) error {
	if err.Tag() == streams.StreamError_Closed {
		return closed
	}
	broken := err.LastOperationFailed()
	defer broken.Drop()
	if code := types.HttpErrorCode(broken); code.IsSome() {
		return explain(host, code.Some())
	}
	return fmt.Errorf("the connection to %s broke", host)
}
