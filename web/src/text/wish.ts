/** From the form to what is sent: only what differs from the defaults. Pure. */

import type { Schemas } from "../api/client";

export interface DeployForm {
  name: string; space: string; letter: Schemas["Letter"] | "own"; version: string; members: number; arbiter: boolean;
  cpu: string; memory: string; storage: string; storageClass?: string; expose: Schemas["ExposeType"]; onDelete: Schemas["OnDelete"];
  protected: boolean; backup: boolean; schedule: string; timeZone?: string; keepDays: number; store?: string;
  parameters: { key: string; value: string }[];
}

const said = (text: string | undefined) => text?.trim() || undefined;

export function wishOf(card: Schemas["Card"], form: DeployForm): Schemas["DeployWish"] {
  const size = card.sizes.find((found) => found.letter === form.letter) ?? form;
  const parameters = (form.parameters ?? []).filter((one) => one?.key && one.value);
  return {
    engine: card.name, name: form.name, space: form.space, version: form.version,
    cpu: size.cpu, memory: size.memory, storage: size.storage,
    members: form.arbiter || form.members === card.membersDefault ? undefined : form.members,
    arbiter: form.arbiter || undefined,
    storageClass: said(form.storageClass),
    expose: form.expose === "LoadBalancer" ? undefined : form.expose,
    onDelete: form.onDelete === "Retain" ? undefined : form.onDelete,
    protected: form.protected || undefined,
    timeZone: said(form.timeZone),
    parameters: parameters.length > 0 ? Object.fromEntries(parameters.map((one) => [one.key, one.value.trim()])) : undefined,
    backup: form.backup ? { schedule: said(form.schedule), keepDays: form.keepDays, store: said(form.store) } : { enabled: false },
  };
}

/** What a person really changed; the rest is left out, so that it stays. */
export function changedOnly<T extends object>(before: T, after: T): Partial<T> {
  return Object.fromEntries(Object.entries(after).filter(([key, value]) => value !== before[key as keyof T])) as Partial<T>;
}
