import { describe, expect, test } from "vitest";
import openapi from "../../src/moorage/server/openapi.json";
import { texts } from "../src/i18n/texts";
import { firstLanguage, side } from "../src/i18n";
import { daily, inWords, neverComes } from "../src/text/cron";
import { isShown, severity } from "../src/text/lines";
import { basename, freeName, isName } from "../src/text/names";
import { codeAtTheDoor } from "../src/text/door";
import { byHealth, withRow } from "../src/text/order";
import { amount, bytes, cores, percent, readable, readableCores } from "../src/text/quantity";
import { LANGUAGES, quoted, snippet } from "../src/text/snippets";
import { ago, between, moment, span } from "../src/text/time";
import { gapParts, isRestorable, place } from "../src/text/window";

describe("figures", () => {
  test.each([[0, "0\u00a0B"], [1023, "1023\u00a0B"], [1024, "1\u00a0KiB"], [2_040_109_465, "1.9\u00a0GiB"], [15 * 2 ** 30, "15\u00a0GiB"], [null, "–"]])("%s bytes read as %s", (count, text) => expect(bytes(count)).toBe(text));
  test.each([["2Gi", 2 ** 31], ["500m", 0.5], ["1", 1], ["1.5G", 1.5e9], ["", null], ["2gi", null], ["-1", null]])("quantity %s is %s", (text, count) => expect(amount(text)).toBe(count));
  test("quantities are spaced, other words stay", () => {
    expect(readable("20Gi")).toBe("20\u00a0GiB");
    expect(readable("500m")).toBe("500m");
    expect(readable(null)).toBe("–");
  });
  test("nobody has to know what 500m of a core is", () => expect(["500m", "2", "1500m", "", "many"].map(readableCores)).toEqual(["0.5", "2", "1.5", "–", "many"]));
  test("a share is never more than all", () => expect([percent(5, 10), percent(20, 10), percent(1, 0)]).toEqual([50, 100, 0]));
  test("cores", () => expect([cores(500), cores(6_600), cores(16_000)]).toEqual(["0.5", "6.6", "16"]));
});

describe("times", () => {
  const now = Date.parse("2026-11-27T14:00:00Z");
  test("a moment has 24 hours and the same order of parts in each zone", () => {
    expect(moment("2026-11-27T00:05:09Z", "UTC")).toBe("2026-11-27 00:05:09");
    expect(moment("2026-11-27T18:30:00Z", "Asia/Shanghai")).toBe("2026-11-28 02:30:00");
    expect(moment(null)).toBe("–");
  });
  test("ago, and what is to come, in both languages", () => {
    expect(ago("2026-11-27T13:57:00Z", now, "en")).toBe("3 minutes ago");
    expect(ago("2026-11-27T13:57:00Z", now, "zh")).toBe("3 分钟前");
    expect(ago("2026-11-27T13:59:26Z", now, "zh")).toBe("34 秒前");
    expect(ago("2026-11-26T14:00:00Z", now, "zh")).toBe("昨天");
    expect(ago("2026-11-27T16:00:00Z", now, "en")).toBe("in 2 hours");
  });
  test("a span has its two largest parts", () => {
    expect([span(0.94, "en"), span(73, "en"), span(3_600, "en"), span(90_061, "en"), span(133, "zh"), span(null, "en")]).toEqual(["0.9 s", "1 min 13 s", "1 h", "1 d 1 h", "2 分 13 秒", "–"]);
  });
  test("between two times, or until now", () => {
    expect(between("2026-11-27T13:59:00Z", null, now)).toBe(60);
    expect(between(null, null, now)).toBeNull();
  });
});

describe("schedules in words", () => {
  test("every day", () => expect([inWords("30 2 * * *", "en"), inWords("30 2 * * *", "zh")]).toEqual(["every day at 02:30", "每天 02:30"]));
  test("others in both languages", () => {
    expect(inWords("0 */6 * * *", "en")).toBe("on the hour, every 6 hours");
    expect(inWords("0 3 * * 1", "zh")).toContain("星期一");
  });
  test.each(["", "61 2 * * *", "30 2 * *", "* * * * * *", "nonsense"])("'%s' is no schedule", (text) => expect(inWords(text, "en")).toBeNull());
  test.each(["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30,31 2 *", "0 0 31 2-2 *", "0 0 30/1 2 */2"])("'%s' never comes", (text) => expect(neverComes(text)).toBe(true));
  test.each(["30 2 * * *", "0 0 29 2 *", "0 0 31 2 1", "0 0 31 2,3 *", "0 0 31 */2 *", "0 0 1-31 2 *", "*/15 * * * *"])("'%s' comes", (text) => expect(neverComes(text)).toBe(false));
  test("a time becomes a schedule", () => expect(daily("02:30")).toBe("30 2 * * *"));
});

describe("names", () => {
  test.each([["orders", true], ["a-1", true], ["1a", false], ["Orders", false], ["a-", false], ["", false], ["a".repeat(41), false]])("%s may be a name: %s", (name, is) => expect(isName(name)).toBe(is));
  test("the first that is free", () => expect(freeName("mysql", new Set(["mysql", "mysql-2"]))).toBe("mysql-3"));
  test("the console works behind a path", () => expect([basename("https://x/"), basename("https://x/db/console/")]).toEqual(["", "/db/console"]));
});

