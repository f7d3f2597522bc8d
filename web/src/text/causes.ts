/** Beside which field of a form a refused value stands. Pure. */

import type { Schemas } from "../api/client";
import type { ParameterRow } from "./wish";

/** As the form's library names a field. */
export type Place = (string | number)[];

export interface Placed {
  beside: { place: Place; sentences: string[] }[];
  /** What no field of the form stands for. */
  rest: string[];
}

/** Where a field is called otherwise than in the DataService and in what is sent. */
const CALLED: Record<string, string> = {
  namespace: "space", "storage.size": "storage", "storage.className": "storageClass", "resources.cpu": "cpu", "resources.memory": "memory", "expose.type": "expose",
  "backup.enabled": "backup", "backup.schedule": "schedule", "backup.keepDays": "keepDays", "backup.store": "store", "backup.pointInTime": "pointInTime",
};
/** One letter stands for these. */
const OF_SIZE = new Set(["cpu", "memory", "storage"]);
const SETTINGS = "parameters.";

/** `there`: the fields that are drawn now, in their order; `rows`: the settings that were chosen. */
export function placed(causes: Pick<Schemas["Cause"], "field" | "message">[], there: Place[], rows: (ParameterRow | undefined)[]): Placed {
  const drawn = new Map(there.map((place) => [String(place), { place, sentences: [] as string[] }]));
  const rest: string[] = [];
  for (const { field, message } of causes) {
    const found = drawn.get(String(placeOf(field, drawn, rows)));
    if (found) found.sentences.push(message);
    else rest.push(field ? `${field}: ${message}` : message);
  }
  return { beside: [...drawn.values()].filter((one) => one.sentences.length > 0), rest };
}

function placeOf(field: string, drawn: Map<string, unknown>, rows: (ParameterRow | undefined)[]): Place {
  const path = field.replace(/^(metadata|spec|body)\./, "");
  if (path.startsWith(SETTINGS)) {
    const key = path.slice(SETTINGS.length).replace(/\.\[key\]$/, "");
    return ["parameters", rows.findIndex((row) => row?.key === key), "value"];
  }
  const name = CALLED[path] ?? path;
  return OF_SIZE.has(name) && !drawn.has(name) ? ["letter"] : [name];
}
