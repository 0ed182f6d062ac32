// The whole walk through a treatment by a client that was generated from the API's own document. No type is written by hand:
// a field that the document does not name, or names wrongly, fails the compiler.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Session = components["schemas"]["Session"];
type Thing = components["schemas"]["Thing"];
type KnownSessionStatus = components["schemas"]["KnownSessionStatus"];

const ADA = "+12125550101";
const SAM = "+12125550102";
const HOUR = 3_600_000;

const env = (name: string): string => {
  const value = process.env[name];
  assert(value, `${name} is not set`);
  return value;
};

const client = (token?: string) =>
  createClient<paths>({ baseUrl: env("SERVER"), headers: token ? { Authorization: `Bearer ${token}` } : {} });

const cora = client(env("CORA"));
const clive = client(env("CLIVE"));
const nobody = client();
let keys = 0;
const key = (): string => `client-ts-${++keys}`;
const ifMatch = (session: Session): string => `"${session.edition}"`;

/** What an answer holds, or the problem as the failure's message. */
async function held<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<NonNullable<T>> {
  const { data, error, response } = await asked;
  assert(data, `${response.status} ${response.url}: ${JSON.stringify(error)}`);
  return data;
}

function step(what: string): void {
  console.log(`  ok  ${what}`);
}

const now = async (): Promise<number> => Date.parse((await held(cora.GET("/v1/demo/clock"))).now.at);

async function goTo(at: number): Promise<void> {
  await held(cora.POST("/v1/demo/clock", { body: { to: new Date(at).toISOString() } }));
}

/** The last text to this number with something of this form in it, as the network took it in. */
async function fromTexts(number: string, form: RegExp): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const lines = readFileSync(env("LEDGER"), "utf8").split("\n").filter(Boolean);
    const texts = lines.map((line) => JSON.parse(line) as { to?: string; body?: string });
    const found = texts.filter((text) => text.to === number).map((text) => text.body?.match(form)?.[0]);
    const last = found.filter((each) => each !== undefined).pop();
    if (last) return last;
    await new Promise((wait) => setTimeout(wait, 100));
  }
  throw new Error(`no text to ${number} with ${form}`);
}

const nextMonday = (from: number): number => {
  const days = ((8 - new Date(from).getUTCDay()) % 7) + 7;
  return Date.parse(new Date(from + days * 24 * HOUR).toISOString().slice(0, 10) + "T15:00:00Z");
};

async function enrol(monday: number): Promise<string> {
  const tuesday = new Date(monday + 8 * 24 * HOUR).toISOString().slice(0, 10);
  const header = { "Idempotency-Key": key() };
  const body = {
    patient: { name: "Ada Rivers", number: ADA, consented: true, language: "en" as const },
    protocol: "iv_6",
    starts_on: tuesday,
    preferences: { weekdays: [1, 4], around: "10:00" },
    supports: [{ name: "Sam Rivers", number: SAM, language: "en" as const }],
  };
  const course = await held(cora.POST("/v1/courses", { params: { header }, body }));
  const again = await held(cora.POST("/v1/courses", { params: { header }, body }));
  assert.deepEqual(again, course, "a repeated request gets the first answer");
  assert.deepEqual(course.preferences.weekdays, [1, 4]);
  assert.equal(course.sessions.filter((session) => session.kind === "dosing").length, 6);
  step("Ada is enrolled; the request that was sent twice enrolled her once");
  return course.id;
}

async function signIn(): Promise<string> {
  const clinic = await held(cora.GET("/v1/clinic"));
  const { challenge } = await held(nobody.POST("/v1/auth/codes", { body: { clinic: clinic.id, number: ADA } }));
  const code = await fromTexts(ADA, /\b\d{8}\b/);
  const wrong = await nobody.POST("/v1/auth/tokens", { body: { challenge, code: "00000000" } });
  assert.equal(wrong.error?.type, "urn:steadfast:problem:sign-in-failed");
  const tokens = await held(nobody.POST("/v1/auth/tokens", { body: { challenge, code } }));
  step("Ada signs in with the code from her phone");
  return tokens.access_token;
}

type App = ReturnType<typeof client>;

async function slotNear(app: App, session: Session, at: number): Promise<string> {
  const query = { from: new Date(at - HOUR).toISOString(), until: new Date(at + 6 * HOUR).toISOString() };
  const path = { session_id: session.id };
  const { items } = await held(app.GET("/v1/me/sessions/{session_id}/slots", { params: { path, query } }));
  const first = items[0];
  assert(first, `no free time for ${session.kind} ${session.number}`);
  return first.id;
}