describe("lists", () => {
  const row = (namespace: string, name: string, health: "red" | "green" = "green") => ({ namespace, name, health });
  test("the worst first", () => expect([row("a", "x"), row("a", "y", "red")].sort(byHealth)[0]!.name).toBe("y"));
  test("two services of one name in two spaces are two", () => {
    const rows = [row("a", "x"), row("b", "x")];
    expect(withRow(rows, row("b", "x"), row("b", "x", "red"))).toEqual([row("a", "x"), row("b", "x", "red")]);
    expect(withRow(rows, row("a", "x"), null)).toEqual([row("b", "x")]);
    expect(withRow(rows, row("c", "x"), row("c", "x"))).toHaveLength(3);
  });
});

describe("snippets", () => {
  const uri = "mongodb://app:p%40ss'w@10.0.0.1:27017/app";
  const everything = Object.fromEntries(["uri", "host", "port", "username", "password", "database", "python-uri", "jdbc-uri", "go-uri", "node-uri"].map((key) => [key, `the ${key}`]));
  test("a shell takes any password", () => expect(quoted("a'b")).toBe("'a'\\''b'"));
  test("each language has the whole address", () => {
    for (const language of ["python", "java", "go", "node"] as const) expect(snippet("mongodb", language, { uri })).toContain(JSON.stringify(uri));
    expect(snippet("mongodb", "shell", { uri })).toContain(quoted(uri));
  });
  test("each engine has one in each language, with no place left empty", () => {
    for (const { key } of LANGUAGES) for (const engine of ["mongodb", "mysql"]) {
      expect(snippet(engine, key, everything), `${engine} ${key}`).toMatch(/the (uri|password|\w+-uri)/);
      expect(snippet(engine, key, everything)).not.toContain("$");
    }
  });
  test("no snippet is invented for a type that has none, nor with an entry that is missing", () => {
    expect(snippet("other", "python", { uri })).toBeNull();
    expect(snippet("mysql", "go", { uri })).toBeNull();
  });
  test("what the server covered stays readable in it", () => expect(snippet("mongodb", "node", { uri: "mongodb://app:••••••••@h" })).toContain('"mongodb://app:••••••••@h"'));
});

describe("who is sent back from the sign-in provider", () => {
  test.each([["?refused=provider-refused", "provider-refused"], ["?refused=Call+0800+555", "internal"], ["?refused=toString", "internal"], ["", null]])("%s shows %s", (search, code) =>
    expect(codeAtTheDoor(new URLSearchParams(search))).toBe(code));
});

describe("moments that can be restored", () => {
  const window = { start: "2026-11-20T00:00:00Z", end: "2026-11-30T00:00:00Z", gaps: [{ start: "2026-11-22T00:00:00Z", end: "2026-11-23T00:00:00Z" }] };
  test("inside, but not in a gap", () => {
    expect(isRestorable(window, "2026-11-21T12:00:00Z")).toBe(true);
    expect(isRestorable(window, "2026-11-22T12:00:00Z")).toBe(false);
    expect(isRestorable(window, "2026-12-01T00:00:00Z")).toBe(false);
    expect(isRestorable({ start: null, end: null, gaps: [] }, "2026-11-21T12:00:00Z")).toBe(false);
  });
  test("places on the line", () => {
    expect(place(window, "2026-11-25T00:00:00Z")).toBe(50);
    expect(gapParts(window)).toEqual([{ startPercent: 20, widthPercent: 10 }]);
  });
});

describe("log lines", () => {
  test.each([['{"s":"E"}', "error"], ["2026 [ERROR] x", "error"], ['{"s":"W"}', "warning"], ['{"s":"I","msg":"no errors"}', "other"]])("%s is %s", (line, bad) => expect(severity(line)).toBe(bad));
  test("filters by severity and words", () => {
    expect(isShown('{"s":"W"} Slow', "warning", "slow")).toBe(true);
    expect(isShown('{"s":"W"} Slow', "error", "")).toBe(false);
  });
});

describe("both languages", () => {
  const flat = (tree: object, path = ""): [string, string][] => Object.entries(tree).flatMap(([key, value]) => (typeof value === "string" ? [[`${path}${key}`, value] as [string, string]] : flat(value as object, `${path}${key}.`)));
  const english = flat(side(texts, 0));
  const chinese = new Map(flat(side(texts, 1)));
  test("every sentence is there in both, with the same places to fill in", () => {
    const places = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((found) => found[1]).sort();
    for (const [key, text] of english) {
      expect(text, key).not.toBe("");
      expect(chinese.get(key), key).toBeTruthy();
      expect(places(chinese.get(key)!), key).toEqual(places(text));
    }
  });
  test("each reason that the server can give for a refusal has a sentence, and each deed one for the audit list", () => {
    const codes: string[] = openapi.components.schemas.Code.enum;
    expect(codes.filter((code) => !(code in texts.problem))).toEqual([]);
    const changes = Object.values(openapi.paths).flatMap((path) => Object.entries(path).filter(([method]) => method !== "get").map(([, one]) => one.operationId));
    expect(changes.length).toBeGreaterThan(20);
    expect([...changes, "endOidc", "downloadBackup"].filter((name) => !(name in texts.deed))).toEqual([]);
  });
  test("English holds no Chinese but for the button that leads there", () => {
    const mixed = english.filter(([key, text]) => /[\u4e00-\u9fff]/.test(text) && key !== "shell.language");
    expect(mixed).toEqual([]);
  });
  test("the browser's language, until one is chosen", () => expect([firstLanguage(null, ["zh-TW"]), firstLanguage(null, ["de"]), firstLanguage("zh", ["en"])]).toEqual(["zh", "en", "zh"]));
});
