// What Node's own clients, node:http and fetch, see of every fault of a running poligon: node faults.mjs URL. Each fault is put in
// force in a session of its own. Nothing here depends on how fast the machine is.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import http from "node:http";

const base = process.argv[2];
const id = "7d1f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6";
const risks = JSON.stringify({
  risks: [{
    firstName: "Пассажиров", lastName: "Пассажир", birthdate: "11.01.1986", flightNumber: "S7-155", phoneNumber: "+79161234567",
    departureDate: "2018-04-09 20:00 +03:00", policyNumber: "policy_number1", currency: "RUB", insuranceSum: 12000, delayTimeHours: 2,
    firstCountHours: 2, repeatedCountHours: 1, firstCountPercent: 10, repeatedCountPercent: 30, paymentType: 1,
  }],
});
const sign = createHash("sha256").update(risks + "secret").digest("hex");

// admin asks the admin API, which has to say yes.
async function admin(method, path, body) {
  const response = await fetch(base + "/__admin/sessions/" + path, { method, body: body && JSON.stringify(body) });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}

let sessions = 0;

// under creates a session with a fault in force.
async function under(fault, config = {}) {
  const name = `node-${++sessions}`;
  await admin("PUT", name, { clock: { mode: "frozen", start: "2026-01-15T09:00:00Z" }, ...config });
  if (fault) await admin("POST", `${name}/faults`, { on: "*", ...fault });
  return { name, status: `${base}/s/${name}/osago/calculate/status?request_id=${id}`, imports: `${base}/s/${name}/api/v2/importBordereau?partnerCode=demo&sign=${sign}` };
}

// ask sends a request with node:http, over a connection of its own, and tells how far the answer came.
function ask(url, { method = "GET", body, headers } = {}) {
  return new Promise((resolve) => {
    const seen = { status: 0, headers: {}, body: "", error: undefined };
    const failed = (error) => resolve(Object.assign(seen, { error }));
    const request = http.request(url, { method, headers, agent: false }, (response) => {
      Object.assign(seen, { status: response.statusCode, headers: response.headers });
      response.setEncoding("utf8").on("data", (text) => (seen.body += text)).on("end", () => resolve(seen)).on("error", failed);
    });
    request.on("error", failed).end(body);
  });
}

const send = (url) => ask(url, { method: "POST", body: risks, headers: { "content-type": "application/json" } });
const subjects = async (session) => (await admin("GET", session.name)).subjects;
const labelled = (headers, label) => assert.match(headers["x-poligon-fault"] ?? "none", label);

const whole = JSON.parse((await ask((await under()).status)).body);

