/**
 * Every page in a real browser, built and under the server's own policy, against the fixtures: axe, width, the policy, the
 * console's errors, requests to other hosts, and a picture of each. `npm run build && npm run pages -- [FOLDER] [WORD]`.
 */

import { mkdir, readFile } from "node:fs/promises";
import { chromium } from "playwright-core";
import { preview } from "vite";

const [folder = "pictures", word = ""] = process.argv.slice(2);
const PREFIX = "/console/at";
const PORT = 5175;
const AT = `http://127.0.0.1:${PORT}${PREFIX}`;
process.env.MOORAGE_PREFIX = PREFIX;

const WIDE = { width: 1440, height: 900 };
const MIDDLE = { width: 768, height: 1024 };
const NARROW = { width: 380, height: 780 };
const usual = { path: "/", scenario: "usual", language: "en", theme: "light", size: WIDE };
const PAGES = [
  ["sign-in", "/", { scenario: "out" }], ["first-password", "/", { scenario: "first" }],
  ["overview", "/"], ["market", "/market"], ["market-detail", "/market/mongodb"], ["deploy", "/market/mongodb/deploy"],
  ["progress", "/services/analytics/events/progress"], ["ready", "/services/shop/orders/progress"], ["ready-mysql", "/services/shop/payments/progress"], ["services", "/services"],
  ["service", "/services/shop/orders"], ["service-down", "/services/shop/payments"], ["backups", "/services/shop/orders/backups"], ["monitoring", "/services/shop/orders/monitoring"],
  ["events", "/services/shop/orders/events"], ["logs", "/services/shop/orders/logs"], ["yaml", "/services/shop/orders/yaml"],
  ["charts", "/charts"], ["alerts", "/alerts"], ["channels", "/alerts/channels"], ["channel", "/alerts/channels/dba/edit"], ["channel-new", "/alerts/channels/new"], ["hosts", "/hosts"], ["spaces", "/spaces"], ["accounts", "/accounts"], ["sessions", "/accounts/sessions"], ["tokens", "/accounts/tokens"], ["audit", "/accounts/audit"], ["settings", "/settings"],
];
const VARIANTS = [["en", {}], ["zh-dark", { language: "zh", theme: "dark" }], ["middle", { size: MIDDLE }], ["zh-narrow", { language: "zh", size: NARROW }]];
const STATES = [
  ["overview-empty", "/", { scenario: "empty" }], ["services-empty", "/services", { scenario: "empty" }], ["services-many", "/services", { scenario: "many" }],
  ["services-failing", "/services", { scenario: "failing" }], ["service-reader", "/services/shop/orders", { scenario: "reader" }], ["accounts-reader", "/accounts", { scenario: "reader" }], ["not-found", "/nowhere", {}],
  ["charts-none-yet", "/charts", { scenario: "empty" }], ["charts-not-set-up", "/charts", { scenario: "reader", language: "zh" }], ["charts-away", "/charts", { scenario: "failing" }],
  ["charts-as-table", "/services/shop/orders/monitoring", { size: NARROW, act: (page) => page.getByRole("switch", { name: "As tables" }).click() }],
  ["settings-empty", "/settings", { scenario: "empty" }],
  ["alerts-silenced", "/alerts/silenced", {}], ["alerts-history", "/alerts/history", { language: "zh" }], ["alerts-silenced-narrow", "/alerts/silenced", { size: NARROW }],
  ["alerts-empty", "/alerts", { scenario: "empty" }], ["settings-reader", "/settings", { scenario: "reader" }],
  ["alert-details", "/alerts", { language: "zh", act: (page) => page.getByRole("button", { name: /无法提供服务/ }).first().click() }],
  ["alert-silence", "/alerts", { act: async (page) => {
    await page.getByRole("button", { name: "Silence: MoorageServiceRed" }).click();
    await page.getByText("Until …").click();
    await page.getByRole("dialog").getByRole("button", { name: "Silence" }).click();
    await page.getByText("A moment between").waitFor();
  } }],
  ["alert-acknowledge-narrow", "/alerts", { size: NARROW, theme: "dark", act: (page) => page.getByRole("button", { name: "Acknowledge: MoorageServiceRed" }).click() }],
  ["channels-empty", "/alerts/channels", { scenario: "empty" }], ["channels-reader", "/alerts/channels", { scenario: "reader" }], ["channels-refused", "/alerts/channels", { scenario: "refusing", language: "zh" }],
  ["channel-reader", "/alerts/channels/dba/edit", { scenario: "reader" }], ["channel-mail", "/alerts/channels/duty/edit", {}], ["channel-mail-narrow", "/alerts/channels/duty/edit", { size: NARROW, theme: "dark", language: "zh" }],
  ["channel-log", "/alerts/channels", { act: (page) => page.getByRole("button", { name: "Messages: dba" }).click() }],
  ["channel-test", "/alerts/channels", { language: "zh", act: async (page) => {
    await page.getByRole("button", { name: "发送测试: dba" }).click();
    await page.getByText("sign not match").waitFor();
  } }],
  ["channel-wrong", "/alerts/channels/new", { language: "zh", size: NARROW, act: async (page) => {
    await page.getByLabel("名称", { exact: true }).fill("dba");
    await page.getByLabel("名称", { exact: true }).fill("night");
    await page.getByLabel("Webhook 地址").fill("here");
    await page.getByRole("button", { name: "发送测试" }).click();
    await page.getByText("地址无法使用").waitFor();
  } }],
  ["channel-tried", "/alerts/channels/new", { act: async (page) => {
    await page.getByLabel("Name", { exact: true }).fill("night");
    await page.getByRole("button", { name: "Send test" }).click();
    await page.getByText("night took the test message").waitFor();
  } }],
  ["channel-old", "/alerts/channels/dba/edit", { theme: "dark", act: async (page) => {
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Start over" }).waitFor();
  } }],
  ["channel-delete-narrow", "/alerts/channels", { size: NARROW, language: "zh", act: (page) => page.getByRole("button", { name: "删除: dba" }).click() }],
  ["keys-help", "/", { act: (page) => page.keyboard.press("?") }],
  ["delete", "/services/shop/orders", { act: (page) => page.getByRole("button", { name: "Delete", exact: true }).click() }],
  ["recycle-bin", "/services", { language: "zh", act: (page) => page.getByRole("button", { name: "回收站" }).click() }],
  ["delete-for-good", "/services", { size: NARROW, theme: "dark", act: async (page) => {
    await page.getByRole("button", { name: "Recycle bin" }).click();
    await page.getByRole("button", { name: "Delete for good: shop/old-orders" }).click();
  } }],
  ["recover", "/services/shop/payments", { language: "zh", act: async (page) => {
    await page.getByRole("button", { name: "仅保留此成员: datanode1" }).click();
    await page.getByText("goes on alone").waitFor();
  } }],
  ["restart", "/services/shop/orders", { act: (page) => page.getByRole("button", { name: "Restart all" }).click() }],
  ["restore", "/services/shop/orders/backups", { act: async (page) => {
    await page.getByRole("button", { name: "Restore", exact: true }).first().click();
    await page.getByRole("radio", { name: "A moment" }).click();
    await page.getByRole("radio", { name: "This service, in place" }).click();
  } }],
  ["edit", "/services/shop/orders", { language: "zh", act: edit("编辑", "内存", "8Gi") }],
  ["edit-schedule", "/services/shop/orders/backups", { act: (page) => page.getByRole("button", { name: "Edit: Schedule" }).click() }],
  ["edit-narrow", "/services/shop/orders", { size: NARROW, theme: "dark", act: edit("Edit", "Memory", "8Gi") }],
  ["download", "/services/shop/orders/backups", { act: (page) => page.getByRole("button", { name: "Download: orders-20261127-0230" }).click() }],
  ["deploy-no-room", "/market/mongodb/deploy", { act: async (page) => {
    await page.getByText("L · Large").click();
    await page.getByText("has no default store").waitFor();
  } }],
  ["deploy-refused", "/market/mongodb/deploy", { scenario: "refusing", act: (page) => page.getByText("is no cron expression").waitFor() }],
  ["deploy-settings", "/market/mongodb/deploy", { language: "zh", theme: "dark", act: async (page) => {
    await page.getByRole("button", { name: /高级设置/ }).click();
    await page.getByRole("button", { name: "添加参数" }).click();
    await page.getByRole("combobox", { name: "名称" }).click();
    await page.getByTitle("net.maxIncomingConnections").click();
    await page.getByRole("textbox", { name: "值" }).fill("few");
    await page.getByText("允许的值").waitFor();
  } }],
  ["market-category", "/market?category=document", { language: "zh" }],
  ["account-edit", "/accounts", { act: (page) => page.getByRole("button", { name: "Edit: li" }).click() }],
  ["audit-older", "/accounts/audit", { act: async (page) => {
    await page.getByRole("button", { name: "Show older ones" }).click();
    await page.getByText("That is all").waitFor();
  } }],
  ["sessions-reader", "/accounts/sessions", { scenario: "reader" }],
  ["store-known", "/settings", { act: (page) => page.getByRole("button", { name: "2 services: kodo" }).click() }],
  ["deploy-advanced", "/market/mongodb/deploy", { act: (page) => page.getByRole("button", { name: /Advanced/ }).click() }],
  ["add-store", "/settings", { act: (page) => page.getByRole("button", { name: "Add a store" }).click() }],
  ["space", "/spaces", { act: (page) => page.getByRole("button", { name: "shop", exact: true }).click() }],
  ["menu-narrow", "/", { size: NARROW, act: (page) => page.getByRole("button", { name: "Open the menu" }).click() }],
];
/** Opens the settings and changes one. */
function edit(button, field, value) {
  return async (page) => {
    await page.getByRole("button", { name: button, exact: true }).click();
    await page.getByRole("textbox", { name: field }).fill(value);
  };
}

