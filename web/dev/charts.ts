/** Charts of a service that is busy and well, and one member that was silent for a while. */

import type { Schemas } from "../src/api/client";
import { at } from "./fixtures";

const same = (text: string) => ({ en: text, zh: text });
const PODS = ["orders-g1-0", "orders-g1-1", "orders-g1-2"];
const query = (legend: string) => ({ promql: `max by (pod) (moorage_volume_free_bytes{namespace="shop", service="orders"}) # ${legend}`, legend: same(legend), unit: "short" as const });
const chart = (id: string, en: string, zh: string, unit: Schemas["Unit"], more: Partial<Schemas["Chart"]> = {}): Schemas["Chart"] =>
  ({ id, title: { en, zh }, says: null, unit, draw: "timeseries", isStacked: false, steps: [], names: [], rows: [], queries: [query("{{pod}}")], ...more });
const HEALTH = [{ value: 0, name: { en: "green", zh: "健康" }, colour: "green" }, { value: 1, name: { en: "yellow", zh: "亚健康" }, colour: "yellow" }];

export const charts: Schemas["Charts"] = {
  rows: [
    { title: { en: "State", zh: "状态" }, charts: [
      chart("state.health", "Health", "健康状态", "short", { draw: "state-timeline", names: HEALTH }),
      chart("state.age", "Age of the last good backup", "距上次成功备份", "s", { draw: "stat" }),
      chart("state.services", "Services", "服务", "short", { draw: "table", rows: ["namespace", "service"], queries: [query("health"), query("members")], names: HEALTH }),
    ] },
    { title: { en: "Resources", zh: "资源" }, charts: [
      chart("resources.volume-used", "Volume used", "数据卷使用率", "percentunit", { steps: [{ value: 0, colour: "green" }, { value: 0.7, colour: "yellow" }, { value: 0.9, colour: "red" }] }),
      chart("resources.volume-free", "Volume free", "数据卷剩余空间", "bytes"),
      chart("resources.latency", "Mean latency", "平均延迟", "s", { says: { en: "Of all operations.", zh: "所有操作。" } }),
      chart("resources.none", "Killed for want of memory", "内存不足被终止", "short"),
    ] },
  ],
};

const SCALES: Record<string, number> = { "resources.volume-used": 0.5, "resources.volume-free": 9 * 2 ** 30, "resources.latency": 0.004 };

function lines(id: string, count: number): Schemas["Line"][] {
  const line = (pod: string, values: (number | null)[], labels: Record<string, string> = { pod }): Schemas["Line"] => ({ query: 0, name: same(pod), labels, values });
  if (id === "state.age") return [line("age", [18_000], {})];
  if (id === "state.services") return [line("", [0], { namespace: "shop", service: "orders" }), { ...line("", [3], { namespace: "shop", service: "orders" }), query: 1 }];
  if (id === "state.health") return ["datanode0", "datanode1", "datanode2"].map((member, number) => line(member, Array.from({ length: count }, (_, index) => (number === 2 && index > count * 0.4 && index < count * 0.5 ? 1 : 0)), { member }));
  const scale = SCALES[id];
  if (!scale) return [];
  return PODS.map((pod, number) => line(pod, Array.from({ length: count }, (_, index) => (number === 2 && index > count * 0.4 && index < count * 0.5 ? null : scale * (1 + 0.25 * Math.sin(index / 14 + number) + 0.08 * Math.sin(index * 1.7 + number))))));
}

export function data(asked: URLSearchParams, isEmpty: boolean): Schemas["ChartData"] {
  const points = Number(asked.get("points"));
  const start = Date.parse(asked.get("from")!) / 1000;
  const step = (Date.parse(asked.get("to")!) / 1000 - start) / (points - 1);
  return { start, step, count: points, charts: asked.getAll("chart").map((id) => ({ id, lines: isEmpty ? [] : lines(id, points), leftOff: 0, problem: "" })) };
}

export const marks: Schemas["Marks"] = {
  items: [
    { time: at(2_900), ended: null, kind: "failOver", what: "", member: "", outcome: "", message: "" },
    { time: at(1_800), ended: at(1_727), kind: "backup", what: "orders-20261127-0230", member: "datanode1", outcome: "Succeeded", message: "" },
    { time: at(900), ended: null, kind: "repair", what: "resync", member: "datanode2", outcome: "Running", message: "datanode2's data files are damaged; it copies everything from datanode1" },
  ],
};
