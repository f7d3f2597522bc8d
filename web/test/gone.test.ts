import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";

vi.stubGlobal("document", { baseURI: "http://console/" });
const { Gone } = await import("../src/app/gone");
const { Refusal } = await import("../src/api/client");

function watched(name: string) {
  const client = new QueryClient();
  const asked = vi.fn(() => Promise.resolve("there"));
  const observer = new QueryObserver(client, { queryKey: ["service", "shop", name], queryFn: asked, retry: false });
  observer.subscribe(() => undefined);
  return { client, asked, observer, gone: new Gone() };
}

test("a service that is known to be gone is not asked for again, and is shown as not found", async () => {
  const { client, asked, observer, gone } = watched("orders");
  await observer.refetch();
  const before = asked.mock.calls.length;
  gone.add(client, "shop", "orders");
  await client.invalidateQueries({ queryKey: ["service", "shop"], predicate: gone.mayBe });
  expect(asked.mock.calls.length).toBe(before);
  expect(observer.getCurrentResult().data).toBeUndefined();
  expect((observer.getCurrentResult().error as InstanceType<typeof Refusal>).code).toBe("not-found");
});
test("its neighbours are asked for as before", async () => {
  const { client, asked, observer, gone } = watched("payments");
  await observer.refetch();
  const before = asked.mock.calls.length;
  gone.add(client, "shop", "orders");
  await client.invalidateQueries({ queryKey: ["service", "shop"], predicate: gone.mayBe });
  expect(asked.mock.calls.length).toBe(before + 1);
});
test("one that comes back under its name is asked for again", async () => {
  const { client, observer, gone } = watched("orders");
  await observer.refetch();
  gone.add(client, "shop", "orders");
  gone.isBack("shop", "orders");
  await client.invalidateQueries({ queryKey: ["service", "shop", "orders"], predicate: gone.mayBe });
  expect(observer.getCurrentResult().data).toBe("there");
});
