import { expect, test } from "vitest";
import { catalog } from "../dev/fixtures";
import { changedOnly, wishOf, type DeployForm } from "../src/text/wish";

const form: DeployForm = {
  name: "orders", space: "shop", letter: "M", version: "8.0", members: 3, arbiter: false, cpu: "", memory: "", storage: "", expose: "LoadBalancer", onDelete: "Retain",
  protected: false, backup: true, schedule: "30 2 * * *", keepDays: 7, parameters: [],
};
const mongodb = catalog[0]!;

test("a size stands for its figures", () => expect(wishOf(mongodb, form)).toMatchObject({ cpu: "2", memory: "4Gi", storage: "50Gi" }));
test("own figures are sent as they are", () => expect(wishOf(mongodb, { ...form, letter: "own", cpu: "3", memory: "5Gi", storage: "7Gi" })).toMatchObject({ cpu: "3", memory: "5Gi", storage: "7Gi" }));
test("what is the default is left out, so that the catalogue's can change", () => {
  const wish = wishOf(mongodb, form);
  for (const key of ["members", "expose", "onDelete", "protected", "parameters", "arbiter", "storageClass"] as const) expect(wish[key], key).toBeUndefined();
});
test("with an arbiter the engine counts the members", () => expect(wishOf(mongodb, { ...form, arbiter: true, members: 5 })).toMatchObject({ arbiter: true, members: undefined }));
test("without a backup only that is said", () => expect(wishOf(mongodb, { ...form, backup: false }).backup).toEqual({ enabled: false }));
test("a setting without a value is not sent", () => expect(wishOf(mongodb, { ...form, parameters: [{ key: "a", value: "" }, { key: "b", value: " 1 " }] }).parameters).toEqual({ b: "1" }));
test("only what a person changed is sent", () => expect(changedOnly({ cpu: "1", memory: "2Gi" }, { cpu: "1", memory: "4Gi" })).toEqual({ memory: "4Gi" }));
