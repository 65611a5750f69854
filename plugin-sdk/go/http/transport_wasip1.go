package http

import (
	"fmt"
	nethttp "net/http"
	"time"

	"bulkhead"
	handler "bulkhead/internal/wit/imports/wasi_http_outgoing_handler"
	types "bulkhead/internal/wit/imports/wasi_http_types"
	wit "bulkhead/internal/wit/types"
)

func init() { nethttp.DefaultTransport = transport{} }

// transport sends through the host.
type transport struct{}

// RoundTrip sends one request. A deadline of its context bounds each step; the host has limits of its own.
func (transport) RoundTrip(request *nethttp.Request) (*nethttp.Response, error) {
	if request.Body != nil {
		defer request.Body.Close()
	}
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	host := request.URL.Host
	if host == "" {
		return nil, fmt.Errorf("%q names no host: expected http://… or https://…", request.URL)
	}
	outgoing, err := outgoingOf(request)
	if err != nil {
		return nil, err
	}
	body := outgoing.Body()
	if body.IsErr() {
		return nil, fmt.Errorf("the request to %s has no body to write", host)
	}
	pending := handler.Handle(outgoing, options(request))
	if pending.IsErr() {
		return nil, explain(host, pending.Err())
	}
	if err := upload(host, body.Ok(), request.Body); err != nil {
		return nil, err
	}
	incoming, err := await(host, pending.Ok())
	if err != nil {
		return nil, err
	}
	return responseOf(request, incoming)
}

func outgoingOf(request *nethttp.Request) (*types.OutgoingRequest, error) {
	fields := types.MakeFields()
	for name, values := range request.Header {
		for _, value := range values {
			if fields.Append(name, []byte(value)).IsErr() {
				return nil, fmt.Errorf("the header %s of the request is refused", name)
			}
		}
	}
	scheme := types.MakeSchemeOther(request.URL.Scheme)
	switch request.URL.Scheme {
	case "https":
		scheme = types.MakeSchemeHttps()
	case "http":
		scheme = types.MakeSchemeHttp()
	}
	authority := request.URL.Host
	if request.Host != "" {
		authority = request.Host
	}
	outgoing := types.MakeOutgoingRequest(fields)
	if outgoing.SetMethod(methodOf(request.Method)).IsErr() ||
		outgoing.SetScheme(wit.Some(scheme)).IsErr() ||
		outgoing.SetAuthority(wit.Some(authority)).IsErr() ||
		outgoing.SetPathWithQuery(wit.Some(request.URL.RequestURI())).IsErr() {
		return nil, fmt.Errorf("%s %s is no request", request.Method, authority)
	}
	return outgoing, nil
}

func methodOf(name string) types.Method {
	switch name {
	case "", nethttp.MethodGet:
		return types.MakeMethodGet()
	case nethttp.MethodHead:
		return types.MakeMethodHead()
	case nethttp.MethodPost:
		return types.MakeMethodPost()
	case nethttp.MethodPut:
		return types.MakeMethodPut()
	case nethttp.MethodDelete:
		return types.MakeMethodDelete()
	case nethttp.MethodOptions:
		return types.MakeMethodOptions()
	case nethttp.MethodPatch:
		return types.MakeMethodPatch()
	}
	return types.MakeMethodOther(name)
}

// options bounds each step by the deadline of the request. A host that does not know one of them keeps its own limit.
func options(request *nethttp.Request) wit.Option[*types.RequestOptions] {
	deadline, ok := request.Context().Deadline()
	if !ok {
		return wit.None[*types.RequestOptions]()
	}
	left := wit.Some(uint64(max(time.Until(deadline), time.Millisecond)))
	options := types.MakeRequestOptions()
	options.SetConnectTimeout(left)
	options.SetFirstByteTimeout(left)
	options.SetBetweenBytesTimeout(left)
	return wit.Some(options)
}

func await(host string, pending *types.FutureIncomingResponse) (*types.IncomingResponse, error) {
	defer pending.Drop()
	ready := pending.Subscribe()
	ready.Block()
	ready.Drop()
	answer := pending.Get()
	if answer.IsNone() || answer.Some().IsErr() {
		return nil, fmt.Errorf("%s gave no answer", host)
	}
	incoming := answer.Some().Ok()
	if incoming.IsErr() {
		return nil, explain(host, incoming.Err())
	}
	return incoming.Ok(), nil
}

func responseOf(request *nethttp.Request, incoming *types.IncomingResponse) (*nethttp.Response, error) {
	status := int(incoming.Status())
	response := &nethttp.Response{
		Status:     fmt.Sprintf("%d %s", status, nethttp.StatusText(status)),
		StatusCode: status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        nethttp.Header{},
		ContentLength: -1,
		Request:       request,
	}
	headers := incoming.Headers()
	for _, entry := range headers.Entries() {
		response.Header.Add(entry.F0, string(entry.F1))
	}
	headers.Drop()
	body, err := download(request, incoming)
	if err != nil {
		return nil, err
	}
	response.Body = body
	return response, nil
}

func explain(host string, code types.ErrorCode) error {
	switch code.Tag() {
	case types.ErrorCode_HttpRequestDenied:
		return bulkhead.Deniedf("this request to %s is not granted to this plugin", host)
	case types.ErrorCode_DestinationIpProhibited:
		return bulkhead.Deniedf("the address of %s is not granted to this plugin", host)
	case types.ErrorCode_DnsTimeout, types.ErrorCode_DnsError, types.ErrorCode_DestinationNotFound:
		return bulkhead.Failedf("%s cannot be found", host)
	case types.ErrorCode_ConnectionRefused:
		return bulkhead.Failedf("%s refused the connection", host)
	case types.ErrorCode_DestinationUnavailable, types.ErrorCode_DestinationIpUnroutable:
		return bulkhead.Failedf("%s cannot be reached", host)
	case types.ErrorCode_ConnectionTimeout, types.ErrorCode_ConnectionReadTimeout,
		types.ErrorCode_ConnectionWriteTimeout, types.ErrorCode_HttpResponseTimeout:
		return bulkhead.Failedf("%s did not answer in time", host)
	case types.ErrorCode_TlsProtocolError, types.ErrorCode_TlsCertificateError, types.ErrorCode_TlsAlertReceived:
		return bulkhead.Failedf("%s could not prove who it is (TLS)", host)
	case types.ErrorCode_ConnectionTerminated, types.ErrorCode_HttpResponseIncomplete:
		return bulkhead.Failedf("%s closed the connection", host)
	case types.ErrorCode_HttpResponseBodySize:
		return bulkhead.Failedf("%s answered with too many bytes", host)
	case types.ErrorCode_ConnectionLimitReached:
		return bulkhead.Failedf("this plugin has too many requests open")
	}
	return bulkhead.Failedf("%s could not be asked (code %d of wasi:http)", host, code.Tag())
}
