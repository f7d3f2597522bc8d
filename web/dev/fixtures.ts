/** What the pages are shown while there is no cluster. Typed by the API's own document, so it can't drift from it. */

import type { Schemas } from "../src/api/client";

const NOW = Date.now();
export const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1000).toISOString();
const HOUR = 3_600;
const DAY = 86_400;
const LONG_NAME = "customer-orders-and-invoices-archive-eu1";

export const session: Schemas["SessionView"] = {
  id: "s1", name: "li", displayName: "Li Wei", user: "moorage:li", groups: ["moorage:admins"], way: "password", mustChangePassword: false, csrf: "csrf", expires: at(-8 * HOUR),
};

const sizes: Schemas["Size"][] = [
  { letter: "S", cpu: "500m", memory: "1Gi", storage: "10Gi" }, { letter: "M", cpu: "2", memory: "4Gi", storage: "50Gi" }, { letter: "L", cpu: "4", memory: "16Gi", storage: "200Gi" },
];

function card(name: string, title: string, summary: string, versions: string[], port: number, more: Partial<Schemas["Card"]> = {}): Schemas["Card"] {
  return {
    name, title, summary, categories: [], versions: versions.map((version) => ({ version, image: `docker.io/library/${name}:${version}` })), defaultVersion: versions.at(-1)!, membersDefault: 3, membersAllowed: [1, 3, 5, 7],
    supportsArbiter: false, storageMin: "1Gi", memoryMin: "512Mi", port, parameters: [], sizes, ...more,
  };
}

export const catalog: Schemas["Card"][] = [
  card("mongodb", "MongoDB", "Document database as a replica set: one primary, automatic fail-over, majority writes.", ["6.0", "7.0", "8.0"], 27017, {
    supportsArbiter: true, categories: ["document"],
    parameters: [
      { name: "operationProfiling.slowOpThresholdMs", description: "Operations slower than this are logged.", allowed: "0 to 60000", pattern: "^[0-9]{1,5}$", isLive: true },
      { name: "net.maxIncomingConnections", description: "Connections at the same time.", allowed: "10 to 65536", pattern: "^[0-9]+$", isLive: false },
    ],
  }),
  card("mysql", "MySQL", "Relational database with Group Replication: one primary, automatic fail-over, no acknowledged commit lost.", ["8.4", "9.7"], 3306, { categories: ["relational"], membersAllowed: [3, 5] }),
];

function row(namespace: string, name: string, health: Schemas["Health"], more: Partial<Schemas["ServiceRow"]> = {}): Schemas["ServiceRow"] {
  return {
    name, namespace, engine: "mongodb", version: "7.0", health, message: "", membersReady: "3/3", primary: "datanode0", address: "10.96.12.7:27017", lastBackup: at(7 * HOUR), lastVerifiedBackup: at(2 * DAY), isBackedUp: true, isInitialized: true,
    isDeleting: false, isProtected: false, doing: "", maintenanceUntil: null, created: at(21 * DAY), ...more,
  };
}

export function services(count: number): Schemas["ServiceRow"][] {
  const known = [
    row("shop", "payments", "red", { engine: "mysql", version: "9.7", message: "no primary: datanode0 and datanode2 are not heard from; the group has lost its majority and waits for one of them", membersReady: "1/3", primary: null, lastBackup: at(31 * HOUR) }),
    row("shop", "orders", "yellow", { version: "7.0", message: "datanode2 is 42 s behind the primary and catching up", membersReady: "2/3", doing: "Rebuilding datanode2" }),
    row("analytics", LONG_NAME, "yellow", { message: "datanode1's volume is 91 % full; it is full in about 5 hours", isBackedUp: false, lastBackup: null, lastVerifiedBackup: null }),
    row("shop", "sessions", "green", { isProtected: true }),
    row("team-with-a-really-long-namespace-name-for-testing-truncation", "ledger", "green"),
    row("analytics", "events", "unknown", { isInitialized: false, membersReady: "0/3", primary: null, address: null, lastBackup: null, message: "waiting for a host with room: 2 members are placed", created: at(40) }),
    row("shop", "catalog", "green", { maintenanceUntil: at(-HOUR) }),
  ];
  const more = Array.from({ length: Math.max(0, count - known.length) }, (_, index) => row(`team-${index % 20}`, `service-${String(index).padStart(4, "0")}`, "green", { engine: index % 3 ? "mongodb" : "mysql", address: `10.96.${index % 250}.${index % 199}:27017` }));
  return [...known, ...more];
}