async function book(app: App, session: Session, at: number): Promise<Session> {
  const slot = await slotNear(app, session, at);
  const path = { session_id: session.id };
  const header = { "Idempotency-Key": key(), "If-Match": ifMatch(session) };
  return held(app.PUT("/v1/me/sessions/{session_id}/booking", { params: { path, header }, body: { slot } }));
}

const meant = (session: Session): number => Date.parse(`${session.target_on}T15:00:00Z`);

async function bookAll(app: App): Promise<Session[]> {
  const { to_book, course, next_session } = await held(app.GET("/v1/me/now"));
  assert.equal(next_session, null);
  assert.equal(course?.status, "active");
  const booked: Session[] = [];
  for (const session of to_book.filter((each) => each.kind === "dosing")) {
    booked.push(await book(app, session, meant(session)));
  }
  assert.equal(booked.length, 6);
  const first = booked[0];
  assert(first);
  const path = { session_id: first.id };
  const header = { "Idempotency-Key": key(), "If-Match": '"99"' };
  const stale = await app.PUT("/v1/me/sessions/{session_id}/booking", {
    params: { path, header },
    body: { slot: "AAAA" },
  });
  assert.equal(stale.error?.type, "urn:steadfast:problem:stale");
  const coming = (await held(app.GET("/v1/me/now"))).next_session;
  assert.equal(coming?.id, first.id);
  assert(coming.place.name && coming.place.people.length > 0 && coming.arrive_at);
  step(`she books six visits; the first is ${coming.starts_at?.say}, at ${coming.place.name}`);
  return booked;
}

/** A store of the app's own: what it keeps, and from where it goes on. */
class Store {
  sessions = new Map<string, Session>();
  private constructor(private app: App, private last: number, private mark: string) {}

  static async begin(app: App): Promise<Store> {
    const whole = await held(app.GET("/v1/me/snapshot"));
    const store = new Store(app, whole.last, whole.mark);
    for (const session of whole.sessions) store.sessions.set(session.id, session);
    return store;
  }

  async catchUp(): Promise<Thing[]> {
    const query = { since: this.last, mark: this.mark };
    const page = await held(this.app.GET("/v1/me/changes", { params: { query } }));
    assert.equal(page.reset, false);
    const things = page.items.flatMap((change) => change.things);
    for (const thing of things.filter((each) => each.kind === "session")) {
      if (thing.gone) this.sessions.delete(thing.id);
      else {
        const path = { session_id: thing.id };
        this.sessions.set(thing.id, await held(this.app.GET("/v1/me/sessions/{session_id}", { params: { path } })));
      }
    }
    this.last = page.last;
    this.mark = page.mark;
    return things;
  }
}

async function move(store: Store, session: Session): Promise<Session> {
  const path = { session_id: session.id };
  const at = Date.parse(session.starts_at?.at ?? "") + 48 * HOUR;
  const query = { from: new Date(at).toISOString(), until: new Date(at + 60_000).toISOString() };
  const slots = await held(cora.GET("/v1/sessions/{session_id}/slots", { params: { path, query } }));
  const slot = slots.items[0];
  assert(slot?.id);
  const wish = { verb: "move" as const, scope: "this" as const, slot: slot.id };
  const preview = await held(cora.POST("/v1/sessions/{session_id}/changes/preview", { params: { path }, body: wish }));
  assert.deepEqual(preview.refusals, []);
  assert(preview.moves.length >= 1);
  const agreed = { ...wish, plan: "another-plan", reason: "Ada travels until Wednesday." };
  const stale = await cora.POST("/v1/sessions/{session_id}/changes", {
    params: { path, header: { "Idempotency-Key": key() } },
    body: agreed,
  });
  assert.equal(stale.error?.type, "urn:steadfast:problem:plan-stale");
  await held(
    cora.POST("/v1/sessions/{session_id}/changes", {
      params: { path, header: { "Idempotency-Key": key() } },
      body: { ...agreed, plan: preview.token },
    }),
  );
  const things = await store.catchUp();
  assert(things.some((thing) => thing.kind === "session" && thing.id === session.id && !thing.gone));
  const moved = store.sessions.get(session.id);
  assert.equal(moved?.starts_at?.at, slot.starts_at.at);
  assert.equal(moved.version, session.version + 1);
  step(`Cora moves it as previewed; Ada's app catches up: ${moved.starts_at?.say}`);
  return moved;
}

