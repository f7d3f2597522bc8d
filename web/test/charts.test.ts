import { describe, expect, test } from "vitest";
import { aligned, bounds, colourOf, drawn, ends, figure, figures, place, queryOf, rangeOf, refreshMs, stacked, stepColour, stretches, tabled, type Chart, type Line } from "../src/text/charts";

const line = (values: (number | null)[], labels: Record<string, string> = {}, query = 0): Line => ({ query, labels, values, name: { en: labels.pod ?? "all", zh: "全部" } });
const chart = (more: Partial<Chart>): Chart => ({ id: "a.b", title: { en: "A", zh: "甲" }, says: null, unit: "short", draw: "timeseries", isStacked: false, steps: [], names: [], rows: [], queries: [], ...more });

describe("from the server's lines to what is drawn", () => {
  test("each point has its time, and what is not known stays a gap", () => {
    const made = aligned(1_000, 15, 3, drawn([line([1, null, 3])], "en"), false);
    expect(made).toEqual([[1_000, 1_015, 1_030], [1, null, 3]]);
  });
  test("a member has one colour in all charts, whatever else is in them", () => {
    const pods = ["orders-g1-2", "orders-g1-0"].map((pod, index) => colourOf(line([], { pod }), index));
    expect(pods).toEqual([2, 0]);
    expect(colourOf(line([], { member: "datanode1" }), 5)).toBe(1);
  });
  test("a line that is called red is not blue", () => {
    expect(["red", "yellow", "unknown"].map((en, index) => colourOf({ ...line([]), name: { en, zh: "" } }, index))).toEqual([4, 6, 7]);
  });
  test("of a fleet, where many members have one number, colours go by place", () => {
    expect([0, 1].map((index) => colourOf(line([], { pod: `s${index}-g1-0`, service: `s${index}` }), index))).toEqual([0, 1]);
  });
  test("a member's second figure is dashed", () => expect(drawn([line([], { pod: "a-0" }), line([], { pod: "a-0" }, 1)], "en").map((one) => one.dashed)).toEqual([false, true]));
  test("names are in the page's language", () => expect(drawn([line([], {})], "zh")[0]!.name).toBe("全部"));
  test("stacked lines add up from the last, gaps stay gaps", () => expect(stacked([[1, 1], [2, null], [4, 4]])).toEqual([[7, 5], [6, null], [4, 4]]));
  test("stretches join what stayed the same and leave gaps out", () => {
    expect(stretches([0, 0, null, 0, 1])).toEqual([{ from: 0, to: 0.4, value: 0 }, { from: 0.6, to: 0.8, value: 0 }, { from: 0.8, to: 1, value: 1 }]);
  });
  test("last, least, most and mean are of what is known", () => {
    expect(figures([1, null, 3])).toEqual({ last: 3, least: 1, most: 3, mean: 2 });
    expect(figures([1, null])).toEqual({ last: null, least: 1, most: 1, mean: 1 });
    expect(figures([null]).most).toBeNull();
  });
  test("a table has one row for what is of the same service, the largest first", () => {
    const of = (service: string, value: number, query: number) => line([value], { namespace: "shop", service }, query);
    const queries = [0, 1].map(() => ({ promql: "", legend: { en: "", zh: "" }, unit: "short" as const }));
    const rows = tabled(chart({ rows: ["namespace", "service"], queries }), [of("a", 1, 0), of("b", 3, 0), of("a", 7, 1)]);
    expect(rows.map((row) => [row.key, ...row.cells])).toEqual([["shop/b", 3, null], ["shop/a", 1, 7]]);
  });
});

describe("figures in words", () => {
  test.each([
    [0.412, "percentunit", "41.2 %"], [1, "percentunit", "100 %"], [1_610_612_736, "bytes", "1.5\u00a0GiB"], [2_048, "Bps", "2\u00a0KiB/s"], [1_234, "ops", "1.23 k/s"],
    [0.0123, "s", "12.3 ms"], [0.000_04, "s", "40 µs"], [3.14, "s", "3.1 s"], [150, "s", "2 min 30 s"], [0, "s", "0 s"], [12_345_678, "short", "12.3 M"], [0, "short", "0"], [null, "short", "–"],
  ] as const)("%s in %s reads %s", (value, unit, text) => expect(figure(value, unit, "en")).toBe(text));
  test("in Chinese", () => expect(figure(150, "s", "zh")).toBe("2 分 30 秒"));
});

describe("scales", () => {
  test("a share is seen against all of it", () => expect(bounds(0.2, 0.3, "percentunit")).toEqual([0, 1]));
  test("what is over all of it is seen too", () => expect(bounds(0, 2, "percentunit")[1]).toBeGreaterThan(2));
  test("counting starts at nothing", () => expect(bounds(90, 100, "short")).toEqual([0, 108]));
  test("what is nothing at all has a scale", () => expect(bounds(0, 0, "short")).toEqual([0, 1]));
  test("nothing known, a scale all the same", () => expect(bounds(null, null, "bytes")).toEqual([0, 1]));
  test("colours by steps", () => {
    const steps = [{ value: 0, colour: "green" }, { value: 0.7, colour: "yellow" }];
    expect([0.1, 0.7, null].map((value) => stepColour(value, steps))).toEqual(["green", "yellow", undefined]);
  });
});

describe("the span that is shown", () => {
  test("an address says it, and gives it back", () => {
    for (const range of [{ length: "7d" as const }, { from: 1_000, to: 2_000 }]) expect(rangeOf(new URLSearchParams(queryOf(range)))).toEqual(range);
  });
  test("an address that says nothing of use shows an hour", () => {
    for (const query of ["", "range=9y", "from=5&to=3", "from=x&to=9", "from=1000&to=1030"]) expect(rangeOf(new URLSearchParams(query))).toEqual({ length: "1h" });
  });
  test("only what ends now is asked for again", () => {
    expect(ends({ length: "1h" }, 7_200_000)).toEqual([3_600, 7_200]);
    expect([refreshMs({ length: "1h" }), refreshMs({ length: "7d" }), refreshMs({ from: 1, to: 100 })]).toEqual([15_000, 300_000, false]);
  });
  test("a mark outside of the span has no place", () => {
    expect([place("1970-01-01T00:00:30Z", 0, 10, 7), place("1970-01-01T00:02:00Z", 0, 10, 7)]).toEqual([0.5, null]);
  });
});