const repairs: Schemas["Repair"][] = [
  { kind: "rebuild", member: "datanode2", why: "datanode2's data files are damaged (WT_ERROR: non-specific); datanode0 and datanode1 hold everything", startTime: at(95), endTime: null, outcome: "Running" },
  { kind: "failover", member: "datanode0", why: "datanode1's engine ended by signal 9; datanode0 took over after 0.9 s", startTime: at(2 * DAY), endTime: at(2 * DAY - 1), outcome: "Succeeded" },
  { kind: "restart", member: "datanode1", why: "its host n2 came back", startTime: at(5 * DAY), endTime: at(5 * DAY - 133), outcome: "Succeeded" },
];

export function detail(found: Schemas["ServiceRow"], isReader: boolean): Schemas["ServiceDetail"] {
  const member = (index: number): Schemas["MemberView"] => {
    const isLate = found.name === "orders" && index === 2;
    return { name: `datanode${index}`, role: index === 0 ? "primary" : "secondary", health: isLate ? "yellow" : found.health === "red" && index !== 1 ? "unknown" : "green", pod: `${found.name}-g1-${index}`, node: `n${index + 1}`, started: at(5 * DAY), restarts: index, message: isLate ? "42 s behind the primary and catching up" : "" };
  };
  const word = isReader ? { allowed: false, whyNot: `you may not patch dataservices.moorage.dev in ${found.namespace}; whoever manages the space's members can change that`, lacks: { deed: "change" as const, right: "patch dataservices.moorage.dev", space: found.namespace } } : { allowed: true, whyNot: "", lacks: null };
  const deeds = ["deploy", "change", "delete", "backUp", "deleteBackup", "restore", "readPassword", "readLogs", "manageStores", "manageMembers"] as const;
  return {
    may: { ...Object.fromEntries(deeds.map((deed) => [deed, word])), readEvents: { allowed: true, whyNot: "", lacks: null } },
    service: {
      name: found.name, namespace: found.namespace, engine: found.engine, version: found.version, health: found.health, message: found.message, isCurrent: true, isDeleting: false, membersAsked: null, hasArbiter: false, membersReady: found.membersReady, primary: found.primary,
      members: found.isInitialized ? [0, 1, 2].map(member) : [], address: found.address, expose: "LoadBalancer", replicas: `${found.name}-replicas`, secret: `${found.name}-app`,
      storage: { size: "20Gi", className: "ceph-rbd", type: "ceph", largest: null, autoGrow: "" },
      volumes: { datanode0: { sizeMib: 20_480, usedPercent: 41, level: "Fine", fullInHours: null }, datanode1: { sizeMib: 20_480, usedPercent: 91, level: "Low", fullInHours: 5 }, datanode2: { sizeMib: 20_480, usedPercent: 40, level: "Fine", fullInHours: null } },
      areWritesStopped: false, cpu: "1", memory: "2Gi", parameters: { "operationProfiling.slowOpThresholdMs": "200" },
      doing: found.doing ? { action: "wait", reason: "wait until datanode2 has copied all data: 61 % of 14.2 GiB", since: at(95), facts: [], rejected: [{ action: "restart datanode2", why: "a restart would begin the copy again" }] } : null,
      repairs: found.name === "orders" ? repairs : [], maintenance: found.maintenanceUntil ? { until: found.maintenanceUntil, reason: "rack 4 gets new switches" } : null,
      requests: { promote: null, restart: null, rebuild: null, recover: null },
      backupPolicy: { enabled: true, store: "kodo", schedule: "30 2 * * *", spreadMinutes: 10, startWithinMinutes: 240, keepDays: 7, keepLast: 1, pointInTime: true, rehearsal: "FirstOfWeek" },
      backup: { phase: "Succeeded", msg: "", name: "orders-20261127-0230", startTime: at(7 * HOUR), endTime: at(7 * HOUR - 73), reservedDays: 7, taskId: "b4c1d9", store: "kodo", lastSuccess: found.lastBackup, lastVerified: found.lastVerifiedBackup, nextRun: at(-17 * HOUR) },
      restore: { phase: "None", msg: "", name: null, startTime: null, endTime: null, undoUntil: null },
      window: { start: at(6 * DAY), end: at(60), gaps: [{ start: at(3.2 * DAY), end: at(3 * DAY) }] },
      onDelete: "Retain", protected: found.isProtected, timeZone: null, created: found.created, conditions: [{ type: "Ready", status: found.isInitialized ? "True" : "False", reason: "Serving", message: "", lastTransitionTime: at(20 * DAY), observedGeneration: 3 }],
    },
  };
}

