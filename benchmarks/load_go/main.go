//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Load generator for net/http, which only collects the bytes.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const blockSize = 128 * 1024

type options struct {
	url, caFile, operation, id, username, password, file string
	concurrency, connections, threads                    int
	requests, warmup                                     int64
	size                                                 int64
	duration                                             float64
	cold                                                 bool
}

func parse() options {
	var o options
	flag.StringVar(&o.url, "url", "", "base URL, such as https://host/api")
	flag.StringVar(&o.caFile, "ca-file", "", "certificate authorities (PEM)")
	flag.StringVar(&o.operation, "operation", "view_image", "what to call")
	flag.StringVar(&o.id, "id", "1", "the image to view or download")
	flag.StringVar(&o.username, "username", "", "basic credentials")
	flag.StringVar(&o.password, "password", "", "")
	flag.IntVar(&o.concurrency, "concurrency", 1, "requests in flight")
	flag.IntVar(&o.connections, "connections", 0, "cap on connections; as many as requests in flight by default")
	flag.Int64Var(&o.requests, "requests", 0, "how many in all")
	flag.Float64Var(&o.duration, "duration", 0, "seconds to go on for")
	flag.Int64Var(&o.warmup, "warmup", 0, "requests that come first and are not counted")
	flag.Int64Var(&o.size, "size", 50*1024, "bytes of an upload")
	flag.StringVar(&o.file, "file", "", "what is uploaded; bytes out of nothing by default")
	flag.BoolVar(&o.cold, "cold", false, "a new connection for every request")
	flag.IntVar(&o.threads, "threads", 1, "threads that run Go code")
	flag.Bool("json", true, "print JSON, as it always does")
	flag.Parse()

	known := map[string]bool{"view_image": true, "get_image_content": true, "upload_temp_image": true}
	if flag.NArg() > 0 || o.url == "" || !known[o.operation] || o.concurrency < 1 || o.threads < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if o.connections == 0 {
		o.connections = o.concurrency
	}
	if o.requests == 0 && o.duration == 0 {
		o.requests = 1000
	}
	if o.file != "" {
		about, err := os.Stat(o.file)
		if err != nil {
			fatal(err)
		}
		o.size = about.Size()
	}
	return o
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "load-go:", err)
	os.Exit(1)
}

// Arbitrary bytes: any content of the buffer will do.
type pattern struct{ left int64 }

func (p *pattern) Read(target []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	n := int64(len(target))
	if n > p.left {
		n = p.left
	}
	p.left -= n
	return int(n), nil
}

type load struct {
	options
	client              http.Client
	authorization       string
	opened, resumed     atomic.Int64
	left                atomic.Int64
	end                 time.Time
	mutex               sync.Mutex
	latencies           []uint32
	errors, transferred int64
	complained          bool
}

func newLoad(o options) *load {
	l := &load{options: o}
	trusted := x509.NewCertPool()
	if o.caFile == "" {
		trusted = nil
	} else if pem, err := os.ReadFile(o.caFile); err != nil {
		fatal(err)
	} else if !trusted.AppendCertsFromPEM(pem) {
		fatal(errors.New("no certificate authorities in " + o.caFile))
	}
	dialer := net.Dialer{}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			l.opened.Add(1)
			return dialer.DialContext(ctx, network, address)
		},
		TLSClientConfig: &tls.Config{
			RootCAs:            trusted,
			ClientSessionCache: tls.NewLRUClientSessionCache(0),
		},
		// Not nil: HTTP/1.1 only.
		TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
		MaxConnsPerHost:     o.connections,
		MaxIdleConns:        o.connections,
		MaxIdleConnsPerHost: o.connections,
		DisableKeepAlives:   o.cold,
		DisableCompression:  true,
	}
	if o.operation == "get_image_content" {
		transport.ReadBufferSize = blockSize
	}
	if o.operation == "upload_temp_image" {
		transport.WriteBufferSize = blockSize
	}
	l.client.Transport = transport
	if o.username != "" {
		l.authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(o.username+":"+o.password))
	}
	return l
}

func (l *load) limit(requests int64, seconds float64) {
	l.left.Store(requests)
	if requests == 0 {
		l.left.Store(math.MaxInt64)
	}
	l.end = time.Time{}
	if seconds > 0 {
		l.end = time.Now().Add(time.Duration(seconds * float64(time.Second)))
	}
}

func (l *load) take() bool {
	return l.left.Add(-1) >= 0 && (l.end.IsZero() || time.Now().Before(l.end))
}

