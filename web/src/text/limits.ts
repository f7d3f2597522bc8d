/** A space's limits, between Kubernetes' names of them and the form's. Pure. */

import { readable, readableCores } from "./quantity";

export interface Limits { cpu?: string; memory?: string; storage?: string; services?: number }

const FIELDS = { "requests.cpu": "cpu", "requests.memory": "memory", "requests.storage": "storage", "count/dataservices.moorage.dev": "services" } as const;
type Resource = keyof typeof FIELDS;
interface Quota { resource: string; hard: string }

/** Which field of the form a resource is; null for a limit that somebody else set on something else. */
export const fieldOf = (resource: string) => (resource in FIELDS ? FIELDS[resource as Resource] : null);

/** The limits as they stand: all are sent when one is changed, so the form must begin with all. */
export function limitsOf(quotas: readonly Quota[]): Limits {
  const known = quotas.flatMap((quota) => {
    const field = fieldOf(quota.resource);
    return field ? [[field, field === "services" ? Number(quota.hard) : quota.hard] as const] : [];
  });
  return Object.fromEntries(known) as Limits;
}

/** What stands in the form; an empty field is no limit. */
export function filled(limits: Limits = {}): Limits {
  return Object.fromEntries(Object.entries(limits).map(([key, value]) => [key, typeof value === "string" ? value.trim() : value]).filter(([, value]) => value !== "" && value !== undefined && value !== null)) as Limits;
}

export const shown = (resource: string, quantity: string) => (fieldOf(resource) === "cpu" ? readableCores(quantity) : readable(quantity));