const CA = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ2FuIHlvdSByZWFkIHRoaXM/\nAAAA\n-----END CERTIFICATE-----\n";
const sql = (password: string) => ({ "python-uri": `mysql+pymysql://app:${password}@10.96.12.8:3306/app?charset=utf8mb4&connect_timeout=3`, "jdbc-uri": `jdbc:mysql://10.96.12.8:3306/app?user=app&password=${password}&sslMode=REQUIRED`, "go-uri": `app:${password}@tcp(10.96.12.8:3306)/app?tls=skip-verify&parseTime=true`, "node-uri": `mysql://app:${password}@10.96.12.8:3306/app?connectTimeout=3000` });
export const connection = (name: string, engine: string, password = "••••••••"): Schemas["Connection"] => (engine === "mysql" ? {
  host: "10.96.12.8", port: 3306, isReachableFromOutside: true, secret: `${name}-app`,
  entries: { type: "mysql", provider: "moorage", host: "10.96.12.8", port: "3306", username: "app", password: password, database: "app", uri: `mysql://app:${password}@10.96.12.8:3306/app`, ...sql(password), "ca.crt": CA },
} : {
  host: "10.96.12.7", port: 27017, isReachableFromOutside: true, secret: `${name}-app`,
  entries: { type: "mongodb", provider: "moorage", host: "10.96.12.7", port: "27017", username: "app", password: password, database: "app", uri: `mongodb://app:${password}@${[0, 1, 2].map((i) => `${name}-g1-${i}.${name}-members.shop.svc.cluster.local:27017`).join()}/app?replicaSet=${name}&authSource=admin&w=majority&retryWrites=true`, "direct-uri": `mongodb://app:${password}@10.96.12.7:27017/app?directConnection=true&authSource=admin&w=majority&retryWrites=true`, "ca.crt": CA },
});

export const history: Schemas["History"] = {
  repairs, next: null,
  past: [
    ...repairs.map((one): Schemas["Past"] => ({ time: one.startTime, ended: one.endTime, kind: "repair", what: one.kind, member: one.member, outcome: one.outcome, message: one.why })),
    { time: at(7 * HOUR), ended: at(7 * HOUR - 73), kind: "backup", what: "orders-20261127-0230", member: "datanode1", outcome: "Succeeded", message: "" },
    { time: at(21 * DAY), ended: at(21 * DAY - 50), kind: "deployment", what: "orders", member: "", outcome: "Succeeded", message: "" },
  ],
  events: [
    { time: at(30), type: "Normal", reason: "RebuildProgress", object: "DataService/orders", message: "datanode2 has copied 61 % of 14.2 GiB", count: 1 },
    { time: at(95), type: "Warning", reason: "RebuildStarted", object: "DataService/orders", message: "datanode2's data files are damaged; its old data are kept and it copies everything from datanode1", count: 1 },
    { time: at(300), type: "Warning", reason: "BackOff", object: "Pod/orders-g1-2", message: "Back-off restarting failed container member in pod orders-g1-2_shop(2f5e…)", count: 7 },
    { time: at(2_000), type: "Normal", reason: "BackupSucceeded", object: "DataBackup/orders-20261127-0230", message: "1.9 GiB in 1 min 13 s, verified by a restore", count: 1 },
  ],
};

