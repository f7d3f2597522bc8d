/** Stands in for the server while pages are made: `npm run dev`. A cookie `scenario` chooses what it shows; never shipped. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Schemas } from "../src/api/client";
import * as fixture from "./fixtures";

type Scenario = "usual" | "empty" | "many" | "reader" | "failing" | "out" | "first";
interface Asked { path: string; method: string; query: URLSearchParams; body: Record<string, string>; scenario: Scenario; parts: string[] }
type Route = [method: string, path: RegExp, answer: (asked: Asked) => unknown, status?: number];

const MANY = 1_000;
const rows = (asked: Asked): Schemas["ServiceRow"][] => (asked.scenario === "empty" ? [] : fixture.services(asked.scenario === "many" ? MANY : 7));
const items = (asked: Asked, list: unknown[]) => ({ items: asked.scenario === "empty" ? [] : list, position: "dev-0" });
const find = (asked: Asked) => rows(asked).find((row) => row.namespace === asked.parts[1] && row.name === asked.parts[2]);

class Refused extends Error {
  constructor(readonly status: number, readonly code: Schemas["Code"], detail: string) {
    super(detail);
  }
}

function overview(asked: Asked): Schemas["Overview"] {
  const all = rows(asked);
  const bare = all.filter((row) => !row.isBackedUp && row.isInitialized);
  const counts: Partial<Record<Schemas["Health"], number>> = {};
  for (const row of all) counts[row.health] = (counts[row.health] ?? 0) + 1;
  return { services: counts, worst: all.filter((row) => row.health !== "green"), notBackedUp: bare, notBackedUpCount: bare.length, position: "dev-0", whyStale: "" };
}

function preview(asked: Asked): Schemas["Preview"] {
  const { name = "", space = "", engine = "", version = "" } = asked.body;
  const yaml = `apiVersion: moorage.dev/v1\nkind: DataService\nmetadata:\n  name: ${name}\n  namespace: ${space}\nspec:\n  engine: ${engine}\n  version: "${version}"\n`;
  const fits = asked.body.memory !== "16Gi";
  return { service: {}, sameAs: { yaml, kubectl: `kubectl apply -f - <<'EOF'\n${yaml}EOF`, moorage: `moorage deploy ${engine} ${name} -n ${space} --wait` }, room: { fits, message: fits ? "" : "each of 3 members asks for 16 GiB on a host of its own; n1 has 23 GiB free, n2 and n3 take no new members" }, warnings: fits ? [] : ["spec.resources.memory: more than half of a host; a member that moves may find no host with room"] };
}

function service(asked: Asked): Schemas["ServiceDetail"] {
  const found = find(asked);
  if (!found) throw new Refused(404, "not-found", "there is no such service");
  return fixture.detail(found, asked.scenario === "reader");
}

const ROUTES: Route[] = [
  ["GET", /^\/sign-in$/, () => ({ local: true, oidc: "Keycloak", passwordLengthMin: 12 })],
  ["GET", /^\/session$/, (asked) => {
    if (asked.scenario === "out") throw new Refused(401, "sign-in-needed", "sign in first");
    return { ...fixture.session, mustChangePassword: asked.scenario === "first" };
  }],
  ["POST", /^\/session$/, (asked) => {
    if (asked.body.password !== "correct horse") throw new Refused(401, "sign-in-failed", "the name or the password is wrong");
    return fixture.session;
  }, 201],
  ["GET", /^\/overview$/, overview],
  ["GET", /^\/about$/, () => fixture.about],
  ["GET", /^\/catalog$/, () => fixture.catalog],
  ["GET", /^\/services$/, (asked) => {
    if (asked.scenario === "failing") throw new Refused(503, "unreachable", "the API server does not answer");
    return { ...items(asked, rows(asked)), whyStale: "" };
  }],
  ["POST", /^\/services$/, preview, 201],
  ["GET", /^\/services\/[^/]+\/[^/]+$/, service],
  ["GET", /^\/services\/[^/]+\/[^/]+\/progress$/, (asked) => fixture.progress(find(asked)?.isInitialized ?? false)],
  ["GET", /^\/services\/[^/]+\/[^/]+\/connection$/, (asked) => fixture.connection(asked.parts[2]!, find(asked)?.engine ?? "mongodb")],
  ["GET", /^\/services\/[^/]+\/[^/]+\/events$/, () => fixture.history],
  ["GET", /^\/services\/[^/]+\/[^/]+\/manifest$/, () => ({ yaml: fixture.manifest })],
  ["PUT", /^\/services\/[^/]+\/[^/]+\/manifest$/, (asked) => ({ yaml: asked.body.yaml, diff: "--- now\n+++ wanted\n-    size: 20Gi\n+    size: 40Gi\n" })],
  ["GET", /^\/services\/[^/]+\/[^/]+\/deletion$/, (asked) => ({ name: asked.parts[2], space: asked.parts[1], keepsData: true, volumes: ["a", "b", "c"], backups: 3, isProtected: find(asked)?.isProtected ?? false, lastBackup: new Date(Date.now() - 7 * 3_600_000).toISOString(), lastBackupName: "orders-20261127-0230", isLastBackupVerified: true, isBegun: false, finalBackup: null })],
  ["GET", /^\/services\/[^/]+\/[^/]+\/recovery$/, (asked) => fixture.recovery(asked.query.get("member") ?? "")],
  ["GET", /^\/backups$/, (asked) => items(asked, asked.query.get("service") === "orders" ? fixture.backups : [])],
  ["GET", /^\/restores$/, (asked) => items(asked, asked.query.get("service") === "orders" ? fixture.restores : [])],
  ["GET", /^\/deleted-services$/, (asked) => items(asked, fixture.deleted)],
  ["GET", /^\/stores$/, (asked) => items(asked, fixture.stores)],
  ["GET", /^\/hosts$/, (asked) => ({ items: fixture.hosts, position: asked.scenario })],
  ["GET", /^\/spaces$/, (asked) => items(asked, fixture.spaces)],
  ["GET", /^\/spaces\/[^/]+$/, (asked) => fixture.space(asked.parts[1]!)],
  ["GET", /^\/accounts$/, (asked) => {
    if (asked.scenario === "reader") throw new Refused(403, "forbidden", "only administrators see accounts");
    return fixture.accounts;
  }],
  ["GET", /^\/sessions$/, () => fixture.sessions],
  ["GET", /^\/account-sessions$/, (asked) => {
    if (asked.scenario === "reader") throw new Refused(403, "forbidden", "only administrators see sessions");
    return fixture.allSessions;
  }],
  ["GET", /^\/tokens$/, () => fixture.tokens],
  ["GET", /^\/audit$/, (asked) => items(asked, fixture.audit.filter((one) => !asked.query.get("before") || one.time < asked.query.get("before")!).slice(0, Number(asked.query.get("atMost"))))],
  ["POST", /^\/accounts$/, () => ({ account: fixture.accounts[1], password: "first-Password-9" }), 201],
  ["POST", /^\/tokens$/, () => ({ token: fixture.tokens[0], secret: "mrg_0123456789" }), 201],
  ["(POST|PUT|PATCH|DELETE)", /./, () => ({}), 202],
];

/** Streams that are open; a change is told to all of them. */
const streams = new Set<ServerResponse>();
const BEAT_MS = 5_000;

