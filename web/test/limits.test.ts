import { expect, test } from "vitest";
import { filled, limitsOf, shown } from "../src/text/limits";

const quotas = [{ resource: "requests.cpu", hard: "20" }, { resource: "requests.memory", hard: "64Gi" }, { resource: "count/dataservices.moorage.dev", hard: "5" }, { resource: "pods", hard: "100" }];

test("who changes one limit keeps the others: the form begins with all of them", () => expect(filled({ ...limitsOf(quotas), cpu: "30" })).toEqual({ cpu: "30", memory: "64Gi", services: 5 }));
test("an emptied field is no limit", () => expect(filled({ ...limitsOf(quotas), memory: " ", services: undefined })).toEqual({ cpu: "20" }));
test("figures are those that people read", () => expect([shown("requests.cpu", "9400m"), shown("requests.memory", "41Gi"), shown("pods", "7")]).toEqual(["9.4", "41\u00a0GiB", "7"]));
