/** What pages ask for, each under one key; the event stream writes into the same cache. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, got } from "./client";

const AUDIT_PAGE = 200;
const of = (space: string, name: string) => ({ params: { path: { space, name } } });

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
  connection: (space: string, name: string) =>
    queryOptions({ queryKey: ["connection", space, name], queryFn: () => got(api.GET("/api/v1/services/{space}/{name}/connection", of(space, name))), gcTime: 0 }),
  history: (space: string, name: string) =>
    queryOptions({ queryKey: ["service", space, name, "history"], queryFn: () => got(api.GET("/api/v1/services/{space}/{name}/events", of(space, name))) }),
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
  /** Newest first; a page that is full may be followed by an older one. */
  audit: () =>
    infiniteQueryOptions({
      queryKey: ["audit"],
      queryFn: ({ pageParam }) => got(api.GET("/api/v1/audit", { params: { query: { atMost: AUDIT_PAGE, before: pageParam } } })),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => (page.items.length < AUDIT_PAGE ? undefined : page.items.at(-1)!.time),
    }),
};
