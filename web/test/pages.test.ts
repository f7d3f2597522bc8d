import { expect, test } from "vitest";
import { PAGES, pageAt } from "../src/app/pages";

test("each page of the navigation is the one that its own address, and what is below it, belongs to", () => {
  for (const page of PAGES) expect([pageAt(page.path), pageAt(`${page.path}/below`.replace("//", "/"))], page.path).toEqual([page, page.path === "/" ? undefined : page]);
});
test("an address that no page has is nobody's: nothing is marked as the place where one is", () => {
  for (const path of ["/nowhere", "/servicesx", "/market-place/x"]) expect(pageAt(path), path).toBeUndefined();
});