function backup(name: string, days: number, more: Partial<Schemas["BackupRow"]> = {}): Schemas["BackupRow"] {
  return {
    name, namespace: "shop", service: "orders", engine: "mongodb", version: "7.0", phase: "Succeeded", message: "", isGood: true, by: "schedule", store: "kodo", storedName: `shop/orders/${name}.archive.zst.age`, encrypted: true, isForeign: false, source: "datanode1",
    startTime: at(days * DAY), endTime: at(days * DAY - 73), tookSeconds: 73, consistentTime: at(days * DAY - 70), sizeBytes: 2_040_109_465, rawBytes: 15_000_000_000, bytesPerSecond: 205_000_000, sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    verified: true, verifyMessage: "restored and read: 14 collections", verifiedTime: at(days * DAY - 300), restoreSeconds: 88, keepDays: 7, expires: at((days - 7) * DAY), taskId: `b${name.slice(-6)}`, created: at(days * DAY), doing: "", howFar: "", donePercent: null, rehearsed: "", ...more,
  };
}

export const backups: Schemas["BackupRow"][] = [
  backup("orders-by-hand-1", 0, { phase: "Running", isGood: false, by: "hand", endTime: null, tookSeconds: null, sizeBytes: null, verified: null, howFar: "61 % of 14.2 GiB, about 40 s left", donePercent: 61, startTime: at(45) }),
  backup("orders-20261127-0230", 0.3), backup("orders-20261126-0230", 1.3, { verified: null }),
  backup("orders-20261125-0230", 2.3, { phase: "Failed", isGood: false, sizeBytes: null, verified: null, message: "the store answered 403 AccessDenied: the key of 'kodo' may not write" }), backup("orders-20261124-0230", 3.3),
];

export const restores: Schemas["RestoreRow"][] = [{
  name: "orders-r1", namespace: "shop", service: "orders", way: "in place", source: "orders-20261124-0230", phase: "Succeeded", message: "the address leads to the restored data", backupName: "orders-20261124-0230", safetyBackup: "orders-safety-1", startTime: at(2 * DAY), endTime: at(2 * DAY - 141), tookSeconds: 141,
  restoredTo: at(3.3 * DAY), rawBytes: 15_000_000_000, bytesDone: 15_000_000_000, bytesPerSecond: 170_000_000, restoreSeconds: 88, undoUntil: at(-5 * DAY), taskId: "r1", created: at(2 * DAY), doing: "", howFar: "", donePercent: null, leftSeconds: null,
}];

export const progress = (isReady: boolean): Schemas["Progress"] => ({
  phase: isReady ? "Succeeded" : "Running", message: "", started: at(38), ended: isReady ? at(2) : null, tookSeconds: isReady ? 36 : null,
  steps: [
    { name: "accepted", state: "done", message: "", ended: at(38), done: null, wanted: null }, { name: "placed", state: "done", message: "", ended: at(35), done: 3, wanted: 3 },
    { name: "pulled", state: isReady ? "done" : "running", message: "events-g1-2 pulls docker.io/library/mongo:7.0", ended: isReady ? at(20) : null, done: 2, wanted: 3 },
    { name: "formed", state: isReady ? "done" : "waiting", message: "", ended: isReady ? at(10) : null, done: null, wanted: null }, { name: "addressed", state: isReady ? "done" : "waiting", message: "", ended: isReady ? at(9) : null, done: null, wanted: null },
    { name: "green", state: isReady ? "done" : "waiting", message: "", ended: isReady ? at(2) : null, done: null, wanted: null },
  ],
});

const GIB = 2 ** 30;
function host(name: string, more: Partial<Schemas["HostRow"]> = {}): Schemas["HostRow"] {
  return {
    name, address: `10.0.0.${name.length + 1}`, isReady: true, message: "", isSchedulable: true, cpuMillis: 16_000, memoryBytes: 64 * GIB, cpuAskedMillis: 9_400, memoryAskedBytes: 41 * GIB, pods: 31, podsMax: 110, kubelet: "v1.34.4", created: at(90 * DAY),
    members: [{ namespace: "shop", service: "orders", pod: "orders-g1-0", role: "primary", health: "green" }, { namespace: "analytics", service: LONG_NAME, pod: `${LONG_NAME}-g1-0`, role: "secondary", health: "yellow" }], cpuFree: 6_600, memoryFree: 23 * GIB, takesNewPods: true, hiddenMembers: 2,
    drain: [{ space: "shop", service: "orders", becomes: "yellow" }], ...more,
  };
}
export const hosts: Schemas["HostRow"][] = [
  host("n1"), host("n2", { isReady: false, takesNewPods: false, message: "the kubelet has not answered for 2 min", members: [], hiddenMembers: 0, drain: [], cpuAskedMillis: 15_600, cpuFree: 400 }), host("n3", { isSchedulable: false, takesNewPods: false, drain: [] }),
];