function stream(response: ServerResponse, lines?: string[]): void {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  const send = (event: string, data: unknown) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  if (lines) {
    for (const line of lines) send("line", line);
    return;
  }
  send("beat", { space: "", name: "", row: null, whyStale: "" });
  const timer = setInterval(() => send("beat", { space: "", name: "", row: null, whyStale: "" }), BEAT_MS);
  streams.add(response);
  response.on("close", () => {
    clearInterval(timer);
    streams.delete(response);
  });
}

export async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://console");
  const scenario = (/scenario=(\w+)/.exec(request.headers.cookie ?? "")?.[1] ?? "usual") as Scenario;
  const text = await new Promise<string>((done) => {
    let said = "";
    request.on("data", (chunk: Buffer) => { said += chunk.toString(); }).on("end", () => done(said));
  });
  const asked: Asked = { path: url.pathname, method: request.method ?? "GET", query: url.searchParams, body: text ? (JSON.parse(text) as Record<string, string>) : {}, scenario, parts: url.pathname.split("/").filter(Boolean) };
  if (asked.path === "/stream") return stream(response);
  if (asked.path.endsWith("/logs/follow")) return stream(response, fixture.logLines);
  if (asked.path === "/dev/change") {
    for (const open of streams) open.write(`event: service\ndata: ${text}\n\n`);
    return void response.writeHead(204).end();
  }
  try {
    const route = ROUTES.find(([method, path]) => new RegExp(`^${method}$`).test(asked.method) && path.test(asked.path));
    if (!route) throw new Refused(404, "not-found", "the API has no such path");
    const body = JSON.stringify(route[2](asked));
    response.writeHead(route[3] ?? 200, { "Content-Type": "application/json" }).end(body);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    response.writeHead(error.status, { "Content-Type": "application/problem+json" });
    response.end(JSON.stringify({ type: "about:blank", title: "", status: error.status, code: error.code, params: {}, detail: error.message, causes: [] }));
  }
}
