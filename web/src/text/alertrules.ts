/** From the form of an alert of one's own to what is sent, and back; and what became of one. Pure. */

import type { Schemas } from "../api/client";
import type { Chart, Unit } from "./charts";

export type Rule = Schemas["AlertRuleView"];
export type Metric = Schemas["MeasuredMetric"];

export const COMPARISONS = [">", ">=", "<", "<=", "==", "!="] as const satisfies Schemas["Comparison"][];
export const SEVERITIES = ["critical", "warning", "info"] as const;
export const LASTS = { seconds: 1, minutes: 60, hours: 3_600 } as const;
export const LASTS_S_MAX = 86_400;
export const NAME_MAX = 63;

export interface RuleForm {
  name: string; space: string; service?: string | undefined;
  way: "metric" | "promql";
  metric?: string | undefined; labels?: Record<string, string | undefined>; comparison: Schemas["Comparison"]; threshold?: number | null;
  promql?: string;
  lasts: number | null; lastsIn: keyof typeof LASTS;
  severity: (typeof SEVERITIES)[number]; channels: string[]; paused: boolean;
  text?: Told; textZh?: Told;
}
interface Told { summary?: string; description?: string }

export type Condition = Omit<Schemas["TryWish"], "space">;
export type Change = Schemas["AlertRuleChange"];
export type Wish = Omit<Change, "version">;

export const secondsOf = (form: Pick<RuleForm, "lasts" | "lastsIn">) => Math.round((form.lasts ?? 0) * LASTS[form.lastsIn]);

/** In the largest unit of which it is a whole number. */
export function lastsOf(seconds: number): Pick<RuleForm, "lasts" | "lastsIn"> {
  const lastsIn = seconds > 0 && seconds % LASTS.hours === 0 ? "hours" : seconds % LASTS.minutes === 0 ? "minutes" : "seconds";
  return { lasts: seconds / LASTS[lastsIn], lastsIn };
}

export const blank = (space: string): RuleForm => ({ name: "", space, way: "metric", comparison: ">", lasts: 5, lastsIn: "minutes", severity: "warning", channels: [], paused: false });

/** What is judged; null while something of it is missing. `metric`: the one that is chosen, whose labels alone count. */
export function conditionOf(form: RuleForm, metric: Metric | undefined): Condition | null {
  const about = { service: form.service || undefined, forSeconds: secondsOf(form) };
  if (form.way === "promql") {
    const promql = form.promql?.trim();
    return promql ? { ...about, promql } : null;
  }
  if (!metric || form.threshold === undefined || form.threshold === null) return null;
  const labels = Object.fromEntries(labelsOf(metric).flatMap((label) => (form.labels?.[label]?.trim() ? [[label, form.labels[label]!.trim()]] : [])));
  return { ...about, metric: metric.name, comparison: form.comparison, threshold: form.threshold, labels };
}

/** Those that a person may choose by; the service has a field of its own. */
export const labelsOf = (metric: Metric) => metric.labels.filter((label) => label !== "service");

export function wishOf(form: RuleForm, condition: Condition): Wish {
  return { ...condition, severity: form.severity, channels: form.channels, paused: form.paused, text: toldOf(form.text), textZh: toldOf(form.textZh) };
}

function toldOf(told: Told | undefined): Schemas["TextWish"] | undefined {
  const summary = told?.summary?.trim();
  return summary ? { summary, description: told?.description?.trim() ?? "" } : undefined;
}

export function formOf(rule: Rule): RuleForm {
  return {
    name: rule.name, space: rule.namespace, service: rule.service ?? undefined,
    way: rule.promql === null ? "metric" : "promql", metric: rule.metric ?? undefined, labels: rule.labels, comparison: (rule.comparison ?? ">") as Schemas["Comparison"], threshold: rule.threshold, promql: rule.promql ?? "",
    ...lastsOf(rule.forSeconds), severity: rule.severity as RuleForm["severity"], channels: rule.channels, paused: rule.paused,
    text: rule.text ?? {}, textZh: rule.textZh ?? {},
  };
}

/** The same rule, resting or not. Nothing else of it changes. */
export function restingWish(rule: Rule, paused: boolean): Change {
  return {
    service: rule.service, metric: rule.metric, labels: rule.labels, comparison: rule.comparison as Wish["comparison"], threshold: rule.threshold, promql: rule.promql,
    forSeconds: rule.forSeconds, severity: rule.severity, text: rule.text, textZh: rule.textZh, channels: rule.channels, paused, version: rule.version,
  };
}

export type State = "fires" | "holds" | "quiet" | "unknown" | "stuck" | "refused" | "paused" | "pending";

/** `holds`: not yet for as long as it must; `unknown`: it stands, and nobody said whether it fires; `stuck`: Prometheus cannot judge it. */
export function stateOf(rule: Rule): State {
  if (!rule.isCurrent || rule.phase === "Pending") return "pending";
  if (rule.phase === "Refused") return "refused";
  if (rule.phase === "Paused") return "paused";
  if (!rule.isJudged) return "stuck";
  if (rule.firing === null) return "unknown";
  return rule.firing > 0 ? "fires" : (rule.holding ?? 0) > 0 ? "holds" : "quiet";
}

export const STATES: State[] = ["fires", "stuck", "refused", "holds", "unknown", "pending", "quiet", "paused"];

/** What needs somebody first, then by name. */
export function byState(a: Rule, b: Rule): number {
  return STATES.indexOf(stateOf(a)) - STATES.indexOf(stateOf(b)) || a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name);
}

/** Rows that hold every word that was typed. */
export function holds(rule: Rule, words: string): boolean {
  const text = `${rule.name} ${rule.namespace}/${rule.service ?? ""} ${rule.condition}`.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

const UNITS: Record<string, Unit> = { seconds: "s", bytes: "bytes", ratio: "percentunit" };

/** What a value of it is counted in: a counter per second. */
export function unitOf(metric: Pick<Metric, "name" | "unit" | "isCounter"> | undefined): Unit {
  if (!metric || metric.name.endsWith("_timestamp_seconds")) return "short";
  if (metric.isCounter) return metric.unit === "bytes" ? "Bps" : metric.unit === "" ? "ops" : "short";
  return UNITS[metric.unit] ?? "short";
}

/** A query of somebody's service measures it. */
export const isOwn = (metric: Metric) => metric.services.length > 0;

/** Those that this service of this engine can have; all of them when it is about none. */
export function fitting(metrics: readonly Metric[], service: string | undefined, engine: string | undefined, engines: readonly string[]): Metric[] {
  const others = engine === undefined ? [] : engines.filter((one) => one !== engine);
  return metrics.filter((metric) => (isOwn(metric) ? service === undefined || metric.services.includes(service) : !others.some((one) => metric.name.startsWith(`moorage_${one}_`))));
}

/** What the tried expression is held against, as a chart with its threshold drawn. */
export function chartOf(chart: Schemas["TriedLines"], expr: string, unit: Unit, title: Chart["title"]): Chart {
  const step = { value: chart.threshold, colour: "red" };
  return { id: "tried", title, says: null, unit, draw: "timeseries", isStacked: false, steps: [{ value: Number.NEGATIVE_INFINITY, colour: "green" }, step], names: [], rows: [], queries: [{ promql: expr, legend: title, unit }] };
}
