/** From the server's lines to what a chart draws, and figures in words. Pure. */

import type { Schemas } from "../api/client";
import { bytes } from "./quantity";
import { span, type Language } from "./time";

export type Chart = Schemas["Chart"];
export type Line = Schemas["Line"];
export type Unit = Schemas["Unit"];
export type Values = (number | null)[];

export const COLOURS = 8;

export interface Drawn {
  name: string;
  /** Of the palette; a member has the same one in all charts. */
  colour: number;
  /** Not the first of its colour: a member's second figure. */
  dashed: boolean;
  /** As they were told. */
  values: Values;
}

/** Lines with names and colours, in the server's order. */
export function drawn(lines: readonly Line[], language: Language): Drawn[] {
  const taken = new Set<number>();
  return lines.map((line, index) => {
    const colour = colourOf(line, index);
    const dashed = taken.has(colour);
    taken.add(colour);
    return { name: line.name[language] || line.name.en, colour, dashed, values: line.values };
  });
}

/** A line that is called a colour has it. */
const OF_HEALTH: Record<string, number> = { red: 4, yellow: 6, green: 2, unknown: 7 };

/** By the health that it is called, or the member's number, so that nobody has to look at each legend again; else by its place. */
export function colourOf(line: Line, index: number): number {
  const health = OF_HEALTH[line.name.en];
  if (health !== undefined) return health;
  const number = /-(\d+)$/.exec(line.labels.pod ?? "") ?? /^datanode(\d+)$/.exec(line.labels.member ?? "");
  const isOfOneService = line.labels.service === undefined;
  return (number && isOfOneService ? Number(number[1]) : index) % COLOURS;
}

/** Seconds since 1970 of each point, then each line's values; the last stacked line lies at the bottom. */
export function aligned(start: number, step: number, count: number, lines: readonly Drawn[], isStacked: boolean): [number[], ...Values[]] {
  const times = Array.from({ length: count }, (_, index) => start + index * step);
  return [times, ...(isStacked ? stacked(lines.map((line) => line.values)) : lines.map((line) => line.values))];
}

/** Each on top of those after it. A point of which nothing is known stays a gap. */
export function stacked(values: readonly Values[]): Values[] {
  const sums = values.map((line) => [...line]);
  const below = new Map<number, number>();
  for (const line of sums.toReversed()) {
    line.forEach((value, index) => {
      if (value === null) return;
      line[index] = value + (below.get(index) ?? 0);
      below.set(index, line[index]);
    });
  }
  return sums;
}

export interface Figures { last: number | null; least: number | null; most: number | null; mean: number | null }

export function figures(values: Values): Figures {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { last: null, least: null, most: null, mean: null };
  return { last: values.at(-1) ?? null, least: Math.min(...known), most: Math.max(...known), mean: known.reduce((sum, value) => sum + value, 0) / known.length };
}

const SMALL: [number, string][] = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"]];

/** A figure with its unit: "41 %", "1.5 GiB", "12 ms", "1.2 k/s". */
export function figure(value: number | null | undefined, unit: Unit, language: Language): string {
  if (value === null || value === undefined) return "–";
  switch (unit) {
    case "percentunit":
      return `${short(value * 100)} %`;
    case "bytes":
      return value < 0 ? `-${bytes(-value)}` : bytes(value);
    case "Bps":
      return `${value < 0 ? `-${bytes(-value)}` : bytes(value)}/s`;
    case "ops":
      return `${short(value)}/s`;
    case "s":
      return seconds(value, language);
    default:
      return short(value);
  }
}

function seconds(value: number, language: Language): string {
  const size = Math.abs(value);
  if (size >= 10) return (value < 0 ? "-" : "") + span(size, language);
  if (size === 0) return span(0, language);
  const [factor, word] = SMALL.find(([least]) => size >= least) ?? SMALL[2]!;
  return factor === 1 ? (value < 0 ? "-" : "") + span(Number(size.toPrecision(3)), language) : `${Number((value / factor).toPrecision(3))} ${word}`;
}

const LARGE: [number, string][] = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];

/** Three digits, and a letter for thousands. */
export function short(value: number): string {
  const found = LARGE.find(([least]) => Math.abs(value) >= least);
  const [factor, letter] = found ?? [1, ""];
  return `${Number((value / factor).toPrecision(3))}${letter ? ` ${letter}` : ""}`;
}

