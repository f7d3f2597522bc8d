import { expect, test } from "vitest";
import { placed, type Place } from "../src/text/causes";

const there: Place[] = [["name"], ["space"], ["cpu"], ["memory"], ["storage"], ["version"], ["members"], ["timeZone"], ["backup"], ["schedule"], ["keepDays"], ["parameters", 0, "key"], ["parameters", 0, "value"], ["parameters", 1, "value"]];
const rows = [{ key: "net.maxIncomingConnections", value: "few" }, { key: "slow", value: "1" }];
const of = (...fields: string[]) => placed(fields.map((field) => ({ field, message: `no: ${field}` })), there, rows);

test("what Kubernetes refuses stands beside the field that it is of", () => {
  for (const [field, place] of [
    ["metadata.name", "name"], ["spec.storage.size", "storage"], ["spec.resources.memory", "memory"], ["spec.resources.cpu", "cpu"], ["spec.version", "version"], ["spec.members", "members"],
    ["spec.timeZone", "timeZone"], ["spec.backup.schedule", "schedule"], ["spec.backup.keepDays", "keepDays"],
  ] as const) expect(of(field), field).toEqual({ beside: [{ place: [place], sentences: [`no: ${field}`] }], rest: [] });
});
test("what the console's server refuses too, though it calls the field otherwise", () => expect(of("body.memory", "body.backup.keepDays").beside.map((one) => one.place)).toEqual([["memory"], ["keepDays"]]));
test("a refused setting stands beside its value, whichever row it is in", () => expect(of("spec.parameters.slow", "body.parameters.net.maxIncomingConnections").beside.map((one) => one.place)).toEqual([["parameters", 0, "value"], ["parameters", 1, "value"]]));
test("the first one is the first on the page, not in the answer", () => expect(of("spec.timeZone", "metadata.name").beside.map((one) => one.place)).toEqual([["name"], ["timeZone"]]));
test("two sentences about one field both stand there", () => expect(of("spec.members", "spec.members").beside).toEqual([{ place: ["members"], sentences: ["no: spec.members", "no: spec.members"] }]));
test("what is of a size that a letter stands for is said beside the letters", () => {
  const causes = [{ field: "spec.resources.memory", message: "too small" }];
  expect(placed(causes, [["name"], ["letter"]], []).beside).toEqual([{ place: ["letter"], sentences: ["too small"] }]);
});
test("nothing is lost: what no field stands for is the rest, with the name of what it is of", () => {
  expect(of("spec.image", "", "spec.parameters.gone", "spec.arbiter")).toEqual({ beside: [], rest: ["spec.image: no: spec.image", "no: ", "spec.parameters.gone: no: spec.parameters.gone", "spec.arbiter: no: spec.arbiter"] });
});
