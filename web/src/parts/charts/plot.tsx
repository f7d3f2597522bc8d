/** Lines over time. Its pointer is shared with all charts of the page; dragging chooses a span. */

import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useLook } from "../../app/look";
import { useTexts } from "../../i18n/use";
import { aligned, bounds, distances, figure, place, type Chart, type Drawn } from "../../text/charts";
import { moment, type Language } from "../../text/time";
import { dash, hue, MARK_HUES, type Marked } from "./palette";

/** The pointers of all plots move together. */
export const POINTERS = uPlot.sync("moorage");
const HEIGHT = 176;

export interface Times { start: number; step: number; count: number }

interface Props extends Times {
  chart: Chart; lines: Drawn[]; marks: readonly Marked[]; title: string; hidden: ReadonlySet<string>;
  /** A value that the scale reaches in any case. */
  inSight?: number | undefined;
  /** Where the pointer is; null: nowhere. */
  onPoint: (index: number | null) => void;
  onSpan: (from: number, to: number) => void;
}

export function Plot({ chart, lines, marks, title, hidden, start, step, count, inSight, onPoint, onSpan }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { isDark } = useLook();
  const { language } = useTexts();
  // what the drawing looks up when it draws: no new plot for a new figure
  const now = useRef({ chart, lines, marks, hidden, start, step, count, inSight, onPoint, onSpan });
  now.current = { chart, lines, marks, hidden, start, step, count, inSight, onPoint, onSpan };
  const shape = `${lines.map((line) => `${line.name}/${line.colour}/${line.dashed}`).join()}|${isDark}|${language}`;
  const data = aligned(start, step, count, lines, chart.isStacked) as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;

  useEffect(() => {
    const at = box.current!;
    const made = new uPlot(options(now, at.clientWidth, language), latest.current, at);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: at.clientWidth, height: HEIGHT }));
    resized.observe(at);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(latest.current), [start, step, count, lines, inSight]);
  useEffect(() => plot.current?.redraw(false), [marks]);
  useEffect(() => lines.forEach((line, index) => plot.current?.setSeries(index + 1, { show: !hidden.has(line.name) })), [hidden]);

  const onKeyDown = (event: React.KeyboardEvent<HTMLDivElement>) => {
    const u = plot.current;
    if (!u) return;
    const here = u.cursor.idx ?? count - 1;
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, PageUp: here - 10, PageDown: here + 10, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(count - 1, to));
    u.setCursor({ left: u.valToPos(u.data[0][index]!, "x"), top: 0 });
    say(event.currentTarget, chart, lines, start + index * step, index, language);
  };
  return (
    <div
      ref={box} className="plot" role="slider" tabIndex={0} aria-label={title} aria-valuemin={0} aria-valuemax={count - 1} aria-valuenow={count - 1}
      aria-valuetext={said(chart, lines, start + (count - 1) * step, count - 1, language)} onKeyDown={onKeyDown}
    />
  );
}

function said(chart: Chart, lines: readonly Drawn[], time: number, index: number, language: Language): string {
  return [moment(new Date(time * 1000).toISOString()), ...lines.map((line) => `${line.name} ${figure(line.values[index], chart.unit, language)}`)].join(", ");
}

/** Straight into the page: a pointer that moves must not have React draw it anew. */
function say(at: HTMLElement, chart: Chart, lines: readonly Drawn[], time: number, index: number, language: Language): void {
  at.setAttribute("aria-valuenow", String(index));
  at.setAttribute("aria-valuetext", said(chart, lines, time, index, language));
}

type Now = React.RefObject<{ chart: Chart; lines: Drawn[]; marks: readonly Marked[]; hidden: ReadonlySet<string>; inSight?: number | undefined; onPoint: Props["onPoint"]; onSpan: Props["onSpan"] } & Times>;

