import { describe, expect, test } from "vitest";
import { blank, byState, chartOf, conditionOf, fitting, formOf, holds, labelsOf, lastsOf, restingWish, secondsOf, stateOf, unitOf, wishOf, type Metric, type Rule, type RuleForm } from "../src/text/alertrules";
import { bounds } from "../src/text/charts";

const metric = (more: Partial<Metric> = {}): Metric => ({ name: "moorage_mongodb_replication_lag_seconds", help: "", unit: "seconds", isCounter: false, labels: ["service", "pod"], services: [], ...more });
const rule = (more: Partial<Rule> = {}): Rule => ({
  name: "lag", namespace: "shop", service: "orders", condition: "lag > 30", metric: metric().name, labels: { pod: "orders-g1-0" }, comparison: ">", threshold: 30, promql: null, forSeconds: 300,
  severity: "critical", text: { summary: "s", description: "d" }, textZh: null, channels: ["dba"], paused: false, phase: "Accepted", message: "", expr: null, firing: 0, firingSince: null, holding: 0, holdingSince: null, isJudged: true, isCurrent: true, version: "u.1", ...more,
});
const form = (more: Partial<RuleForm> = {}): RuleForm => ({ ...blank("shop"), name: "lag", metric: metric().name, threshold: 30, ...more });

describe("what is sent", () => {
  test("of a metric: with its threshold, and how long it must hold in seconds", () => expect(conditionOf(form(), metric())).toEqual({ metric: metric().name, comparison: ">", threshold: 30, labels: {}, forSeconds: 300 }));
  test("a threshold of nought is one", () => expect(conditionOf(form({ threshold: 0 }), metric())?.threshold).toBe(0));
  test("labels that were left empty, or are another metric's, are not sent", () => expect(conditionOf(form({ labels: { pod: " a ", kind: "x", service: "y" } }), metric())?.labels).toEqual({ pod: "a" }));
  test("of PromQL: without what was chosen of a metric", () => expect(conditionOf(form({ way: "promql", promql: " up > 1 ", service: "orders" }), metric())).toEqual({ promql: "up > 1", service: "orders", forSeconds: 300 }));
  test.each([["no metric", form(), undefined], ["no threshold", form({ threshold: null }), metric()], ["no PromQL", form({ way: "promql", promql: " " }), metric()]] as const)("with %s there is nothing to be judged", (_, one, of) => expect(conditionOf(one, of)).toBeNull());
  test("a text without its first line is none", () => expect(wishOf(form({ text: { description: "d" }, textZh: { summary: " 落后 " } }), { promql: "up > 1" })).toMatchObject({ text: undefined, textZh: { summary: "落后", description: "" } }));
});

test("a rule that is read into the form and sent unchanged stays as it is", () => {
  const found = rule({ forSeconds: 5_400 });
  const shown = formOf(found);
  expect(wishOf(shown, conditionOf(shown, metric())!)).toEqual({ ...restingWish(found, false), promql: undefined, textZh: undefined, version: undefined });
  const other = formOf(rule({ metric: null, comparison: null, threshold: null, labels: {}, promql: "up > 1" }));
  expect(conditionOf(other, undefined)).toEqual({ promql: "up > 1", service: "orders", forSeconds: 300 });
});
test("a rule that is paused is otherwise the same", () => expect(restingWish(rule(), true)).toEqual({ ...restingWish(rule(), false), paused: true }));
test.each([[0, 0, "minutes"], [90, 90, "seconds"], [300, 5, "minutes"], [7_200, 2, "hours"], [86_400, 24, "hours"]] as const)("%d s is shown as %d %s, and means the same", (seconds, lasts, lastsIn) => {
  expect(lastsOf(seconds)).toEqual({ lasts, lastsIn });
  expect(secondsOf({ lasts, lastsIn })).toBe(seconds);
});

describe("what became of a rule", () => {
  test.each([
    ["pending", { isCurrent: false, firing: 3 }], ["pending", { phase: "Pending" }], ["refused", { phase: "Refused", isJudged: false }], ["paused", { phase: "Paused", isJudged: false }],
    ["stuck", { isJudged: false, firing: 0 }], ["unknown", { firing: null }], ["fires", { firing: 2 }], ["quiet", { firing: 0 }],
    ["holds", { firing: 0, holding: 1 }], ["fires", { firing: 1, holding: 1 }], ["stuck", { isJudged: false, holding: 1 }],
  ] as [string, Partial<Rule>][])("%s: %o", (state, more) => expect(stateOf(rule(more))).toBe(state));
  test("what needs somebody stands first", () => expect([rule({ name: "b" }), rule({ name: "c", firing: 1 }), rule({ name: "a" }), rule({ name: "d", phase: "Refused" })].sort(byState).map((one) => one.name)).toEqual(["c", "d", "a", "b"]));
  test("a search holds when each of its words does", () => expect([holds(rule(), "SHOP lag"), holds(rule(), "lag bank"), holds(rule(), "")]).toEqual([true, false, true]));
});

describe("metrics", () => {
  const all = ["moorage_mongodb_x", "moorage_mysql_x", "moorage_volume_free_bytes"].map((name) => metric({ name }));
  const engines = ["mongodb", "mysql"];
  test("of a service are those that its engine has", () => expect(fitting(all, "orders", "mysql", engines).map((one) => one.name)).toEqual(["moorage_mysql_x", "moorage_volume_free_bytes"]));
  test("of no service are all", () => expect(fitting(all, undefined, undefined, engines)).toHaveLength(3));
  test("of one's own are of the services that have the query", () => {
    const own = metric({ name: "moorage_custom_open", services: ["orders"] });
    expect([undefined, "orders", "sessions"].map((service) => fitting([own], service, service && "mysql", engines).length)).toEqual([1, 1, 0]);
  });
  test("are chosen by their labels, without the service, which has a field of its own", () => expect(labelsOf(metric())).toEqual(["pod"]));
  test.each([["s", {}], ["bytes", { unit: "bytes" }], ["percentunit", { unit: "ratio" }], ["ops", { unit: "", isCounter: true }], ["Bps", { unit: "bytes", isCounter: true }], ["short", { unit: "" }], ["short", { name: "moorage_x_timestamp_seconds" }], ["short", { unit: "seconds", isCounter: true }]] as const)("are counted in %s", (unit, more) => expect(unitOf(metric(more))).toBe(unit));
});

test("a threshold is drawn, and stands in the chart however far from the lines", () => {
  const drawn = chartOf({ start: 0, step: 1, count: 1, comparison: ">", threshold: 30, lines: [], leftOff: 0 }, "x > 30", "s", { en: "", zh: "" });
  expect(drawn.steps.slice(1)).toEqual([{ value: 30, colour: "red" }]);
  const [low, high] = bounds(0, 30, "s");
  expect(low <= 0 && high > 30).toBe(true);
});