func (l *load) request() (*http.Request, io.Closer, error) {
	method, path, accept := "GET", "/images/"+l.id, "application/json"
	switch l.operation {
	case "get_image_content":
		path, accept = "/images/content/"+l.id, "image/*, application/json;q=0.9"
	case "upload_temp_image":
		method, path, accept = "POST", "/images/temp", "text/plain, application/json;q=0.9"
	}
	request, err := http.NewRequest(method, l.url+path, nil)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("User-Agent", "load-go")
	request.Header.Set("Accept", accept)
	if l.authorization != "" {
		request.Header.Set("Authorization", l.authorization)
	}
	if l.operation != "upload_temp_image" {
		return request, nil, nil
	}

	// mime/multipart writes the framing, but cannot tell the total length.
	const boundary = "load-go-0123456789abcdef"
	opening := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"image\"; filename=\"load.png\"\r\n" +
		"Content-Type: image/png\r\n\r\n"
	closing := "\r\n--" + boundary + "--\r\n"
	var content io.Reader = &pattern{l.size}
	var file *os.File
	if l.file != "" {
		if file, err = os.Open(l.file); err != nil {
			return nil, nil, err
		}
		content = file
	}
	request.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	request.Body = io.NopCloser(io.MultiReader(
		bytes.NewReader([]byte(opening)), content, bytes.NewReader([]byte(closing))))
	request.ContentLength = int64(len(opening)) + l.size + int64(len(closing))
	if file == nil {
		return request, nil, nil
	}
	return request, file, nil
}

// The reusable read buffer of a goroutine.
type buffers struct {
	body  bytes.Buffer
	block []byte
}

func (l *load) one(b *buffers) (int64, error) {
	request, source, err := l.request()
	if err != nil {
		return 0, err
	}
	if source != nil {
		defer source.Close()
	}
	answer, err := l.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if l.cold && answer.TLS != nil && answer.TLS.DidResume {
		l.resumed.Add(1)
	}
	var total int64
	if l.operation == "get_image_content" {
		if b.block == nil {
			b.block = make([]byte, blockSize)
		}
		for err == nil {
			var n int
			n, err = answer.Body.Read(b.block)
			total += int64(n)
		}
		if err == io.EOF {
			err = nil
		}
	} else {
		b.body.Reset()
		total, err = b.body.ReadFrom(answer.Body)
	}
	if err == nil && answer.StatusCode/100 != 2 {
		err = errors.New(answer.Status)
	}
	if l.operation == "upload_temp_image" {
		total = l.size
	}
	return total, err
}

func (l *load) work() {
	var b buffers
	for l.take() {
		begin := time.Now()
		transferred, err := l.one(&b)
		latency := time.Since(begin)
		l.mutex.Lock()
		if err == nil {
			l.latencies = append(l.latencies, uint32(latency.Microseconds()))
			l.transferred += transferred
		} else {
			l.errors++
			if !l.complained {
				l.complained = true
				fmt.Fprintln(os.Stderr, "load-go:", err)
			}
		}
		l.mutex.Unlock()
	}
}

func (l *load) run() {
	var workers sync.WaitGroup
	for n := 0; n < l.concurrency; n++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			l.work()
		}()
	}
	workers.Wait()
}

func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// Not Maxrss, which a process inherits: it would be that of a large parent process.
func maxRSSKiB() any {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil
	}
	var kib int64
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return nil
	}
	return kib
}

func (l *load) percentile(part float64) uint32 {
	if len(l.latencies) == 0 {
		return 0
	}
	rank := int(math.Ceil(part * float64(len(l.latencies))))
	if rank < 1 {
		rank = 1
	}
	return l.latencies[rank-1]
}

func per(value, count float64) float64 {
	if count == 0 {
		return 0
	}
	return value / count
}

func main() {
	o := parse()
	runtime.GOMAXPROCS(o.threads)
	l := newLoad(o)
	if o.warmup > 0 {
		l.limit(o.warmup, 0)
		l.run()
	}
	expected := o.requests
	if expected == 0 {
		expected = 1000000
	}
	l.latencies, l.errors, l.transferred = make([]uint32, 0, expected), 0, 0

	cpuBegin := cpuSeconds()
	begin := time.Now()
	l.limit(o.requests, o.duration)
	l.run()
	wall := time.Since(begin).Seconds()
	cpuEnd, maxRSS := cpuSeconds(), maxRSSKiB()

	sort.Slice(l.latencies, func(a, b int) bool { return l.latencies[a] < l.latencies[b] })
	requests := float64(len(l.latencies))
	var resumed any
	if o.cold {
		resumed = l.resumed.Load()
	}
	text, err := json.Marshal(map[string]any{
		"client":             "go",
		"operation":          o.operation,
		"concurrency":        o.concurrency,
		"connections":        o.connections,
		"requests":           len(l.latencies),
		"errors":             l.errors,
		"bytes":              l.transferred,
		"wall_s":             wall,
		"cpu_s":              cpuEnd - cpuBegin,
		"rps":                per(requests, wall),
		"cpu_us_per_request": per((cpuEnd-cpuBegin)*1e6, requests),
		"latency_us": map[string]uint32{
			"p50":  l.percentile(0.5),
			"p90":  l.percentile(0.9),
			"p99":  l.percentile(0.99),
			"p999": l.percentile(0.999),
			"max":  l.percentile(1),
		},
		"max_rss_kib":        maxRSS,
		"connections_opened": l.opened.Load(),
		"handshakes_resumed": resumed,
	})
	if err != nil {
		fatal(err)
	}
	fmt.Println(string(text))
}