function options(now: Now, width: number, language: Language): uPlot.Options {
  const { chart, lines, hidden } = now.current;
  const style = getComputedStyle(document.documentElement);
  const [line, quiet] = [style.getPropertyValue("--line"), style.getPropertyValue("--quiet")];
  const axis: uPlot.Axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const incrs = distances(chart.unit);
  return {
    width, height: HEIGHT, legend: { show: false }, padding: [10, 8, 0, 0],
    cursor: {
      y: false, points: { size: 7 }, drag: { x: true, y: false, setScale: false },
      sync: { key: POINTERS.key, setSeries: false, scales: ["x", null] },
    },
    scales: { x: { time: true }, y: { range: () => bounds(...extent(now.current), chart.unit) } },
    axes: [
      { ...axis, size: 28, space: 70, values: (_, splits, __, ___, distance) => splits.map((at) => clock(at, distance)) },
      { ...axis, size: sizeOfAxis, space: 36, values: (_, splits) => splits.map((at) => figure(at, chart.unit, language)), ...(incrs ? { incrs } : {}) },
    ],
    series: [{}, ...lines.map((one): uPlot.Series => ({
      label: one.name, show: !hidden.has(one.name), stroke: hue(one.colour), width: 1.75, dash: one.dashed ? dash : undefined, spanGaps: false, points: { show: lonely(one), size: 5, fill: hue(one.colour) },
      fill: chart.isStacked ? `${hue(one.colour)}55` : lines.length === 1 ? `${hue(one.colour)}14` : undefined,
    }))],
    hooks: {
      draw: [(u) => { drawSteps(u, now.current.chart, style); drawMarks(u, now.current); }],
      setCursor: [(u) => now.current.onPoint(u.cursor.left !== undefined && u.cursor.left >= 0 ? (u.cursor.idx ?? null) : null)],
      setSelect: [(u) => {
        if (u.select.width < 8) return;
        now.current.onSpan(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
    },
  };
}

/** A single point between gaps is a dot; no line would show it. */
function lonely(line: Drawn): boolean {
  return line.values.some((value, index) => value !== null && (line.values[index - 1] ?? null) === null && (line.values[index + 1] ?? null) === null);
}

function extent({ chart, lines, inSight, start, step, count }: { chart: Chart; lines: Drawn[]; inSight?: number | undefined } & Times): [number | null, number | null] {
  const known = [...aligned(start, step, count, lines, chart.isStacked).slice(1).flat(), inSight ?? null].filter((value) => value !== null);
  return known.length === 0 ? [null, null] : [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
}

/** As wide as its widest word. */
function sizeOfAxis(u: uPlot, values: string[] | null): number {
  const widest = Math.max(0, ...(values ?? []).map((value) => value.length));
  return Math.max(40, widest * 6.6 + 14 + (u.axes[1]?.gap ?? 0));
}

/** The day only where the span needs it. */
function clock(at: number, distance: number): string {
  const text = moment(new Date(at * 1000).toISOString());
  return distance >= 86_400 ? text.slice(5, 10) : distance >= 43_200 || text.slice(11, 16) === "00:00" ? text.slice(5, 16) : distance < 60 ? text.slice(11) : text.slice(11, 16);
}

function drawSteps(u: uPlot, chart: Chart, style: CSSStyleDeclaration): void {
  for (const step of chart.steps.slice(1)) {
    const y = u.valToPos(step.value, "y", true);
    if (y < u.bbox.top || y > u.bbox.top + u.bbox.height) continue;
    stroke(u, style.getPropertyValue(`--${step.colour}`) || style.getPropertyValue("--quiet"), [4, 4], u.bbox.left, y, u.bbox.left + u.bbox.width, y);
  }
}

function drawMarks(u: uPlot, { marks, start, step, count }: { marks: readonly Marked[] } & Times): void {
  for (const mark of marks) {
    const share = place(mark.time, start, step, count);
    if (share === null) continue;
    const x = u.bbox.left + share * u.bbox.width;
    const colour = hue(MARK_HUES[mark.kind]);
    stroke(u, colour, [3, 3], x, u.bbox.top, x, u.bbox.top + u.bbox.height);
    u.ctx.fillStyle = colour;
    const size = 5 * devicePixelRatio;
    u.ctx.beginPath();
    u.ctx.moveTo(x - size, u.bbox.top - size);
    u.ctx.lineTo(x + size, u.bbox.top - size);
    u.ctx.lineTo(x, u.bbox.top + size * 0.6);
    u.ctx.fill();
  }
}

function stroke(u: uPlot, colour: string, pattern: number[], x1: number, y1: number, x2: number, y2: number): void {
  u.ctx.save();
  u.ctx.strokeStyle = colour;
  u.ctx.lineWidth = devicePixelRatio;
  u.ctx.setLineDash(pattern.map((length) => length * devicePixelRatio));
  u.ctx.beginPath();
  u.ctx.moveTo(x1, y1);
  u.ctx.lineTo(x2, y2);
  u.ctx.stroke();
  u.ctx.restore();
}