const cases = [
  ...PAGES.flatMap(([name, path, more]) => VARIANTS.map(([suffix, other]) => ({ ...usual, ...other, ...more, path, name: `${name}-${suffix}` }))),
  ...STATES.map(([name, path, more]) => ({ ...usual, ...more, path, name })),
];

const axe = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
await mkdir(folder, { recursive: true });
const server = await preview({ preview: { host: "127.0.0.1", port: PORT, strictPort: true }, logLevel: "error" });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** Whatever is wrong with a page, a line each. */
async function look(one) {
  const context = await browser.newContext({ viewport: one.size, reducedMotion: "reduce", bypassCSP: false });
  await context.addCookies([{ name: "scenario", value: one.scenario, url: `http://127.0.0.1:${PORT}` }]);
  await context.addInitScript(([language, theme]) => {
    localStorage.setItem("moorage.language", language);
    localStorage.setItem("moorage.theme", theme);
  }, [one.language, one.theme]);
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (said) => {
    const isExpected = /status of (401|403|404|409|422|503)/.test(said.text());
    if (["error", "warning"].includes(said.type()) && !isExpected) wrong.push(`console: ${said.text().slice(0, 300)}`);
  });
  page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
  page.on("request", (asked) => {
    if (!asked.url().startsWith(AT) && !/^(blob|data):/.test(asked.url())) wrong.push(`asks elsewhere: ${asked.url()}`);
  });
  try {
    await page.goto(`${AT}${one.path}`);
    await page.locator("h1").first().waitFor({ timeout: 60_000 }).catch(() => wrong.push("no heading"));
    await page.locator(".ant-skeleton, .ant-spin-spinning").first().waitFor({ state: "detached", timeout: 30_000 }).catch(() => wrong.push("still loading"));
    if (one.act) await one.act(page);
    await page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== "running" || a.effect?.getTiming().iterations === Infinity));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overflow > 0) wrong.push(`${overflow} px wider than the screen`);
    await page.screenshot({ path: `${folder}/${one.name}.png`, fullPage: !one.act });
    const found = await (await context.newCDPSession(page)).send("Runtime.evaluate", {
      expression: `${axe}; axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }).then((r) => JSON.stringify(r.violations.map((v) => ({ id: v.id, nodes: v.nodes.slice(0, 4).map((n) => n.target.join(" ") + " | " + n.html.slice(0, 160) + " | " + (n.any[0]?.message ?? "")) }))))`,
      awaitPromise: true, returnByValue: true,
    });
    for (const violation of JSON.parse(found.result.value)) wrong.push(`axe ${violation.id}: ${violation.nodes.join("\n      ")}`);
  } catch (error) {
    wrong.push(`broke: ${String(error).slice(0, 300)}`);
  }
  await context.close();
  return [...new Set(wrong)];
}

let failed = 0;
const wanted = cases.filter((one) => new RegExp(word).test(one.name));
for (const one of wanted) {
  const wrong = await look(one);
  if (wrong.length > 0) {
    failed += 1;
    console.log(`FAILED ${one.name}\n    ${wrong.join("\n    ")}`);
  }
}
await browser.close();
await server.close();
console.log(`${wanted.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 || wanted.length === 0 ? 1 : 0);
