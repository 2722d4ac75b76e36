package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
)

// credentials open doors: nothing that the server says, writes or keeps to be handed on has one of them.
var credentials = map[string]string{
	"partner's password": "Pa55word-of-partner", "client's secret": "cl1ent-Secret-42", "report's token": "rep0rt-Token-43", "call's token": "ca11-Token-44", "admin token": "adm1n-Token-45",
	"query's secret": "que2y-Secret-46", "header's secret": "h3ader-Secret-47", "cookie": "c00kie-48", "wrong password": "wr0ng-Password-49", "body's secret": "b0dy-Secret-50",
}

// personal is what the tests send of people, as no document has it: logs, metrics, journals and HAR files have none of it.
var personal = map[string]string{
	"phone": "79995551234", "e-mail": "secretov@example.org", "last name": "Секретов", "first name": "Таймураз", "patronymic": "Эльбрусович", "birth date": "1981-07-23", "birth date of an import": "23.07.1981",
	"passport": "665544", "licence": "887766", "issuer": "Тайный ОВД", "street": "Потаённая", "token of a shop's link": "l1nk-Token-51",
}

// keeper has requests answered, and keeps the answers that are no success.
type keeper struct {
	t       *testing.T
	p       *process
	answers []string
	shown   map[string]string // what the admin API shows when all is over, by path
}

func (k *keeper) send(method, path, body string, header ...string) string {
	k.t.Helper()
	req, err := http.NewRequestWithContext(k.t.Context(), method, "http://"+k.p.address+path, strings.NewReader(body))
	if err != nil {
		k.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	if strings.HasPrefix(path, "/__admin") || path == "/metrics" {
		if req.Header.Get("Authorization") == "" {
			req.Header.Set("Authorization", "Bearer "+credentials["admin token"])
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		k.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		k.t.Fatal(err)
	}
	k.answers = append(k.answers, fmt.Sprint(method, " ", strings.SplitN(path, "?", 2)[0], " is answered ", resp.StatusCode, " ", resp.Header, " ", string(text)))
	return string(text)
}

// Secrets and people go through every operation, in every wrong way too, and stay out of what is shown and written.
func TestSecretsStay(t *testing.T) {
	t.Parallel()
	t.Run("masked", func(t *testing.T) {
		t.Parallel()
		secretsStay(t, personal)
	})
	t.Run("personal data is shown", func(t *testing.T) {
		t.Parallel()
		secretsStay(t, nil, "--show-personal")
	})
}

// secretsStay looks for the credentials, and for data besides, in all that a server shows that is started with flags.
func secretsStay(t *testing.T, data map[string]string, flags ...string) {
	market := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // which tells what it was sent
		w.Header().Set("X-Said", r.Header.Get("Authorization"))
		fmt.Fprintf(w, `{"was": %q}`, r.Header.Get("Authorization"))
	}))
	defer market.Close()
	p := launch(t, append(flags, "--log-level", "debug", "--partner", "shop:"+credentials["partner's password"], "--osago-auth", "oauth2", "--osago-client", "market:"+credentials["client's secret"],
		"--confirm-token", credentials["report's token"], "--confirm-url", market.URL+"/confirm", "--confirm-call-token", credentials["call's token"], "--admin-token", credentials["admin token"])...)
	k := &keeper{t: t, p: p, shown: map[string]string{}}
	k.send("PUT", "/__admin/sessions/default", `{"scenario": "customer-decides", "clock": {"mode": "frozen", "start": "2026-01-15T09:00:00Z"}}`)
	token := k.tokens()
	k.buys(token)
	k.imports()
	k.asks()

	for name, secret := range map[string]string{"token": token, "client's credentials": base64.StdEncoding.EncodeToString([]byte("market:" + credentials["client's secret"])), "sign": signOf(good, credentials["partner's password"])} {
		k.searches(t, name, secret, true)
	}
	for name, secret := range credentials {
		k.searches(t, name, secret, true)
	}
	for name, datum := range data {
		k.searches(t, name, datum, false)
	}
}

func signOf(body, password string) string {
	sum := sha256.Sum256([]byte(body + password))
	return hex.EncodeToString(sum[:])
}

const anID = "11111111-1111-4111-8111-111111111111"

var good = `{"risks": [{"firstName": "` + personal["first name"] + `", "lastName": "` + personal["last name"] + `", "birthdate": "` + personal["birth date of an import"] + `", "phoneNumber": "+` + personal["phone"] + `",
	"flightNumber": "SU-1402", "departureDate": "2026-12-01 07:15 +03:00", "policyNumber": "FD-0001", "currency": "RUB", "insuranceSum": 12000, "delayTimeHours": 3, "firstCountHours": 3,
	"repeatedCountHours": 1, "firstCountPercent": 10, "repeatedCountPercent": 30, "paymentType": 1}]}`