const BINARY = Array.from({ length: 56 }, (_, power) => 2 ** power);
const OF_TIME = [...[1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1].flatMap((one) => [one, one * 2, one * 5]), 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000];

/** Distances between the lines of a scale that read well; null: any decimal ones. */
export function distances(unit: Unit): number[] | null {
  return unit === "bytes" || unit === "Bps" ? BINARY : unit === "s" ? OF_TIME : null;
}

/** From zero where something counts from nothing; a share that stays under 1 is seen against all of it. */
export function bounds(least: number | null, most: number | null, unit: Unit): [number, number] {
  if (least === null || most === null) return [0, 1];
  if (unit === "percentunit" && least >= 0 && most <= 1) return [0, 1];
  const low = Math.min(0, least);
  const high = Math.max(0, most);
  return high === low ? [low, low + 1] : [low === 0 ? 0 : low - (high - low) * 0.08, high + (high - low) * 0.08];
}

export interface Stretch { from: number; to: number; value: number }

/** What stayed the same, as parts of the whole width (0 to 1). A gap is in no stretch. */
export function stretches(values: Values): Stretch[] {
  const found: Stretch[] = [];
  values.forEach((value, index) => {
    if (value === null) return;
    const last = found.at(-1);
    if (last && last.value === value && last.to === index) last.to = index + 1;
    else found.push({ from: index, to: index + 1, value });
  });
  return found.map(({ from, to, value }) => ({ from: from / values.length, to: to / values.length, value }));
}

/** The colour of the last step that is not above it. */
export function stepColour(value: number | null, steps: Chart["steps"]): string | undefined {
  if (value === null) return undefined;
  return steps.filter((step) => step.value <= value).at(-1)?.colour;
}

export interface TableRow { key: string; labels: Record<string, string>; cells: (number | null)[] }

/** One row for the queries' answers that are of the same things; the largest first figure first. */
export function tabled(chart: Chart, lines: readonly Line[]): TableRow[] {
  const rows = new Map<string, TableRow>();
  for (const line of lines) {
    const key = chart.rows.map((label) => line.labels[label] ?? "").join("/");
    const row = rows.get(key) ?? { key, labels: line.labels, cells: chart.queries.map(() => null) };
    row.cells[line.query] = line.values[0] ?? null;
    rows.set(key, row);
  }
  return [...rows.values()].sort((a, b) => (b.cells[0] ?? -Infinity) - (a.cells[0] ?? -Infinity) || a.key.localeCompare(b.key));
}

export const LENGTHS = { "1h": 3_600, "6h": 21_600, "1d": 86_400, "7d": 604_800 } as const;
export type Length = keyof typeof LENGTHS;
/** A length up to now, or a span that stays. In seconds since 1970. */
export type Range = { length: Length } | { from: number; to: number };
export const SHORTEST_SECONDS = 60;

/** From an address's `range`, or `from` and `to`; an hour when they say nothing that can be shown. */
export function rangeOf(query: URLSearchParams): Range {
  const [from, to] = [Number(query.get("from")), Number(query.get("to"))];
  if (from > 0 && to - from >= SHORTEST_SECONDS) return { from, to };
  const length = query.get("range");
  return { length: length !== null && length in LENGTHS ? (length as Length) : "1h" };
}

export function queryOf(range: Range): Record<string, string> {
  return "length" in range ? { range: range.length } : { from: String(Math.round(range.from)), to: String(Math.round(range.to)) };
}

/** Seconds since 1970; `now` in milliseconds. */
export function ends(range: Range, now: number): [number, number] {
  return "length" in range ? [now / 1000 - LENGTHS[range.length], now / 1000] : [range.from, range.to];
}

/** How often there can be anything new, in milliseconds; false: never. */
export function refreshMs(range: Range): number | false {
  if (!("length" in range)) return false;
  return Math.min(300_000, Math.max(15_000, (LENGTHS[range.length] / 240) * 1000));
}

/** The point next to a mark, or null when it lies outside. */
export function place(time: string, start: number, step: number, count: number): number | null {
  const share = (Date.parse(time) / 1000 - start) / (step * Math.max(1, count - 1));
  return share >= 0 && share <= 1 ? share : null;
}
