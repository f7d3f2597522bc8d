/** One event stream for the tab. What changed goes straight into the cache that the pages read. */

import { useQueryClient, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { base, type Schemas } from "../api/client";
import { ask } from "../api/queries";
import { withRow } from "../text/order";
import { Gone } from "./gone";

export interface Liveness { isLive: boolean; whyStale: string }
const Live = createContext<Liveness>({ isLive: true, whyStale: "" });
export const useLive = () => useContext(Live);

const GATHER_MS = 250;
/** The server says at least each 10 s that it lives. */
const SILENT_MS = 25_000;
const FALLBACK_MS = 30_000;

interface StreamEvent { space: string; name: string; row: Record<string, unknown> | null; whyStale: string }

export function LiveUpdates({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [liveness, setLiveness] = useState<Liveness>({ isLive: true, whyStale: "" });
  useEffect(() => follow(client, setLiveness), [client]);
  useEffect(() => {
    if (liveness.isLive) return;
    const timer = setInterval(() => void client.invalidateQueries(), FALLBACK_MS);
    return () => clearInterval(timer);
  }, [liveness.isLive, client]);
  return <Live value={liveness}>{children}</Live>;
}

/** Starts at the position of a list, so that nothing between list and stream is missed. Gives what stops it. */
function follow(client: QueryClient, tell: (liveness: Liveness) => void): () => void {
  const gone = new Gone();
  const gathered = new Gathered(client, gone);
  let source: EventSource | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  const heard = (whyStale = "") => {
    clearTimeout(silence);
    silence = setTimeout(() => tell({ isLive: false, whyStale: "" }), SILENT_MS);
    tell({ isLive: whyStale === "", whyStale });
  };
  const open = (position: string) => {
    if (isOver) return;
    const started = Date.now();
    source = new EventSource(`${base}/api/v1/stream?after=${encodeURIComponent(position)}`);
    source.onopen = () => {
      heard();
      void client.invalidateQueries({
        predicate: (query) => query.queryKey[0] !== "services" && query.queryKey[0] !== "session" && query.state.dataUpdatedAt < started,
      });
    };
    source.onerror = () => {
      tell({ isLive: false, whyStale: "" });
      if (source?.readyState === EventSource.CLOSED) setTimeout(() => void start(), 5_000);
    };
    const on = (topic: string, act: (event: StreamEvent) => void) =>
      source!.addEventListener(topic, (message) => {
        const event = JSON.parse((message as MessageEvent<string>).data) as StreamEvent;
        heard(event.whyStale);
        act(event);
      });
    on("service", (event) => {
      client.setQueryData(ask.services().queryKey, (list) =>
        list && { ...list, items: withRow(list.items, { namespace: event.space, name: event.name }, event.row as Schemas["ServiceRow"] | null) });
      if (event.row) gone.isBack(event.space, event.name);
      else gone.add(client, event.space, event.name);
      gathered.add(["overview"], ...(event.row ? [["service", event.space, event.name], ["manifest", event.space, event.name]] : [["deleted"]]));
    });
    on("backup", (event) => gathered.add(["backups", event.space], ["service", event.space]));
    on("restore", (event) => gathered.add(["restores", event.space], ["service", event.space]));
    on("store", () => gathered.add(["stores"]));
    on("hosts", () => gathered.add(["hosts"]));
    on("spaces", () => gathered.add(["spaces"]));
    on("beat", () => undefined);
    on("reset", () => void client.invalidateQueries());
    on("end", () => {
      source?.close();
      void client.resetQueries({ queryKey: ["session"] });
    });
  };
  const start = async () => {
    try {
      open((await client.ensureQueryData(ask.services())).position);
    } catch {
      tell({ isLive: false, whyStale: "" });
      if (!isOver) setTimeout(() => void start(), 5_000);
    }
  };
  void start();
  return () => {
    isOver = true;
    source?.close();
    clearTimeout(silence);
    gathered.stop();
  };
}

/** Many changes at once become one question for each thing that is shown. */
class Gathered {
  private keys = new Map<string, QueryKey>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: QueryClient, private readonly gone: Gone) {}

  add(...keys: QueryKey[]): void {
    for (const key of keys) this.keys.set(JSON.stringify(key), key);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const wanted = [...this.keys.values()];
      this.keys.clear();
      for (const queryKey of wanted) void this.client.invalidateQueries({ queryKey, predicate: this.gone.mayBe });
    }, GATHER_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
