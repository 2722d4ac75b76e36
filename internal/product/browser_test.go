package product_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var pictures = flag.String("pictures", "", "a directory to keep screenshots of pages in")

// tab opens a tab of a real browser, of the size of a phone or of a desk.
func tab(t *testing.T, phone bool) context.Context {
	t.Helper()
	var browser string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		t.Skip("chromium is not installed: nobody opens the payment page")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox)
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, shut := chromedp.NewContext(ctx)
	t.Cleanup(shut)
	width, height := int64(1000), int64(720)
	if phone {
		width, height = 390, 844
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height)); err != nil { // starts it, for as long as the test lasts
		t.Fatal(err)
	}
	return ctx
}

// does has the tab do something, within what even a busy machine needs for it.
func does(t *testing.T, tab context.Context, what ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, stop := context.WithTimeout(tab, time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, what...); err != nil {
		t.Fatal(err)
	}
}

// gives has the tab find something out, within the same.
func gives[T any](t *testing.T, tab context.Context, what chromedp.Action[T]) T {
	t.Helper()
	ctx, stop := context.WithTimeout(tab, time.Minute)
	defer stop()
	got, err := chromedp.Run(ctx, what)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// sees is the text of the element of the page that carries a test id, and where the page is.
func sees(t *testing.T, tab context.Context, id string) (text, at string) {
	t.Helper()
	return gives(t, tab, chromedp.Text(element(id))), gives(t, tab, chromedp.Location())
}

// element selects the element of a test id.
func element(id string) string { return fmt.Sprintf("[data-testid=%s]", id) }

// keep keeps a screenshot, if the run is to keep any.
func keep(t *testing.T, tab context.Context, name string) {
	t.Helper()
	if *pictures == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*pictures, name+".png"), gives(t, tab, chromedp.FullScreenshot(100)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// shop is a page that a customer comes back to.
func shop(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<p data-testid="shop">%s %s from %q</p>`, r.Method, r.URL.RequestURI(), r.Referer()) //nolint:gosec // a test's page
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// payable is a session of a story whose customer decides, and the address where our offer is paid. The request names the shop's pages,
// if there is a shop.
func (p *product) payable(t *testing.T, scenario, shop string) (s *play, address string) {
	t.Helper()
	s = p.frozen(t, scenario)
	returns := map[string]any{}
	if shop != "" {
		returns = map[string]any{"success_url": shop + "/ok?order=7&a=b", "failure_url": shop + "/no#why"}
	}
	s.post(t, change("return_urls", returns)).want(t, 200)
	s.moveTo(t, 20*time.Second)
	var all struct {
		Offers []struct {
			Payment string `json:"payment_url"`
		}
	}
	s.get(t, "/osago/calculate?request_id="+ours).want(t, 200).decode(t, &all)
	for _, o := range all.Offers {
		if o.Payment != "" {
			return s, o.Payment
		}
	}
	t.Fatal("no offer can be paid")
	return nil, ""
}

// A person pays in a browser and comes back to the shop; a phone shows the page too.
func TestBrowserPays(t *testing.T) {
	t.Parallel()
	b, shop := tab(t, true), shop(t)
	s, address := start(t, setup{}).payable(t, "customer-decides", shop)
	does(t, b, chromedp.Navigate(address))
	keep(t, b, "pay-phone")
	if text, _ := sees(t, b, "pay-insurer"); text != "АльфаСтрахование" {
		t.Errorf("the insurer is %s", text)
	}
	does(t, b, chromedp.Click(element("pay-submit")), chromedp.WaitVisible(element("shop")))
	if text, at := sees(t, b, "shop"); at != shop+"/ok?order=7&a=b" || text != `GET /ok?order=7&a=b from ""` {
		t.Errorf("%s at %s", text, at)
	}
	if got := s.look(t, ours); got != "PAID PAYMENT_COMPLETED" {
		t.Errorf("paid, it is %s", got)
	}
	does(t, b, chromedp.Navigate(address))
	if text, _ := sees(t, b, "pay-status"); text != "Оплачено" {
		t.Errorf("the page of what is paid says %s", text)
	}
	keep(t, b, "pay-paid")
}

// A person refuses to pay in a browser, comes back to the shop, and pays after all once there is a new link.
func TestBrowserRefusesToPay(t *testing.T) {
	t.Parallel()
	b, shop := tab(t, false), shop(t)
	s, address := start(t, setup{}).payable(t, "customer-decides", shop)
	does(t, b, chromedp.Navigate(address))
	keep(t, b, "pay-desk")
	does(t, b, chromedp.Click(element("pay-cancel")), chromedp.WaitVisible(element("shop")))
	if _, at := sees(t, b, "shop"); at != shop+"/no#why" {
		t.Errorf("led to %s", at)
	}
	if got := s.look(t, ours); got != "CALCULATION_READY PAYMENT_CANCELLED" {
		t.Errorf("called off, it is %s", got)
	}
	does(t, b, chromedp.Navigate(address))
	if text, _ := sees(t, b, "pay-message"); text != "Покупатель закрыл страницу оплаты." {
		t.Errorf("the page says %s", text)
	}
	keep(t, b, "pay-cancelled")
	s.moveTo(t, 90*time.Second)
	does(t, b, chromedp.Navigate(address), chromedp.Click(element("pay-submit")), chromedp.WaitVisible(element("shop")))
	if got := s.look(t, ours); got != "PAID PAYMENT_COMPLETED" {
		t.Errorf("paid, it is %s", got)
	}
}

// A page that was open for too long tells so, whatever is pressed on it, and leads back.
func TestBrowserIsTooLateToPay(t *testing.T) {
	t.Parallel()
	b, shop := tab(t, false), shop(t)
	s, address := start(t, setup{}).payable(t, "customer-decides", shop)
	does(t, b, chromedp.Navigate(address))
	if text, _ := sees(t, b, "pay-expires"); !strings.HasPrefix(text, "Оплатить можно до 15.01.2026 09:30:08 UTC") {
		t.Errorf("the page says %s", text)
	}
	s.moveTo(t, time.Hour)
	does(t, b, chromedp.Click(element("pay-submit")), chromedp.WaitVisible(element("pay-message")))
	if text, _ := sees(t, b, "pay-message"); text != "Время на оплату истекло." {
		t.Errorf("the page says %s", text)
	}
	keep(t, b, "pay-late")
	does(t, b, chromedp.Click(element("pay-back")), chromedp.WaitVisible(element("shop")))
	if _, at := sees(t, b, "shop"); at != shop+"/no#why" {
		t.Errorf("led to %s", at)
	}
}

// Where nobody named a page to come back to, the payment page itself tells what became of the payment.
func TestBrowserStaysWithoutAShop(t *testing.T) {
	t.Parallel()
	b := tab(t, false)
	_, address := start(t, setup{}).payable(t, "cross-sales", "")
	does(t, b, chromedp.Navigate(address), chromedp.Click(element("pay-submit")), chromedp.WaitVisible(element("pay-policy")))
	if text, at := sees(t, b, "pay-policy"); !strings.HasPrefix(text, "ХХХ 0") || at != address {
		t.Errorf("%s at %s", text, at)
	}
	keep(t, b, "pay-no-shop")
}
