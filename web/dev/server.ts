/** Stands in for the server while pages are made: `npm run dev`. A cookie `scenario` chooses what it shows; never shipped. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Schemas } from "../src/api/client";
import * as charted from "./charts";
import * as fixture from "./fixtures";

type Scenario = "usual" | "refusing" | "empty" | "many" | "reader" | "failing" | "out" | "first";
interface Asked { path: string; method: string; query: URLSearchParams; body: Record<string, string>; scenario: Scenario; parts: string[] }
type Route = [method: string, path: RegExp, answer: (asked: Asked) => unknown, status?: number];

const MANY = 1_000;
const rows = (asked: Asked): Schemas["ServiceRow"][] => (asked.scenario === "empty" ? [] : fixture.services(asked.scenario === "many" ? MANY : 7));
const items = (asked: Asked, list: unknown[]) => ({ items: asked.scenario === "empty" ? [] : list, position: "dev-0" });
const find = (asked: Asked) => rows(asked).find((row) => row.namespace === asked.parts[1] && row.name === asked.parts[2]);

class Refused extends Error {
  constructor(readonly status: number, readonly code: Schemas["Code"], detail: string, readonly causes: Schemas["Cause"][] = []) {
    super(detail);
  }
}

function overview(asked: Asked): Schemas["Overview"] {
  const all = rows(asked);
  const bare = all.filter((row) => !row.isBackedUp && row.isInitialized);
  const counts: Partial<Record<Schemas["Health"], number>> = {};
  for (const row of all) counts[row.health] = (counts[row.health] ?? 0) + 1;
  return { services: counts, worst: all.filter((row) => row.health !== "green"), notBackedUp: bare, notBackedUpCount: bare.length, position: "dev-0", openAlerts: asked.scenario === "empty" ? null : fixture.alerts.openCount, whyStale: "" };
}

const monitored = (asked: Asked, found: unknown) => {
  if (asked.scenario === "empty") throw new Refused(503, "no-monitoring", "no Alertmanager is known, so nobody judges alerts here; install the chart with monitoring.bring.enabled, or name yours with console.monitoring.alertmanager");
  return found;
};

function preview(asked: Asked): Schemas["Preview"] {
  const { name = "", space = "", engine = "", version = "" } = asked.body;
  const yaml = `apiVersion: moorage.dev/v1\nkind: DataService\nmetadata:\n  name: ${name}\n  namespace: ${space}\nspec:\n  engine: ${engine}\n  version: "${version}"\n`;
  if (asked.scenario === "refusing") {
    throw new Refused(422, "refused", "two fields", [
      { field: "spec.backup.schedule", message: "backup.schedule '30 2 * * MON' is no cron expression; allowed: five fields, minute hour day month weekday, such as 30 2 * * * (every day at 02:30)", wrong: null },
      { field: "spec.resources.memory", message: "memory '16Mi' is too small for mongodb; allowed: 512Mi or more", wrong: null },
    ]);
  }
  const fits = asked.body.memory !== "16Gi";
  return { service: {}, sameAs: { yaml, kubectl: `kubectl apply -f - <<'EOF'\n${yaml}EOF`, moorage: `moorage deploy ${engine} ${name} -n ${space} --wait` }, room: { fits, message: fits ? "" : "each of 3 members asks for 16 GiB on a host of its own; n1 has 23 GiB free, n2 and n3 take no new members" }, warnings: fits ? [] : [
    { code: "no-spare-host", params: { hosts: "3", members: "3" }, message: "3 hosts have room for 3 members: one whose host is lost has no other to go to, and waits for it; add a host, or ask for less" },
    { code: "no-store", params: { space }, message: `space ${space} has no default store, and none is named: nothing is backed up until one is` },
  ] };
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
  ["POST", /^\/services\/[^/]+\/[^/]+\/connection\/password$/, (asked) => ({ entries: fixture.connection(asked.parts[2]!, find(asked)?.engine ?? "mongodb", "correct-horse-8Zq").entries })],
  ["GET", /^\/services\/[^/]+\/[^/]+\/events$/, () => fixture.history],
  ["GET", /^\/services\/[^/]+\/[^/]+\/manifest$/, () => ({ yaml: fixture.manifest, version: "v1", status: "healthCluster: yellow\nmembersReady: 2/3\n" })],
  ["PUT", /^\/services\/[^/]+\/[^/]+\/manifest$/, (asked) => ({ yaml: asked.body.yaml, version: "v2", diff: "--- now\n+++ wanted\n-    size: 20Gi\n+    size: 40Gi\n" })],
  ["GET", /^\/services\/[^/]+\/[^/]+\/deletion$/, (asked) => ({ name: asked.parts[2], space: asked.parts[1], keepsData: true, volumes: ["a", "b", "c"], backups: 3, isProtected: find(asked)?.isProtected ?? false, lastBackup: new Date(Date.now() - 7 * 3_600_000).toISOString(), lastBackupName: "orders-20261127-0230", isLastBackupVerified: true, isBegun: false, finalBackup: null })],
  ["GET", /^\/services\/[^/]+\/[^/]+\/recovery$/, (asked) => fixture.recovery(asked.query.get("member") ?? "")],
  ["GET", /^\/(services\/[^/]+\/[^/]+\/charts|charts\/\w+)$/, () => charted.charts],
  ["GET", /^\/(services\/[^/]+\/[^/]+\/charts|charts\/\w+)\/data$/, (asked) => {
    if (asked.scenario === "reader") throw new Refused(503, "no-monitoring", "the console was not told of a Prometheus");
    if (asked.scenario === "failing") throw new Refused(503, "monitoring-away", "Prometheus cannot be asked");
    return charted.data(asked.query, asked.scenario === "empty");
  }],
  ["GET", /^\/services\/[^/]+\/[^/]+\/charts\/marks$/, () => charted.marks],
  ["GET", /^\/backups$/, (asked) => items(asked, asked.query.get("service") === "orders" ? fixture.backups : [])],
  ["GET", /^\/restores$/, (asked) => items(asked, asked.query.get("service") === "orders" ? fixture.restores : [])],
  ["GET", /^\/alerts$/, (asked) => monitored(asked, fixture.alerts)],
  ["GET", /^\/alert-rules$/, (asked) => (asked.scenario === "empty" ? { items: [], may: {} } : fixture.alertRules)],
  ["GET", /^\/alert-metrics$/, () => fixture.alertMetrics],
  ["GET", /^\/silences$/, (asked) => monitored(asked, fixture.silences)],
  ["GET", /^\/alerts\/history$/, (asked) => monitored(asked, fixture.pastAlerts)],
  ["GET", /^\/channels$/, (asked) => {
    const no = (verb: string) => `you may not ${verb} channels.moorage.dev; an administrator can change that`;
    if (asked.scenario === "refusing") throw new Refused(403, "forbidden", no("list"));
    const may = (verb: string) => ({ allowed: false, whyNot: no(verb) });
    if (asked.scenario === "reader") return { ...fixture.channels, may: { create: may("create"), update: may("update"), delete: may("delete") } };
    return asked.scenario === "empty" ? { ...fixture.channels, items: [], unusable: {} } : fixture.channels;
  }],
  ["GET", /^\/deliveries$/, (asked) => monitored(asked, fixture.deliveries)],
  ["POST", /^\/channels\/test$/, (asked) => {
    if (asked.body.url === "here") {
      throw new Refused(422, "invalid", "its url is of no use", [{ field: "body.url", message: "its url is of no use; allowed: such as https://hooks.slack.com/services/…", wrong: "channel-url" }, { field: "body.spaces", message: "its spaces are 'Shop!'; allowed: names of spaces, such as shop", wrong: "channel-spaces" }]);
    }
    return { outcome: "delivered", answer: "200 ok" };
  }],
  ["POST", /^\/channels\/[^/]+\/test$/, () => ({ outcome: "refused", answer: "200 {\"errcode\": 310000, \"errmsg\": \"sign not match\"}" })],
  ["PUT", /^\/channels\/[^/]+$/, () => {
    throw new Refused(409, "changed-meanwhile", "the channels were changed meanwhile by somebody else; look at dba as it is now, and change that");
  }],
  ["GET", /^\/deleted-services$/, (asked) => items(asked, fixture.deleted)],
  ["GET", /^\/stores$/, (asked) => items(asked, fixture.stores)],
  ["GET", /^\/hosts$/, (asked) => ({ items: fixture.hosts, position: asked.scenario })],
  ["GET", /^\/spaces$/, (asked) => ({ ...items(asked, fixture.spaces), mayCreate: { allowed: true, whyNot: "", lacks: null } })],
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
  ["GET", /^\/audit$/, (asked) => {
    const older = fixture.audit.filter((one) => !asked.query.get("before") || one.time < asked.query.get("before")!);
    const part = older.slice(0, Number(asked.query.get("atMost")));
    return { ...items(asked, part), next: part.length < older.length ? part.at(-1)!.time : null };
  }],
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
    response.end(JSON.stringify({ type: "about:blank", title: "", status: error.status, code: error.code, params: {}, detail: error.message, causes: error.causes }));
  }
}
