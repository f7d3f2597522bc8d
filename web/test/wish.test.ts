import { expect, test } from "vitest";
import { catalog, detail, services } from "../dev/fixtures";
import { changeOf, settingsOf, wishOf, type DeployForm } from "../src/text/wish";

const form: DeployForm = {
  name: "orders", space: "shop", letter: "M", version: "8.0", members: 3, arbiter: false, cpu: "", memory: "", storage: "", expose: "LoadBalancer", onDelete: "Retain",
  protected: false, backup: true, schedule: "30 2 * * *", keepDays: 7, pointInTime: true, parameters: [],
};
const mongodb = catalog[0]!;

test("a size stands for its figures", () => expect(wishOf(mongodb, form)).toMatchObject({ cpu: "2", memory: "4Gi", storage: "50Gi" }));
test("own figures are sent as they are", () => expect(wishOf(mongodb, { ...form, letter: "own", cpu: "3", memory: "5Gi", storage: "7Gi" })).toMatchObject({ cpu: "3", memory: "5Gi", storage: "7Gi" }));
test("what is the default is left out, so that the catalogue's can change", () => {
  const wish = wishOf(mongodb, form);
  for (const key of ["members", "expose", "onDelete", "protected", "parameters", "arbiter", "storageClass"] as const) expect(wish[key], key).toBeUndefined();
  expect(wish.backup).toEqual({ schedule: "30 2 * * *", keepDays: 7 });
});
test("with an arbiter the engine counts the members", () => expect(wishOf(mongodb, { ...form, arbiter: true, members: 5 })).toMatchObject({ arbiter: true, members: undefined }));
test("without a backup only that is said", () => expect(wishOf(mongodb, { ...form, backup: false }).backup).toEqual({ enabled: false }));
test("without the log only backups can be restored, and that is said", () => expect(wishOf(mongodb, { ...form, pointInTime: false }).backup).toMatchObject({ pointInTime: false }));
test("a setting without a value is not sent", () => expect(wishOf(mongodb, { ...form, parameters: [{ key: "a", value: "" }, { key: "b", value: " 1 " }] }).parameters).toEqual({ b: "1" }));

const now = settingsOf(detail(services(7).find((row) => row.name === "orders")!, false).service, 3);
test("who changes nothing sends nothing", () => expect(changeOf(now, { ...now })).toEqual({ wish: {}, changes: [] }));
test("only what a person changed is sent", () => {
  const { wish, changes } = changeOf(now, { ...now, memory: " 4Gi ", members: 5, keepDays: 30 });
  expect(wish).toEqual({ memory: "4Gi", members: 5, backup: { keepDays: 30 } });
  expect(changes.map((one) => one.field)).toEqual(["members", "memory", "keepDays"]);
});
test("all settings of the engine are sent when one is changed: what is left out goes back to its default", () => {
  const more = { ...now, parameters: [...now.parameters, { key: "net.maxIncomingConnections", value: "500" }] };
  expect(changeOf(now, more).wish).toEqual({ parameters: { "operationProfiling.slowOpThresholdMs": "200", "net.maxIncomingConnections": "500" } });
  expect(changeOf(now, { ...now, parameters: [] })).toEqual({ wish: { parameters: {} }, changes: [{ field: "operationProfiling.slowOpThresholdMs", before: "200", after: undefined }] });
});
test("what is emptied stays, since nothing can say 'none'", () => expect(changeOf({ ...now, timeZone: "UTC" }, { ...now, timeZone: undefined }).wish).toEqual({}));
test("turning backups off says nothing of their schedule", () => expect(changeOf(now, { ...now, backup: false, schedule: "" }).wish).toEqual({ backup: { enabled: false } }));
