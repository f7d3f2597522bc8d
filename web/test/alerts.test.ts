import { describe, expect, test } from "vitest";
import { alerts } from "../dev/fixtures";
import { holds, severityOf, SILENCE_S_MAX, silenceSeconds, subject } from "../src/text/alerts";

const NOW = Date.parse("2026-11-28T10:00:00Z");

describe("a silence", () => {
  test.each([["hour", 3_600], ["hours", 14_400], ["day", 86_400]] as const)("of a %s lasts %d s", (choice, seconds) => expect(silenceSeconds(choice, "", NOW)).toBe(seconds));
  test("lasts until the moment that was chosen", () => expect(silenceSeconds("own", "2026-11-28T10:30:00Z", NOW)).toBe(1_800));
  test.each([["one that is over", "2026-11-28T09:00:00Z"], ["one that is too near", "2026-11-28T10:00:59Z"], ["one that is too far", new Date(NOW + (SILENCE_S_MAX + 1) * 1_000).toISOString()], ["none", ""]])("ends at no moment such as %s", (_, until) => expect(silenceSeconds("own", until, NOW)).toBeNull());
});

test("a severity of somebody's own is shown as such, and never as one that nobody has to look at", () => expect(["critical", "warning", "info", "page", ""].map(severityOf)).toEqual(["critical", "warning", "info", "other", "other"]));
test("an alert names its space, its service or store, and its member", () => {
  expect(subject({ space: "shop", service: "orders", store: "", member: "orders-g1-0" })).toBe("shop/orders/orders-g1-0");
  expect(subject({ space: "shop", service: "", store: "main", member: "" })).toBe("shop/main");
  expect(subject({ space: "", service: "", store: "", member: "" })).toBe("");
});
test("a search holds when each of its words does", () => {
  const [red, messages] = alerts.items;
  expect(holds(red!, "cannot serve", "shop SERVE")).toBe(true);
  expect(holds(red!, "cannot serve", "bank serve")).toBe(false);
  expect(holds(messages!, "", "")).toBe(true);
});
