package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"

	"bulkhead"
)

// maxPageBytes is the most that is read of a page.
const maxPageBytes = 1 << 20

// Title is where the page is.
type Title struct {
	URL string `json:"url" doc:"Where the page is."`
}

// Page is what a page says about itself.
type Page struct {
	Status int     `json:"status" doc:"The status of the answer."`
	Title  *string `json:"title" doc:"What its first <title> says."`
}

func title(ctx *bulkhead.Context, in Title) (Page, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, in.URL, nil)
	if err != nil {
		return Page{}, bulkhead.Invalidf("the page's address: %v", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return Page{}, bulkhead.Failedf("the page could not be reached: %v", err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(io.LimitReader(answer.Body, maxPageBytes))
	if err != nil {
		return Page{}, bulkhead.Failedf("the page could not be read: %v", err)
	}
	return Page{Status: answer.StatusCode, Title: firstTitle(string(page))}, nil
}

// firstTitle is the text of the first <title>, in whatever case it is written; nil if there is none.
func firstTitle(page string) *string {
	found := regexp.MustCompile(`(?is)<title>(.*?)</title>`).FindStringSubmatch(page)
	if found == nil {
		return nil
	}
	title := strings.TrimSpace(found[1])
	return &title
}
