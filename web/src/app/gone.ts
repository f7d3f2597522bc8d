/** Services that are known to be gone: nothing asks for them again until they are back. */

import type { Query, QueryClient, QueryKey } from "@tanstack/react-query";
import { Refusal } from "../api/client";

const TOPIC = "service";
const id = (key: QueryKey) => key.slice(0, 3).join("/");

export class Gone {
  private readonly keys = new Set<string>();

  /** What pages show of it becomes the refusal that the server would give. */
  add(client: QueryClient, space: string, name: string): void {
    const queryKey = [TOPIC, space, name];
    this.keys.add(id(queryKey));
    void client.cancelQueries({ queryKey });
    const error = new Refusal("not-found", "", { what: TOPIC, name, space }, [], 404);
    for (const query of client.getQueryCache().findAll({ queryKey })) query.setState({ data: undefined, status: "error", error, fetchStatus: "idle", isInvalidated: false });
  }

  isBack(space: string, name: string): void {
    this.keys.delete(id([TOPIC, space, name]));
  }

  /** For whoever asks again: whether it may be there. */
  mayBe = (query: Query): boolean => !this.keys.has(id(query.queryKey));
}