const checks = {
  async "a status with its headers and the partner's own body"() {
    const s = await under({ status: 429, headers: { "Retry-After": "2" }, first: 1 });
    const busy = await fetch(s.status);
    assert.equal(busy.status, 429);
    assert.equal(busy.headers.get("retry-after"), "2");
    assert.equal(busy.headers.get("x-poligon-own"), "fault");
    assert.deepEqual(await busy.json(), { request_id: id, message: "Слишком много запросов." });
    assert.equal((await fetch(s.status)).status, 200);
  },
  async "a status with a body of one's own"() {
    const s = await under({ status: 502, body: "<h1>Bad gateway</h1>" });
    const bad = await fetch(s.status);
    assert.equal(bad.status, 502);
    assert.match(bad.headers.get("content-type"), /^text\/plain/);
    await assert.rejects(bad.json(), SyntaxError);
  },
  async "a status of a request that was accepted"() {
    const s = await under({ status: 500, accepted: true, on: "importBordereau", first: 1 });
    assert.equal((await send(s.imports)).status, 500);
    assert.equal(await subjects(s), 1);
    assert.match((await send(s.imports)).body, /WRONG_RISK_OVERRIDE/);
  },
  async "a delay: others overtake it, and it is not answered before its time"() {
    const s = await under({ on: "getCalculationStatus", first: 1, delay: "1h" });
    let answered = false;
    const late = http.request(s.status, { agent: false }, () => (answered = true)).on("error", () => {});
    late.end();
    while ((await admin("GET", `${s.name}/faults`)).faults[0].met === 0); // until it has had its turn
    assert.equal((await ask(s.status)).status, 200);
    assert.equal(answered, false);
    const { exchanges } = await admin("GET", `${s.name}/journal?acts=false`);
    assert.deepEqual(exchanges.map((e) => Boolean(e.running)), [true, false]);
    late.destroy();
  },
  async "a delay that ends"() {
    const late = await ask((await under({ delay: "20ms..50ms" })).status);
    assert.equal(late.status, 200);
    labelled(late.headers, /^delay \d/);
    assert.deepEqual(JSON.parse(late.body).status, whole.status);
  },
  async "a slow body: the headers are there and the body is not"() {
    const s = await under({ slow: "1h" });
    await new Promise((resolve, reject) => {
      const request = http.get(s.status, { agent: false }, (response) => {
        assert.equal(response.statusCode, 200);
        response.on("data", () => reject(new Error("a piece came"))).on("error", () => {});
        setImmediate(() => resolve(request.destroy()));
      }).on("error", reject);
    });
  },
  async "a slow body that ends"() {
    const slow = await ask((await under({ slow: "40ms" })).status);
    assert.equal(slow.error, undefined);
    assert.equal(JSON.parse(slow.body).status, whole.status);
  },
  async "a reset: the request was not accepted"() {
    const s = await under({ answer: "reset" });
    const cut = await send(s.imports);
    assert.equal(cut.error?.code, "ECONNRESET");
    assert.equal(cut.status, 0);
    assert.equal(await subjects(s), 0);
    await assert.rejects(fetch(s.status), (error) => error instanceof TypeError && error.cause.code === "ECONNRESET");
  },
  async "refused: the request was not accepted"() {
    const s = await under({ answer: "refused" });
    const refused = await send(s.imports);
    assert.equal(refused.status, 503);
    assert.equal(JSON.parse(refused.body).errors[0].code, "INTERNAL_ERROR");
    assert.equal(await subjects(s), 0);
  },
  async "lost: the request was accepted"() {
    const s = await under({ answer: "lost", first: 1 });
    assert.equal((await send(s.imports)).error?.code, "ECONNRESET");
    assert.equal(await subjects(s), 1);
    assert.match((await send(s.imports)).body, /WRONG_RISK_OVERRIDE/);
  },
  async "an empty body"() {
    const s = await under({ answer: "empty" });
    const empty = await fetch(s.status);
    assert.equal(empty.status, 200);
    assert.equal(empty.headers.get("content-length"), "0");
    await assert.rejects(empty.json(), SyntaxError);
  },
  async "a truncated body: the connection closes before its end"() {
    const s = await under({ answer: "truncated" });
    const cut = await ask(s.status);
    assert.equal(cut.status, 200);
    assert.equal(cut.error?.code, "ECONNRESET");
    assert.equal(cut.error?.message, "aborted");
    assert.ok(cut.body.length > 0 && cut.body.length < Number(cut.headers["content-length"]), cut.body);
    await assert.rejects(fetch(s.status).then((response) => response.text()), TypeError);
  },
  async "a malformed body: it is whole and no JSON"() {
    const s = await under({ answer: "malformed" });
    const response = await fetch(s.status);
    assert.match(response.headers.get("content-type"), /^application\/json/);
    await assert.rejects(response.json(), SyntaxError);
  },
  async "a wrong content type"() {
    const s = await under({ answer: "content-type" });
    const response = await fetch(s.status);
    assert.match(response.headers.get("content-type"), /^text\/html/);
    assert.equal((await response.json()).status, whole.status);
  },
  async "several of a request's own"() {
    const s = await under();
    const headers = { "x-poligon-fault": ["{delay: 1ms}", "{answer: empty}"] };
    const both = await ask(s.status, { headers });
    assert.equal(both.headers["x-poligon-fault"], "delay 1ms, empty");
    assert.equal(both.body, "");
  },
  async "a fault with a mistake"() {
    const s = await under();
    const refused = await ask(s.status, { headers: { "x-poligon-fault": "{answer: los}" } });
    assert.equal(refused.status, 400);
    assert.match(JSON.parse(refused.body).detail, /X-Poligon-Fault:1:10: .*did you mean lost\?/s);
  },
  async "the faults of a scenario"() {
    const s = await under(undefined, { scenario: "busy-partner" });
    const busy = [await ask(s.status), await ask(s.status)];
    assert.deepEqual(busy.map((b) => [b.status, b.headers["retry-after"]]), [[429, "1"], [429, "1"]]);
    assert.equal((await send(s.imports)).error?.code, "ECONNRESET");
    assert.match((await send(s.imports)).body, /WRONG_RISK_OVERRIDE/);
  },
};

// What a client finds in a body that breaks its contract in one place.
const broken = {
  "unknown-enum": (text) => text.includes("POLIGON_UNKNOWN"),
  "missing-field": (text) => Object.keys(JSON.parse(text)).length < 3 || JSON.parse(text).offers.some((o) => Object.keys(o).length < 2),
  "extra-field": (text) => text.includes('"POLIGON_UNKNOWN":'),
  "wrong-type": (text) => text.includes("12345") || text.includes("POLIGON_UNKNOWN") || text.includes("{}") || text.includes("[]"),
  "null-field": (text) => text.includes("null"),
};
for (const [answer, finds] of Object.entries(broken)) {
  checks[answer] = async () => {
    const got = await ask((await under({ answer })).status);
    assert.equal(got.status, 200);
    labelled(got.headers, new RegExp(`^${answer} at /`));
    assert.ok(!finds(JSON.stringify(whole)) && finds(got.body), got.body);
  };
}

let failed = 0;
for (const [name, run] of Object.entries(checks)) {
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}\n${error.stack}`);
  }
}
process.exit(failed ? 1 : 0);