async function answer(app: App, steps: readonly string[]): Promise<void> {
  const { missing } = await held(app.GET("/v1/me/now"));
  for (const wanted of missing.filter((each) => steps.includes(each.step) && each.answers.includes("yes"))) {
    const session_id = wanted.session_id;
    assert(session_id);
    const path = { session_id, step: wanted.step as "attendance" };
    const said = await held(
      app.PUT("/v1/me/sessions/{session_id}/answers/{step}", {
        params: { path, header: { "Idempotency-Key": key() } },
        body: { value: "yes", version: wanted.version },
      }),
    );
    assert.equal(said.how, "app");
  }
  const left = (await held(app.GET("/v1/me/now"))).missing.map((each) => each.step);
  assert(!left.some((each) => steps.includes(each)), `still missing: ${left}`);
}

async function theDay(app: App, session: Session): Promise<Session> {
  const starts = Date.parse(session.starts_at?.at ?? "");
  await goTo(starts - 10 * 60_000);
  const path = { session_id: session.id };
  const fact = () => ({ params: { path, header: { "Idempotency-Key": key() } }, body: {} });
  const today = (await held(app.GET("/v1/me/now"))).today;
  assert(today.some((line) => line.about === "visit" && line.say.startsWith("Your visit is")));
  await held(cora.POST("/v1/sessions/{session_id}/arrive", fact()));
  const refused = await clive.POST("/v1/sessions/{session_id}/dose", fact());
  assert(refused.error?.refusals?.some((refusal) => refusal.code === "gate_open"));
  await answer(app, ["ride_today", "transport"]);
  await goTo(starts);
  await held(clive.POST("/v1/sessions/{session_id}/dose", fact()));
  await goTo(starts + 3 * HOUR);
  const left = await held(clive.POST("/v1/sessions/{session_id}/discharge", fact()));
  const status: KnownSessionStatus = "discharged";
  assert.equal(left.status, status);
  const driving = (await held(app.GET("/v1/me/now"))).windows.find((window) => window.kind === "driving");
  assert(driving);
  assert(driving.say.startsWith("No driving until"));
  step(`arrived, refused while a gate was open, dosed, discharged. ${driving.say}`);
  return left;
}

async function integration(app: App, dose: Session): Promise<void> {
  const { to_book } = await held(app.GET("/v1/me/now"));
  const bound = to_book.find((each) => each.of_session_id === dose.id);
  assert(bound, "an integration session belongs to the dose");
  const left = Date.parse(dose.discharged_at?.at ?? "");
  const booked = await book(app, bound, left + 26 * HOUR);
  assert.equal(booked.status, "booked");
  step(`the follow-up visit is booked for ${booked.starts_at?.say}`);
}

async function leaving(app: App): Promise<void> {
  const link = await held(app.POST("/v1/me/calendar-link", { params: { header: { "Idempotency-Key": key() } } }));
  const feed = await (await fetch(link.url)).text();
  assert(feed.includes("SUMMARY:Visit at"));
  const header = { "Idempotency-Key": key() };
  const url = "https://app.example.com/changed";
  const endpoint = await held(cora.POST("/v1/endpoints", { params: { header }, body: { url } }));
  assert(endpoint.secret.startsWith("whsec_"));
  const path = { endpoint_id: endpoint.id };
  assert.equal((await cora.DELETE("/v1/endpoints/{endpoint_id}", { params: { path } })).response.status, 204);
  const board = await held(cora.GET("/v1/board", { params: { query: {} } }));
  assert(Array.isArray(board.items));
  step("her calendar shows the visits; the clinic's app backend is added and taken off");
}

const monday = nextMonday(await now());
await goTo(monday);
await enrol(monday);
const app = client(await signIn());
const booked = await bookAll(app);
const store = await Store.begin(app);
const first = booked[0];
assert(first);
const moved = await move(store, first);
await goTo(Date.parse(moved.starts_at?.at ?? "") - 47 * HOUR);
await answer(app, ["attendance", "transport"]);
step("she answers in the app what is asked before the visit");
const dosed = await theDay(app, moved);
await integration(app, dosed);
const things = await store.catchUp();
assert(things.length > 0);
const fresh = await Store.begin(app);
assert.deepEqual(new Map([...store.sessions].sort()), new Map([...fresh.sessions].sort()));
step("what her app has by following the changes is what it reads anew");
await leaving(app);
