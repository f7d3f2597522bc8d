/** Colours of lines and marks: each reaches 3 to 1 on the card, light and dark (WCAG 1.4.11). */

import type { Schemas } from "../../api/client";

export type Marked = Schemas["Mark"];
export const dash = [5, 4];

/** As style.css has it for the look that is chosen. */
export function hue(number: number): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--line-${number}`).trim();
}

export const MARK_HUES: Record<Marked["kind"], number> = { failOver: 1, repair: 3, drill: 6, backup: 0, restore: 2, settings: 5, deployment: 7 };