export const spaces: Schemas["SpaceRow"][] = [
  { name: "shop", created: at(60 * DAY), isDeleting: false, services: { red: 1, yellow: 1, green: 2 } }, { name: "analytics", created: at(30 * DAY), isDeleting: false, services: { yellow: 1, unknown: 1 } },
  { name: "team-with-a-really-long-namespace-name-for-testing-truncation", created: at(9 * DAY), isDeleting: false, services: { green: 1 } }, { name: "old", created: at(200 * DAY), isDeleting: true, services: {} },
];
export const space = (name: string): Schemas["SpaceDetail"] => ({
  space: spaces.find((one) => one.name === name) ?? spaces[0]!, quotas: [{ resource: "requests.cpu", hard: "20", used: "9400m" }, { resource: "requests.memory", hard: "64Gi", used: "41Gi" }],
  members: [{ kind: "User", name: "moorage:li", role: "admin", binding: "moorage-li", isOurs: true }, { kind: "Group", name: "oncall", role: "edit", binding: "oncall", isOurs: false }],
  may: { manageMembers: { allowed: true, whyNot: "", lacks: null } },
});

export const accounts: Schemas["AccountView"][] = [
  { name: "li", displayName: "Li Wei", user: "moorage:li", groups: ["admins"], mustChangePassword: false, isDisabled: false, created: at(60 * DAY), passwordChanged: at(3 * DAY), sessions: 2 },
  { name: "zhang", displayName: "张伟", user: "moorage:zhang", groups: [], mustChangePassword: true, isDisabled: false, created: at(DAY), passwordChanged: at(DAY), sessions: 0 },
  { name: "former", displayName: "", user: "moorage:former", groups: ["oncall"], mustChangePassword: false, isDisabled: true, created: at(400 * DAY), passwordChanged: at(300 * DAY), sessions: 0 },
];
export const sessions: Schemas["SessionRow"][] = [
  { id: "s1", owner: "li", way: "password", isThis: true, address: "10.8.0.7", agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/147.0", created: at(HOUR), expires: at(-8 * HOUR) },
  { id: "s2", owner: "li", way: "password", isThis: false, address: "10.8.0.9", agent: "Mozilla/5.0 (Macintosh) Safari/620", created: at(DAY), expires: at(-HOUR) },
];
export const allSessions: Schemas["SessionRow"][] = [
  ...sessions.map((one) => ({ ...one, owner: "moorage:li" })),
  { id: "s3", owner: "oidc:wang.xiaoming@example.com", way: "oidc", isThis: false, address: "10.8.3.41", agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/143.0 Safari/537.36", created: at(2 * HOUR), expires: at(-6 * HOUR) },
  { id: "t1", owner: "moorage:li", way: "token", isThis: false, address: "10.8.0.7", agent: "", created: at(9 * DAY), expires: at(-81 * DAY) },
];
export const tokens: Schemas["TokenView"][] = [{ id: "t1", label: "nightly report", owner: "li", created: at(9 * DAY), expires: at(-81 * DAY) }];
const happened: Partial<Schemas["Entry"]>[] = [
  { who: "moorage:li", action: "restartMembers", object: "service/orders", address: "10.8.0.7", status: 202 },
  { who: "moorage:zhang", action: "deleteService", object: "service/sessions", address: "10.8.0.12", status: 403, code: "protected" },
  { who: "oidc:wang.xiaoming@example.com", way: "oidc", action: "startRestore", object: "service/customer-orders-and-invoices-archive-eu1", address: "10.8.3.41", status: 201 },
  { who: "", way: "", action: "signIn", space: "", object: "account/root", address: "203.0.113.9", status: 401, code: "sign-in-failed" },
  { who: "moorage:li", action: "backUp", object: "service/orders", made: "backup/mongodb-shop-orders-20261128143012", address: "10.8.0.7", status: 202 },
  { who: "moorage:li", action: "addMember", object: "", made: "user/oidc:wang.xiaoming@example.com", params: { role: "edit" }, address: "10.8.0.7", status: 201 },
  { who: "moorage:li", action: "changeAccount", space: "", object: "account/zhang", address: "10.8.0.7", status: 200 },
];
export const audit: Schemas["Entry"][] = Array.from({ length: 230 }, (_, index) => ({ time: at(60 + index * 1_900), way: "password", space: "shop", code: "", made: "", params: {}, ...happened[index % happened.length] }) as Schemas["Entry"]);
export const stores: Schemas["StoreView"][] = [
  { name: "kodo", namespace: "shop", kind: "S3", where: "https://s3.example.com/moorage-backups", isDefault: true, isEncrypted: true, phase: "Ready", message: "", checked: at(50), isTesting: false, isCurrent: true, services: [
    { engine: "mongodb", namespace: "shop", name: "orders", backups: 8, newest: "orders-20261127-0230", newestTime: at(7 * HOUR), verified: "orders-20261127-0230", verifiedTime: at(6 * HOUR) },
    { engine: "mysql", namespace: "bank", name: "ledger", backups: 31, newest: "ledger-20261120-0100", newestTime: at(8 * DAY), verified: null, verifiedTime: null },
  ] },
  { name: "nfs", namespace: "analytics", kind: "FileSystem", where: "claim backups", isDefault: false, isEncrypted: false, phase: "NotReady", message: "the claim 'backups' does not exist in analytics; create it or name another", checked: at(80), isTesting: false, isCurrent: true, services: [] },
];
export const deleted: Schemas["DeletedRow"][] = [{ mayUndelete: { allowed: true, whyNot: "", lacks: null }, mayGiveUp: { allowed: true, whyNot: "", lacks: null }, name: "old-orders", namespace: "shop", engine: "mongodb", volumes: [{ name: "data-old-orders-g1-0", size: "20Gi", phase: "Bound" }], spec: null, deleted: at(2 * DAY), lastBackup: at(2.1 * DAY), lastBackupName: "old-orders-20261125-0230", isLastBackupVerified: true }];
export const recovery = (member: string): Schemas["RecoveryView"] => ({
  member, configuration: "7",
  sentences: [`${member} is kept and goes on alone; it last said: secondary in term 12`, "datanode0 is given up; it has no Pod that said anything", "datanode2 is given up; it last said: secondary in term 12",
    `what ${member} does not hold is lost; nothing brings it back but the volumes of those that are given up, or a backup`],
});
export const about: Schemas["About"] = { version: "0.9.0", timeZone: "Asia/Shanghai", time: at(0), kubernetesHosts: 3 };
export const manifest = "apiVersion: moorage.dev/v1\nkind: DataService\nmetadata:\n  name: orders\n  namespace: shop\nspec:\n  engine: mongodb\n  version: \"7.0\"\n  members: 3\n  storage:\n    size: 20Gi\n";
export const logLines = [
  "2026-11-27T14:03:10.120Z {\"t\":{\"$date\":\"2026-11-27T14:03:10.120+00:00\"},\"s\":\"I\",\"c\":\"REPL\",\"msg\":\"Transition to PRIMARY complete; database writes are now permitted\"}",
  "2026-11-27T14:03:11.001Z {\"t\":{\"$date\":\"2026-11-27T14:03:11.001+00:00\"},\"s\":\"W\",\"c\":\"COMMAND\",\"msg\":\"Slow query\",\"attr\":{\"durationMillis\":412}}",
  "2026-11-27T14:03:12.734Z {\"t\":{\"$date\":\"2026-11-27T14:03:12.734+00:00\"},\"s\":\"E\",\"c\":\"NETWORK\",\"msg\":\"Connection reset by peer\"}",
];

const said = (summary: string, zh: string): Schemas["AlertView"]["texts"] => ({
  en: { summary, meaning: "No member may take writes, and this was so at two looks.", impact: "Applications get errors.", moorage: "It chooses a new primary among the members that hold everything.", you: "- `moorage why NAME` says what is missing." },
  zh: { summary: zh, meaning: "没有成员可以写入，且连续两次如此。", impact: "应用会收到错误。", moorage: "在数据完整的成员中选出新的主节点。", you: "- `moorage why NAME` 会说明缺少什么。" },
});
const may = { allowed: true, whyNot: "", lacks: null };
const mayNot = { allowed: false, whyNot: "you may not patch dataservices.moorage.dev in bank; whoever manages the space's members can change that", lacks: { deed: "change" as const, right: "patch dataservices.moorage.dev", space: "bank" } };
const firing: Pick<Schemas["AlertView"], "store" | "member" | "why" | "mutedBy" | "silences" | "maySilence"> = { store: "", member: "", why: "", mutedBy: [], silences: [], maySilence: may };
export const alerts: Schemas["AlertList"] = {
  openCount: 2,
  items: [
    { ...firing, fingerprint: "a1", name: "MoorageServiceRed", severity: "critical", scope: "service", space: "shop", service: LONG_NAME, began: at(190), why: "2 of 3 members are not heard from", texts: said(`shop/${LONG_NAME} cannot serve`, `shop/${LONG_NAME} 无法提供服务`) },
    { ...firing, fingerprint: "a2", name: "MoorageMessagesNotDelivered", severity: "warning", scope: "platform", space: "", service: "", began: at(2 * HOUR), maySilence: mayNot, texts: said("people are not told of alerts by dingtalk", "告警消息未能通过 dingtalk 送达") },
    { ...firing, fingerprint: "a3", name: "MoorageDiskFullIn24h", severity: "warning", scope: "member", space: "shop", service: "orders", member: "orders-g1-0", began: at(3 * HOUR), silences: ["s1"], texts: said("the disk of shop/orders (orders-g1-0) is full within a day", "shop/orders (orders-g1-0) 的磁盘将在一天内写满") },
    { ...firing, fingerprint: "a4", name: "MoorageMongodbLag", severity: "warning", scope: "member", space: "shop", service: LONG_NAME, member: `${LONG_NAME}-g1-1`, began: at(200), mutedBy: ["MoorageServiceRed"], texts: said("a member is behind", "有成员延迟") },
    { ...firing, fingerprint: "a5", name: "QueueLong", severity: "page", scope: "own", space: "shop", service: "orders", began: at(60), texts: { en: { summary: "the queue is long", meaning: "", impact: "", moorage: "", you: "" }, zh: { summary: "队列过长", meaning: "", impact: "", moorage: "", you: "" } } },
  ],
};
export const silences: Schemas["SilenceList"] = {
  items: [
    { id: "s1", who: "moorage:li", reason: "a bigger disk is on its way", isAcknowledgement: true, began: at(HOUR), until: at(-HOUR), space: "shop", service: "orders", alert: "MoorageDiskFullIn24h", matchers: ["alertname=\"MoorageDiskFullIn24h\""], silenced: ["MoorageDiskFullIn24h"], mayEnd: may },
    { id: "s2", who: "moorage:wang", reason: "we move the racks tonight", isAcknowledgement: false, began: at(600), until: at(-4 * HOUR), space: "bank", service: "ledger", alert: "", matchers: ["namespace=\"bank\"", "service=\"ledger\""], silenced: [], mayEnd: mayNot },
  ],
};
const past = { store: "", member: "", summary: { en: "shop/orders cannot serve", zh: "shop/orders 无法提供服务" } };
export const pastAlerts: Schemas["AlertHistory"] = {
  more: 0, meanSeconds: 133, resolutionSeconds: 61, days: 7,
  items: [
    { ...past, name: "MoorageServiceRed", severity: "critical", space: "shop", service: LONG_NAME, began: at(190), ended: null, tookSeconds: null },
    { ...past, name: "MoorageServiceRed", severity: "critical", space: "shop", service: "orders", began: at(DAY), ended: at(DAY - 133), tookSeconds: 133 },
  ],
};
const robot: Omit<Schemas["ChannelView"], "name" | "kind" | "place"> = { url: "", hasSecret: true, language: "zh", zone: "Asia/Shanghai", to: [], sender: "", user: "", spaces: [], services: [], severities: [], muted: false, isInUse: true, latest: null };
export const channels: Schemas["ChannelList"] = {
  unusable: { "night.yaml": "night: its kind is 'icq'; allowed: slack, dingtalk, wecom, feishu, telegram, mail, webhook" },
  version: "4711", away: "", may: { create: may, update: may, delete: may },
  items: [
    { ...robot, name: "dba", kind: "dingtalk", place: "dingtalk at oapi.dingtalk.com", to: ["13800000000"], latest: { created: at(30), state: "waiting" } },
    { ...robot, name: "duty", kind: "mail", place: "mail at mail.example.com", url: "smtps://mail.example.com", to: ["li@example.com", "wang@example.com"], sender: "moorage@example.com", user: "moorage", muted: true, latest: { created: at(DAY), state: "refused" } },
    { ...robot, name: "oncall", kind: "slack", place: "slack at hooks.slack.com", hasSecret: false, language: "en", zone: "UTC", spaces: ["shop"], services: ["bank/ledger"], severities: ["critical"], isInUse: false, latest: { created: at(HOUR), state: "delivered" } },
  ],
};
const message: Pick<Schemas["DeliveryView"], "channel" | "colour" | "merged" | "due"> = { channel: "dba", colour: "red", merged: 0, due: null };
export const deliveries: Schemas["DeliveryList"] = {
  items: [
    { ...message, name: "m3", created: at(30), title: "[Alerting] 🔴 shop/orders cannot serve", state: "waiting", tries: 2, due: at(-8), attempts: [{ time: at(6), outcome: "again", answer: "502 bad gateway" }] },
    { ...message, name: "m2", created: at(HOUR), title: "[OK] 🟢 shop/orders recovered after 2m13s", colour: "green", state: "delivered", tries: 1, merged: 1, attempts: [{ time: at(HOUR), outcome: "delivered", answer: "200 {\"errcode\": 0, \"errmsg\": \"ok\"}" }] },
    { ...message, name: "m1", created: at(DAY), title: "[Alerting] 🔴 shop/orders cannot serve", state: "refused", tries: 1, attempts: [{ time: at(DAY), outcome: "refused", answer: "200 {\"errcode\": 310000, \"errmsg\": \"sign not match\"}" }] },
  ],
};

const ownRule: Schemas["AlertRuleView"] = {
  name: "far-behind", namespace: "shop", service: "orders", condition: "moorage_mongodb_replication_lag_seconds > 30", metric: "moorage_mongodb_replication_lag_seconds", labels: {}, comparison: ">", threshold: 30, promql: null,
  forSeconds: 300, severity: "critical", text: { summary: "$subject is $value s behind", description: "" }, textZh: { summary: "$subject 落后 $value 秒", description: "" }, channels: [], paused: false,
  phase: "Accepted", message: "it fires for 2", expr: null, firing: 2, firingSince: at(7 * 60), holding: 0, holdingSince: null, isJudged: true, isCurrent: true, version: "u1.1",
};
export const alertRules: Schemas["AlertRuleList"] = {
  items: [
    ownRule,
    { ...ownRule, name: "busy", service: null, condition: "sum(rate(moorage_mongodb_operations_total[5m])) > 5000", metric: null, comparison: null, threshold: null, promql: "sum(rate(moorage_mongodb_operations_total[5m])) > 5000", severity: "warning", firing: 0, firingSince: null, holding: 1, holdingSince: at(60) },
    { ...ownRule, name: "others", phase: "Refused", message: "it asks for namespace 'bank', and is given 'shop' alone; leave namespace out", firing: null, isJudged: false },
  ],
  may: { shop: may },
};
export const alertMetrics: Schemas["MetricList"] = {
  items: [
    { name: "moorage_custom_open_orders", help: "Orders that nobody sent yet.", unit: "", isCounter: false, labels: ["service", "pod", "state"], services: ["orders"] },
    { name: "moorage_mongodb_replication_lag_seconds", help: "How far this member is behind the primary; not there while no primary is known.", unit: "seconds", isCounter: false, labels: ["service", "pod"], services: [] },
    { name: "moorage_volume_free_bytes", help: "Room that is left on the member's volume.", unit: "bytes", isCounter: false, labels: ["service", "pod"], services: [] },
  ],
};
