// Bare serves what a load test of Poligon is compared with, and writes what wrk sends: see load.sh.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8090", "address to listen on")
	like := flag.String("like", "http://127.0.0.1:8080", "the Poligon whose answers are given, byte for byte")
	folder := flag.String("requests", "", "folder to write wrk's scripts to")
	calculations := flag.Int("calculations", 1_000_000, "how many calculations polls go over, in forty sessions")
	flag.Parse()
	if err := run(*listen, *like, *folder, *calculations); err != nil {
		log.Fatal(err)
	}
}

func run(listen, like, folder string, calculations int) error {
	mux := http.NewServeMux()
	poll, err := ask(http.MethodGet, like+"/osago/calculate/status?request_id=123e4567-e89b-12d3-a456-426614174000", nil)
	if err != nil {
		return err
	}
	scripts := map[string]string{"poll.lua": polls(calculations, false), "start.lua": polls(calculations, true)}
	mux.HandleFunc("/osago/calculate/status", bare(poll))
	for _, risks := range []int{2, 1000} {
		body := request(risks)
		path := "/api/v2/importBordereau?partnerCode=demo&sign=" + sign(body)
		answer, err := ask(http.MethodPost, like+path, body)
		if err != nil {
			return err
		}
		mux.HandleFunc(fmt.Sprintf("/decode/%d/", risks), decode(answer))
		mux.HandleFunc(fmt.Sprintf("/bare/%d/", risks), bare(answer))
		for prefix, name := range map[string]string{"": "import", fmt.Sprintf("/decode/%d", risks): "decode", fmt.Sprintf("/bare/%d", risks): "bare"} {
			scripts[fmt.Sprintf("%s%d.lua", name, risks)] = fmt.Sprintf("wrk.method = 'POST'\nwrk.path = '%s'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = [==[%s]==]\n", prefix+path, body)
		}
	}
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	srv := &http.Server{Addr: listen, Handler: mux, ReadHeaderTimeout: time.Minute}
	return srv.ListenAndServe()
}

func ask(method, url string, body []byte) ([]byte, error) {
	r, err := http.NewRequest(method, url, strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s %s", url, resp.Status, answer)
	}
	return answer, err
}

// request is an import of so many risks.
func request(risks int) []byte {
	list := make([]string, risks)
	for i := range list {
		list[i] = fmt.Sprintf(`{"firstName":"Пассажиров","lastName":"Пассажир","middleName":"Пассажирович","birthdate":"11.01.1986","flightNumber":"S7-155",`+
			`"phoneNumber":"+79161234567","departureDate":"2018-04-09 20:00 +03:00","policyNumber":"policy_%d","currency":"RUB","insuranceSum":12000,`+
			`"delayTimeHours":2,"firstCountHours":2,"repeatedCountHours":1,"firstCountPercent":10,"repeatedCountPercent":30,"productType":1,"paymentType":1,"override":true}`, i)
	}
	return []byte(`{"risks":[` + strings.Join(list, ",") + `]}`)
}

func sign(body []byte) string {
	sum := sha256.Sum256(append(body[:len(body):len(body)], "secret"...))
	return hex.EncodeToString(sum[:])
}

// polls go over the calculations of forty sessions, at random or, to start them, each once.
func polls(n int, each bool) string {
	next := "i = math.random(0, %d)"
	if each {
		next = "i = (i + 1) %% %d"
	}
	return fmt.Sprintf("i = -1\nfunction request()\n  "+next+"\n  return string.format('GET /osago/calculate/status?request_id=123e4567-e89b-12d3-a456-%%012x HTTP/1.1\\r\\n"+
		"Host: localhost\\r\\nX-Poligon-Session: load-%%d\\r\\n\\r\\n', i, i %% 40)\nend\n", n)
}

// bare is the least a handler can do: read the body and write these bytes.
func bare(answer []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}
}

// decode is the least an import can do: hash the body, decode it with encoding/json, write these bytes.
func decode(answer []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_ = sign(body)
		var request struct {
			Risks []struct {
				FirstName, LastName, MiddleName, Birthdate, PhoneNumber, FlightNumber, DepartureDate, PolicyNumber, Currency string
				InsuranceSum, DelayTimeHours, FirstCountHours, RepeatedCountHours, FirstCountPercent, RepeatedCountPercent   float64
				ProductType, PaymentType                                                                                     float64
				Override                                                                                                     bool
			} `json:"risks"`
		}
		if err := json.Unmarshal(body, &request); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}
}
