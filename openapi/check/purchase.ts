// A whole purchase as a marketplace makes it, by a client that openapi-ts made of the osago contract: node purchase.js URL. The clock of
// its session is frozen and moves on where the client waits. Only what is not the partner API's goes by hand: the admin API and the page on which
// a customer pays.
import assert from "node:assert/strict";
import { createClient, createConfig } from "./client/client";
import * as api from "./client/sdk.gen";
import type { PersonInfo } from "./client/types.gen";

const base = process.argv[2];
const began = performance.now();
const admin = `${base}/__admin/sessions/typescript`;
const client = createClient(createConfig({ baseUrl: `${base}/s/typescript` }));
let seconds = 0; // that the client has waited, on the session's clock

async function send(method: string, url: string, body: string | undefined, status: number): Promise<Response> {
  const type = body?.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded";
  const answer = await fetch(url, { method, body, redirect: "manual", headers: body ? { "content-type": type } : {} });
  assert.equal(answer.status, status, `${method} ${url}`);
  return answer;
}

// pass waits on the session's clock, for no longer than the documents say.
async function pass(step: number, most: number): Promise<void> {
  seconds += step;
  assert.ok(seconds <= most, `waited for ${seconds} s`);
  await (await send("POST", `${admin}/clock/advance`, JSON.stringify({ by: `${step}s` }), 200)).text();
}

// said is the answer of a call of the client, which has to be a good one.
async function said<T>(call: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await call;
  assert.equal(error, undefined, JSON.stringify(error));
  assert.ok(data);
  return data;
}

async function purchase(): Promise<void> {
  await send("PUT", admin, JSON.stringify({ scenario: "cross-sales", clock: { mode: "frozen", start: "2026-01-15T09:00:00Z" } }), 201);

  // The dictionaries lead to the vehicle, which its plate leads to as well.
  const vehicle = await said(api.findVehicle({ client, query: { car_number: "А123АА123" } }));
  const { brand: { brand_id = "" }, model: { model_id = "" }, year, engine_power: power } = vehicle;
  const brands = await said(api.listBrands({ client, query: { category: "B" } }));
  assert.ok(brands.brands?.some((b) => b.brand_id === brand_id));
  const models = await said(api.listModels({ client, query: { brand_id, category: "B" } }));
  assert.ok(models.models?.some((m) => m.model_id === model_id));
  assert.ok((await said(api.listYears({ client, query: { model_id, category: "B" } }))).years.includes(year));
  assert.ok((await said(api.listPowers({ client, query: { model_id, year } }))).powers?.includes(power));
  assert.ok((await said(api.listModifications({ client, query: { model_id, year, power } }))).modifications?.length);
  const tree = await said(api.syncAllDictionaries({ client, query: { category: ["B"] } }));
  assert.ok(tree.brands?.find((b) => b.brand_id === brand_id)?.models?.find((m) => m.model_id === model_id)?.years?.some((y) => y.year === year));

  // The calculation is asked for, and polled once a second until it is ready.
  const request_id = "7d1f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6";
  const person: PersonInfo = { last_name: "Покупателева", first_name: "Ирина", birth_date: "1985-06-12", license: { series: "77AA", number: "123456", date: "2005-06-10" } };
  await said(api.startCalculation({
    client,
    body: {
      request_id, product_type: "osago", partner: "yandex", is_cross_allowed: true, purpose: "personal", policy_start_date: "2026-02-01T00:00:00Z",
      vehicle: { ...vehicle, car_documents: [{ document_type: "sts", series: "77AA", number: "123456", date: "2020-05-15" }] },
      owner: person, insurer: person, drivers_info: { is_unlimited_drivers: false, drivers: [person] },
    },
  }));
  while ((await said(api.getCalculationStatus({ client, query: { request_id } }))).status !== "CALCULATION_READY") await pass(1, 180);

  // Of the offers the customer takes the first outside the pool that sells something besides, and of that one option.
  const calculation = await said(api.getCalculation({ client, query: { request_id } }));
  const offer = calculation.offers?.find((o) => o.upsales?.length && !o.is_reinsurance_pool);
  const upsale = offer?.upsales?.[0], option = upsale?.options?.[1];
  assert.ok(offer?.price && upsale && option?.price);
  const offer_id = offer.offer_id, back = "http://127.0.0.1:9/paid?order=1";
  const confirmed = await said(api.confirmOffer({
    client,
    body: { request_id, offer_id, upsales: [{ upsale_id: upsale.id, option_id: String(option.id) }], return_urls: { success_url: back, failure_url: "http://127.0.0.1:9/failed" } },
  }));
  assert.equal(confirmed.price, offer.price + option.price);

  // The draft comes once it is made.
  let draft = await said(api.getOfferDraft({ client, query: { request_id, offer_id } }));
  for (; draft.status !== "success"; draft = await said(api.getOfferDraft({ client, query: { request_id, offer_id } }))) await pass(5, 300);
  assert.match(draft.file?.data ?? "", /^data:application\/pdf;base64,JVBERi0/);

  // The customer pays on the page, and is led back to the shop.
  const payable = await said(api.getOffer({ client, query: { request_id, offer_id } }));
  assert.equal(payable.status, "PAYMENT_READY");
  assert.ok(payable.payment_url);
  assert.match(await (await send("GET", payable.payment_url, undefined, 200)).text(), /data-testid="pay-submit"/);
  const paid = await send("POST", payable.payment_url.replace(/\?.*/, ""), new URLSearchParams({ request_id, offer_id, action: "pay" }).toString(), 303);
  assert.equal(paid.headers.get("location"), back);
  assert.equal((await said(api.getCalculationStatus({ client, query: { request_id } }))).status, "PAID");

  // The policy comes too, and the marketplace is told of the sale, twice.
  let policy = await said(api.getOfferPolicy({ client, query: { request_id, offer_id } }));
  for (; !policy.url; policy = await said(api.getOfferPolicy({ client, query: { request_id, offer_id } }))) await pass(5, 600);
  assert.match(policy.file?.data ?? "", /^data:application\/pdf;base64,JVBERi0/);
  assert.ok(calculation.partner.code !== undefined && offer.partner.code !== undefined && payable.price);
  const sale = { request_id, offer_id, amount: payable.price, partner_id: String(calculation.partner.code), counterparty_id: offer.partner.code, is_upsaled: true };
  for (let i = 0; i < 2; i++) assert.equal((await said(api.confirmSale({ client, query: sale }))).request_id, request_id);
  const refused = await api.confirmSale({ client, query: { ...sale, amount: 1 } });
  assert.equal(refused.response?.status, 400);
}

purchase().then(
  () => console.log(`a whole purchase in ${Math.round(performance.now() - began)} ms, ${seconds} s on the session's clock`),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