// tokens gets a token, in the right way and in wrong ones.
func (k *keeper) tokens() string {
	const form = "Content-Type: application/x-www-form-urlencoded"
	secret, wrong := credentials["client's secret"], credentials["wrong password"]
	for _, body := range []string{"grant_type=client_credentials&client_id=market&client_secret=" + wrong, "grant_type=client_credentials;client_id=market;client_secret=" + secret, "grant_type=password&username=market&password=" + secret,
		"client_secret=%zz" + secret} {
		k.send("POST", "/osago/token", body, form)
	}
	k.send("POST", "/osago/token?client_id=market&client_secret="+secret, "grant_type=client_credentials", form)
	k.send("POST", "/osago/token", `{"client_secret": "`+secret+`"}`)
	k.send("POST", "/osago/token", "grant_type=client_credentials", form, "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("market:"+wrong)))
	text := k.send("POST", "/osago/token", "grant_type=client_credentials", form, "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("market:"+secret)))
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil || got.Token == "" {
		k.t.Fatalf("no token: %s", text)
	}
	k.answers = k.answers[:len(k.answers)-1] // the token is in it, and must be
	return got.Token
}

// buys goes through a purchase.
func (k *keeper) buys(token string) {
	text, err := os.ReadFile("../../internal/osago/testdata/documented_request.json")
	if err != nil {
		k.t.Fatal(err)
	}
	body := strings.NewReplacer("123e4567-e89b-12d3-a456-426614174000", anID, "79161234567", personal["phone"], "user@example.com", personal["e-mail"], "Иванович", personal["patronymic"], "Иванов", personal["last name"],
		"Петров", personal["last name"], `"Иван"`, `"`+personal["first name"]+`"`, "1980-06-12", personal["birth date"], "567890", personal["passport"], `"number": "123456", "date": "2015`, `"number": "`+personal["licence"]+`", "date": "2015`,
		"ОВД района", personal["issuer"], "Ленина", personal["street"]).Replace(string(text))
	bearer := "Authorization: Bearer " + token
	strange := "X-Auth-Key: " + credentials["header's secret"]
	query := "?request_id=" + anID + "&offer_id=29226209"
	ask := func(method, path, body string) {
		k.send(method, path, body, bearer, strange, "Cookie: sid="+credentials["cookie"])
	}
	for _, broken := range []string{body[:len(body)/2], body[:strings.Index(body, personal["phone"])+11], strings.Replace(body, `"`+personal["phone"], `"+7 x`+personal["phone"], 2), strings.Replace(body, personal["birth date"], personal["birth date"]+"x", 1),
		strings.Replace(body, `"contact"`, `"kontact"`, 1), strings.Replace(body, `{`, `{"client_secret": "`+credentials["body's secret"]+`",`, 1), `"` + personal["phone"] + `"`, "[" + body + "]"} {
		ask("POST", "/osago/calculate", broken)
	}
	k.send("POST", "/osago/calculate", body, bearer, "Content-Type: text/plain")
	k.send("POST", "/osago/calculate", body, "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("market:"+credentials["wrong password"])))
	k.send("POST", "/osago/calculate", body, "Authorization: Bearer "+credentials["wrong password"])
	ask("POST", "/osago/calculate", body)
	ask("GET", "/osago/calculate/status?request_id="+anID+"&a=1;client_secret="+credentials["query's secret"], "")
	ask("GET", "/osago/calculate/status?request_id=nobody&token="+credentials["query's secret"], "")
	ask("GET", "/osago/calculate/status?request_id="+anID+"&password="+credentials["query's secret"]+"&phone="+personal["phone"]+"&email="+personal["e-mail"], "")
	k.send("POST", "/__admin/sessions/default/clock/advance", `{"by": "20s"}`)
	for _, path := range []string{"/osago/calculate", "/osago/offer", "/osago/offer/draft", "/osago/offer/policy", "/pay", "/confirm"} {
		ask("GET", path+query+"&access_token="+credentials["report's token"], "")
	}
	ask("POST", "/osago/offer", `{"request_id": "`+anID+`", "offer_id": "29226209", "phone": "`+personal["phone"]+`", "return_urls": {"success_url": "https://shop.example/?token=`+personal["token of a shop's link"]+`"}}`)
	k.send("POST", "/pay", "request_id="+anID+"&offer_id=29226209&action=pay", "Content-Type: application/x-www-form-urlencoded", "Cookie: sid="+credentials["cookie"])
	for _, to := range []string{"report's token", "wrong password"} {
		k.send("GET", "/confirm"+query+"&counterparty_id=1&partner_id=1&amount=1&access_token="+credentials[to], "")
		k.send("GET", "/confirm"+query+"&counterparty_id=1&partner_id=1&amount=1", "", "Authorization: Bearer "+credentials[to])
	}
	k.send("POST", "/__admin/sessions/default/clock/advance", `{"by": "5m"}`)
	ask("GET", "/osago/offer/policy"+query, "")
	ask("GET", "/auto/info?car_number=А123БВ777&phone="+personal["phone"], "")
	ask("GET", "/dictionaries/brands?token="+credentials["query's secret"], "")
}

// imports sends imports, well and wrongly signed.
func (k *keeper) imports() {
	password, sum := credentials["partner's password"], signOf(good, credentials["partner's password"])
	send := func(code, sign, body string) {
		k.send("POST", "/api/v2/importBordereau?"+url.Values{"partnerCode": {code}, "sign": {sign}}.Encode(), body, "X-Sign: "+sum, "X-Partner-Password: "+password)
	}
	for _, sign := range []string{password, strings.ToUpper(sum), sum[:40], signOf("", password), signOf(good, credentials["wrong password"]), sum} {
		send("shop", sign, good)
	}
	for _, body := range []string{good[:200], strings.Replace(good, "+"+personal["phone"], "tel "+personal["phone"], 1), strings.Replace(good, personal["birth date of an import"], personal["birth date of an import"]+" ", 1),
		strings.Replace(good, `"lastName"`, `"lastname"`, 1), strings.Replace(good, `"FD-0001"`, `["FD-0002"]`, 1)} {
		send("shop", signOf(body, password), body)
	}
	k.send("POST", "/api/v2/importBordereau?partnerCode=shop&SIGN="+sum, good)
	k.send("POST", "/api/v2/importBordereau?partnerCode=shop&sign="+sum, good, "Content-Type: text/html")
}

// asks uses the admin API, with the wrong token too.
func (k *keeper) asks() {
	const here = "/__admin/sessions/default"
	k.send("GET", "/__admin/sessions", "", "Authorization: Bearer "+credentials["wrong password"])
	k.send("GET", "/__admin/sessions", "", "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("admin:"+credentials["admin token"])))
	body := base64.StdEncoding.EncodeToString([]byte(good))
	for _, sign := range []string{strings.ToUpper(signOf(good, credentials["partner's password"])), "zz" + credentials["partner's password"]} {
		k.send("POST", "/__admin/signature/explain", fmt.Sprintf(`{"partner_code": "shop", "sign": %q, "body_base64": %q}`, sign, body))
	}
	k.send("POST", here+"/verify", `{"expectations": [{"operation": "startCalculation", "request": {"paths": {"owner.contact.phone": "x", "owner.passport.number": "y"}}}, {"operation": "importBordereau", "query": {"sign": "x"}}, {"header": {"Authorization": "x", "X-Auth-Key": "y"}}]}`)
	k.send("POST", here+"/verify", `{"expectations": [{"phone": "`+personal["phone"]+`"`)
	k.send("POST", here+"/calculations/"+anID+"/events", `{"fire": "paid", "offer_id": "29226210"}`)
	k.send("POST", here+"/faults", `{"on": "*", "token": "`+credentials["body's secret"]+`"`)
	k.send("PUT", "/__admin/sessions/x", `{"seed": "`+personal["phone"]+`"}`)
	k.send("GET", "/s/"+personal["phone"]+"%20/osago/calculate/status", "")
}

// searches looks for a secret in all that the server shows or writes.
func (k *keeper) searches(t *testing.T, name, secret string, opens bool) {
	t.Helper()
	const here = "/__admin/sessions/default"
	places := []string{"/metrics", here + "/journal?limit=1000", here + "/journal.har", here + "/unused", here + "/faults", here + "/scenario", "/__admin/sessions", here}
	if opens {
		places = append(places, here+"/recording", here+"/snapshot", here+"/calculations/"+anID, here+"/risks")
	}
	for _, path := range places {
		shown, ok := k.shown[path]
		if !ok {
			shown = k.send("GET", path, "")
			k.answers = k.answers[:len(k.answers)-1]
			k.shown[path] = shown
		}
		found(t, name, secret, path, shown)
	}
	found(t, name, secret, "the log", k.p.log.String())
	if opens {
		for _, answer := range k.answers {
			found(t, name, secret, "an answer", answer)
		}
	}
}

var inBase64 = regexp.MustCompile(`[A-Za-z0-9+/]{24,}={0,2}`)

// found looks for a secret in a text, as it is, escaped, and in base64.
func found(t *testing.T, name, secret, where, text string) {
	t.Helper()
	forms := []string{secret, url.QueryEscape(secret), strings.Trim(fmt.Sprintf("%+q", secret), `"`)}
	for _, form := range forms {
		if i := strings.Index(text, form); i >= 0 {
			t.Errorf("the %s (%s) is in %s: …%s…", name, secret, where, text[max(0, i-200):min(len(text), i+100)])
			return
		}
	}
	for _, word := range inBase64.FindAllString(text, -1) {
		if plain, err := base64.StdEncoding.DecodeString(word); err == nil && bytes.Contains(plain, []byte(secret)) {
			t.Errorf("the %s is in %s in base64: %.200s", name, where, plain)
			return
		}
	}
}
