import { expect, test } from "vitest";
import { whyNew } from "../src/text/passwords";

const SEALED = { kind: "S3", isEncrypted: true };

test("old passwords come from a backup in an object store that encrypts, and nowhere else", () => {
  expect(whyNew(SEALED)).toBeUndefined();
  expect(whyNew({ ...SEALED, isEncrypted: false })).toBe("unencrypted");
  expect(whyNew({ ...SEALED, kind: "FileSystem" })).toBe("folder");
  expect(whyNew(undefined)).toBe("unknown");
});

test("a moment brings new ones, whatever the store holds", () => {
  expect(whyNew(SEALED, true)).toBe("moment");
});
