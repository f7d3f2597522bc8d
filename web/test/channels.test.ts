import { expect, test } from "vitest";
import { blank, formOf, hostOf, isName, keptOf, KINDS, secretOf, toOf, useOf, wishOf, type Channel, type ChannelForm } from "../src/text/channels";

const dba: Channel = { name: "dba", kind: "dingtalk", place: "dingtalk at oapi.dingtalk.com", url: "", hasSecret: true, language: "zh", zone: "Asia/Shanghai", to: ["13800000000"], sender: "", user: "", spaces: ["shop"], services: [], severities: ["critical"], muted: false, isInUse: true, latest: null };
const mail: Channel = { ...dba, name: "mail", kind: "mail", place: "mail at mail.example", url: "smtps://mail.example", to: ["li@example.com"], sender: "m@example.com", user: "moorage" };
const slack: Channel = { ...dba, name: "chat", kind: "slack", to: ["#dba"] };
const form = (more: Partial<ChannelForm>): ChannelForm => ({ ...blank("en", "UTC"), name: "x", ...more });

test("a channel that is opened and saved untouched is sent as it is, and of its secrets nothing", () => {
  for (const one of [dba, mail, slack]) {
    const { name: _, place: __, hasSecret: ___, isInUse: ____, latest: _____, ...same } = one;
    expect(wishOf(formOf(one), one), one.kind).toEqual({ ...same, secret: "", dropsSecret: false });
  }
});
test("both severities are sent as all, so that one that is added later is told, too", () => expect([wishOf(form({}), undefined).severities, wishOf(form({ severities: ["warning"] }), undefined).severities]).toEqual([[], ["warning"]]));
test("a secret is dropped when somebody says so, and not sent beside that", () => expect(wishOf({ ...formOf(dba), dropsSecret: true, secret: "SEC" }, dba)).toMatchObject({ secret: "", dropsSecret: true }));
test("nothing is dropped that is not there", () => expect(wishOf(form({ kind: "webhook", dropsSecret: true, secret: "key" }), { ...dba, hasSecret: false })).toMatchObject({ secret: "key", dropsSecret: false }));
test("Slack's bot that becomes a webhook gives up token and chat", () => {
  const asBot = formOf(slack);
  expect(asBot.way).toBe("bot");
  expect(wishOf({ ...asBot, way: "webhook", url: " https://hooks.slack.com/services/x " }, slack)).toMatchObject({ url: "https://hooks.slack.com/services/x", secret: "", dropsSecret: true, to: [] });
});
test("mail without a user gives its password up, and one without a sign-in has none", () => {
  expect(wishOf({ ...formOf(mail), user: "" }, mail)).toMatchObject({ user: "", dropsSecret: true });
  expect(wishOf(form({ kind: "mail" }), undefined)).toMatchObject({ secret: "", dropsSecret: false });
});
test("a password without its user is sent, so that the missing user is asked for", () => expect(wishOf(form({ kind: "mail", secret: "p" }), undefined)).toMatchObject({ secret: "p", user: "" }));
test("what another kind had is not sent: neither whom to mention nor a sender", () => expect(wishOf(form({ kind: "wecom", to: ["13800000000"], sender: "m@example.com", user: "m", secret: "s" }), undefined)).toMatchObject({ to: [], sender: "", user: "", secret: "" }));
test("a channel that becomes another kind keeps no secret", () => expect([keptOf({ kind: "feishu" }, dba), keptOf({ kind: "dingtalk" }, dba), keptOf({ kind: "dingtalk" }, undefined)]).toEqual([undefined, dba, undefined]));
test("every kind has its fields", () => {
  expect(KINDS.map((kind) => [kind, secretOf({ kind, way: "webhook" }), toOf({ kind, way: "webhook" })])).toEqual([
    ["slack", null, null], ["dingtalk", "signing", "phones"], ["wecom", null, null], ["feishu", "signing", null], ["mail", "password", "addresses"], ["telegram", "token", "chat"], ["webhook", "signing", null],
  ]);
  expect([secretOf({ kind: "slack", way: "bot" }), toOf({ kind: "slack", way: "bot" })]).toEqual(["token", "chat"]);
});
test("what the relay does not use yet is said before that it is muted", () => expect([useOf({ muted: true, isInUse: false }), useOf({ muted: true, isInUse: true }), useOf({ muted: false, isInUse: true }), useOf({ muted: false, isInUse: null })]).toEqual(["soon", "muted", "used", "unknown"]));
test("a name is what the server takes", () => expect(["dba", "2", "on-call", "", "-a", "DBA", "a".repeat(41)].map(isName)).toEqual([true, true, true, false, false, false, false]));
test("of a place its host is shown", () => expect(hostOf(dba)).toBe("oapi.dingtalk.com"));
