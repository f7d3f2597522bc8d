/** From the forms to what is sent: only what differs from the defaults, or from what is there. Pure. */

import type { Schemas } from "../api/client";

export interface ParameterRow { key?: string; value: string }
export interface BackupForm { backup: boolean; schedule: string; keepDays: number; store?: string; pointInTime: boolean }

export interface DeployForm extends BackupForm {
  name: string; space: string; letter: Schemas["Letter"] | "own"; version: string; members: number; arbiter: boolean;
  cpu: string; memory: string; storage: string; storageClass?: string; expose: Schemas["ExposeType"]; onDelete: Schemas["OnDelete"];
  protected: boolean; timeZone?: string;
  parameters: ParameterRow[];
}

const said = (text: string | undefined) => text?.trim() || undefined;

/** Rows without a name or a value are not there yet. */
function chosen(rows: ParameterRow[] | undefined): Record<string, string> {
  const whole = (rows ?? []).filter((row): row is { key: string; value: string } => Boolean(row?.key && row.value?.trim()));
  return Object.fromEntries(whole.map((row) => [row.key, row.value.trim()]));
}

export function wishOf(card: Schemas["Card"], form: DeployForm): Schemas["DeployWish"] {
  const size = card.sizes.find((found) => found.letter === form.letter) ?? form;
  const parameters = chosen(form.parameters);
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
    parameters: Object.keys(parameters).length > 0 ? parameters : undefined,
    backup: form.backup ? { schedule: said(form.schedule), keepDays: form.keepDays, store: said(form.store), pointInTime: form.pointInTime ? undefined : false } : { enabled: false },
  };
}

export interface SettingsForm extends BackupForm {
  version?: string; members: number; cpu: string; memory: string; storage: string; expose: Schemas["ExposeType"]; onDelete: Schemas["OnDelete"]; timeZone?: string;
  parameters: ParameterRow[];
}

/** How a service is set now. `membersDefault`: the engine's, where the service says nothing. */
export function settingsOf(service: Schemas["ServiceView"], membersDefault: number): SettingsForm {
  const { backupPolicy: policy } = service;
  return {
    version: service.version ?? undefined, members: service.membersAsked ?? (service.hasArbiter ? 2 : membersDefault),
    cpu: service.cpu, memory: service.memory, storage: service.storage.size, expose: service.expose, onDelete: service.onDelete, timeZone: service.timeZone ?? undefined,
    backup: policy.enabled, schedule: policy.schedule, keepDays: policy.keepDays, store: policy.store ?? undefined, pointInTime: policy.pointInTime,
    parameters: Object.entries(service.parameters).map(([key, value]) => ({ key, value })),
  };
}

export interface Change { field: string; before: string | undefined; after: string | undefined }

const FIELDS = ["version", "members", "cpu", "memory", "storage", "expose", "onDelete", "timeZone"] as const;
const OF_BACKUP = { backup: "enabled", schedule: "schedule", keepDays: "keepDays", store: "store", pointInTime: "pointInTime" } as const;

/** What a person changed, as it is sent and as it is shown. What is left out stays; a setting that is left out of all settings goes back to its default. */
export function changeOf(before: SettingsForm, after: SettingsForm): { wish: Schemas["SettingsWish"]; changes: Change[] } {
  const changes: Change[] = [];
  const differs = (field: keyof SettingsForm) => {
    const [old, next] = [before[field], after[field]].map((value) => (typeof value === "string" ? said(value) : value));
    if (next === undefined || old === next) return false;
    changes.push({ field, before: old === undefined ? undefined : String(old), after: String(next) });
    return true;
  };
  const value = (field: keyof SettingsForm) => (typeof after[field] === "string" ? said(after[field]) : after[field]);
  const wish: Record<string, unknown> = Object.fromEntries(FIELDS.filter(differs).map((field) => [field, value(field)]));
  const keys = Object.keys(OF_BACKUP) as (keyof typeof OF_BACKUP)[];
  // what is hidden while nothing is backed up is not changed
  const backup = keys.filter((key) => (key === "backup" || after.backup) && differs(key)).map((key) => [OF_BACKUP[key], value(key)]);
  if (backup.length > 0) wish.backup = Object.fromEntries(backup);
  const [old, next] = [chosen(before.parameters), chosen(after.parameters)];
  const touched = [...new Set([...Object.keys(old), ...Object.keys(next)])].filter((key) => old[key] !== next[key]);
  changes.push(...touched.map((key) => ({ field: key, before: old[key], after: next[key] })));
  if (touched.length > 0) wish.parameters = next;
  return { wish, changes };
}
