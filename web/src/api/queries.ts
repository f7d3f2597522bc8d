/** What pages ask for, each under one key; the event stream writes into the same cache. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ends, refreshMs, type Range } from "../text/charts";
import { api, got, Refusal, type Schemas } from "./client";

const AUDIT_PAGE = 200;
/** Alertmanager tells no browser what changed. */
const ALERTS_MS = 15_000;
const CHANNELS_MS = 10_000;
const of = (space: string, name: string) => ({ params: { path: { space, name } } });

/** Whose charts: one service's, or those of a page. */
export type ChartsOf = { space: string; name: string } | { about: Schemas["ChartPage"] };
/** Who asks again gets the same. */
const mayPass = (count: number, error: Error) => count < 2 && error instanceof Refusal && error.code === "network";
const from = (range: Range) => {
  const [start, end] = ends(range, Date.now());
  return { from: new Date(start * 1000).toISOString(), to: new Date(end * 1000).toISOString() };
};

export const ask = {
  session: () => queryOptions({ queryKey: ["session"], queryFn: () => got(api.GET("/api/v1/session")), retry: false, staleTime: Infinity }),
  ways: () => queryOptions({ queryKey: ["ways"], queryFn: () => got(api.GET("/api/v1/sign-in")) }),
  overview: () => queryOptions({ queryKey: ["overview"], queryFn: () => got(api.GET("/api/v1/overview")) }),
  about: () => queryOptions({ queryKey: ["about"], queryFn: () => got(api.GET("/api/v1/about")) }),
  catalog: () => queryOptions({ queryKey: ["catalog"], queryFn: () => got(api.GET("/api/v1/catalog")), staleTime: Infinity }),
  services: () => queryOptions({ queryKey: ["services"], queryFn: () => got(api.GET("/api/v1/services")) }),
  // space and name are both in the key: two services of one name never see each other's
  service: (space: string, name: string) =>
    queryOptions({ queryKey: ["service", space, name], queryFn: () => got(api.GET("/api/v1/services/{space}/{name}", of(space, name))) }),
  progress: (space: string, name: string) =>
    queryOptions({ queryKey: ["service", space, name, "progress"], queryFn: () => got(api.GET("/api/v1/services/{space}/{name}/progress", of(space, name))) }),
  connection: (space: string, name: string, user: Schemas["User"]) =>
    queryOptions({
      queryKey: ["connection", space, name, user], gcTime: 0,
      queryFn: () => got(api.GET("/api/v1/services/{space}/{name}/connection", { params: { path: { space, name }, query: { user } } })),
    }),
  /** The newest part of what happened. */
  history: (space: string, name: string) =>
    queryOptions({ queryKey: ["service", space, name, "history"], queryFn: () => got(api.GET("/api/v1/services/{space}/{name}/events", of(space, name))) }),
  /** All of it, newest first, part by part. */
  histories: (space: string, name: string) =>
    infiniteQueryOptions({
      queryKey: ["service", space, name, "histories"],
      queryFn: ({ pageParam }) => got(api.GET("/api/v1/services/{space}/{name}/events", { params: { path: { space, name }, query: { before: pageParam } } })),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
  manifest: (space: string, name: string) =>
    queryOptions({ queryKey: ["manifest", space, name], queryFn: () => got(api.GET("/api/v1/services/{space}/{name}/manifest", of(space, name))) }),
  deletion: (space: string, name: string) =>
    queryOptions({ queryKey: ["deletion", space, name], queryFn: () => got(api.GET("/api/v1/services/{space}/{name}/deletion", of(space, name))), gcTime: 0 }),
  recovery: (space: string, name: string, member: string) =>
    queryOptions({ queryKey: ["recovery", space, name, member], queryFn: () => got(api.GET("/api/v1/services/{space}/{name}/recovery", { params: { path: { space, name }, query: { member } } })), gcTime: 0, retry: false }),
  backups: (space: string, service: string) =>
    queryOptions({ queryKey: ["backups", space, service], queryFn: () => got(api.GET("/api/v1/backups", { params: { query: { space, service } } })) }),
  restores: (space: string, service: string) =>
    queryOptions({ queryKey: ["restores", space, service], queryFn: () => got(api.GET("/api/v1/restores", { params: { query: { space, service } } })) }),
  alerts: () => queryOptions({ queryKey: ["alerts"], queryFn: () => got(api.GET("/api/v1/alerts")), refetchInterval: ALERTS_MS }),
  silences: () => queryOptions({ queryKey: ["silences"], queryFn: () => got(api.GET("/api/v1/silences")), refetchInterval: ALERTS_MS }),
  pastAlerts: (days: number) =>
    queryOptions({ queryKey: ["pastAlerts", days], queryFn: () => got(api.GET("/api/v1/alerts/history", { params: { query: { days } } })) }),
  alertRules: () => queryOptions({ queryKey: ["alertRules"], queryFn: () => got(api.GET("/api/v1/alert-rules")), refetchInterval: ALERTS_MS }),
  channels: () =>
    queryOptions({
      queryKey: ["channels"], queryFn: () => got(api.GET("/api/v1/channels")),
      // what was changed counts when Kubernetes has brought it to the relay, which nobody tells of
      refetchInterval: (query) => (query.state.data?.items.some((one) => one.isInUse === false) ? CHANNELS_MS : false),
    }),
  /** Moorage's own, and with a space what its services' queries measure. */
  alertMetrics: (space?: string) =>
    queryOptions({ queryKey: ["alertMetrics", space], queryFn: () => got(api.GET("/api/v1/alert-metrics", { params: { query: { space } } })), staleTime: space === undefined ? Infinity : 0 }),
  deliveries: (channel: string) =>
    queryOptions({ queryKey: ["deliveries", channel], queryFn: () => got(api.GET("/api/v1/deliveries", { params: { query: { channel } } })), gcTime: 0 }),
  deleted: () => queryOptions({ queryKey: ["deleted"], queryFn: () => got(api.GET("/api/v1/deleted-services")) }),
  stores: () => queryOptions({ queryKey: ["stores"], queryFn: () => got(api.GET("/api/v1/stores")) }),
  hosts: () => queryOptions({ queryKey: ["hosts"], queryFn: () => got(api.GET("/api/v1/hosts")) }),
  spaces: () => queryOptions({ queryKey: ["spaces"], queryFn: () => got(api.GET("/api/v1/spaces")) }),
  space: (space: string) =>
    queryOptions({ queryKey: ["space", space], queryFn: () => got(api.GET("/api/v1/spaces/{space}", { params: { path: { space } } })) }),
  accounts: () => queryOptions({ queryKey: ["accounts"], queryFn: () => got(api.GET("/api/v1/accounts")) }),
  allSessions: () => queryOptions({ queryKey: ["sessions", "all"], queryFn: () => got(api.GET("/api/v1/account-sessions")) }),
  mySessions: () => queryOptions({ queryKey: ["sessions"], queryFn: () => got(api.GET("/api/v1/sessions")) }),
  tokens: () => queryOptions({ queryKey: ["tokens"], queryFn: () => got(api.GET("/api/v1/tokens")) }),
  /** Newest first, part by part. */
  charts: (of: ChartsOf) =>
    queryOptions({
      // a service's queries may change
      queryKey: ["charts", of], staleTime: "about" in of ? Infinity : 0,
      queryFn: () => ("about" in of
        ? got(api.GET("/api/v1/charts/{about}", { params: { path: { about: of.about } } }))
        : got(api.GET("/api/v1/services/{space}/{name}/charts", { params: { path: of } }))),
    }),
  /** What ends now is asked for again as often as there can be anything new. */
  chartData: (of: ChartsOf, range: Range, chart: string[], points: number, isLive: boolean) =>
    queryOptions({
      queryKey: ["charts", of, "data", chart, range, points], placeholderData: keepPreviousData, staleTime: 10_000, retry: mayPass,
      refetchInterval: isLive && refreshMs(range),
      queryFn: () => ("about" in of
        ? got(api.GET("/api/v1/charts/{about}/data", { params: { path: { about: of.about }, query: { ...from(range), chart, points } } }))
        : got(api.GET("/api/v1/services/{space}/{name}/charts/data", { params: { path: of, query: { ...from(range), chart, points } } }))),
    }),
  marks: (space: string, name: string, range: Range, isLive: boolean) =>
    queryOptions({
      queryKey: ["service", space, name, "marks", range], placeholderData: keepPreviousData, staleTime: 10_000, retry: mayPass,
      refetchInterval: isLive && refreshMs(range),
      queryFn: () => got(api.GET("/api/v1/services/{space}/{name}/charts/marks", { params: { path: { space, name }, query: from(range) } })),
    }),
  /** Newest first; a page that is full may be followed by an older one. */
  audit: () =>
    infiniteQueryOptions({
      queryKey: ["audit"],
      queryFn: ({ pageParam }) => got(api.GET("/api/v1/audit", { params: { query: { atMost: AUDIT_PAGE, before: pageParam } } })),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
};
