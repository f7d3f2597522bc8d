/** How long a silence lasts, and which alerts are open. Pure. */

const HOUR_S = 3_600;
export const SILENCE_S_MIN = 60;
export const SILENCE_S_MAX = 30 * 24 * HOUR_S;
export const SILENCES = { hour: HOUR_S, hours: 4 * HOUR_S, day: 24 * HOUR_S } as const;
export type SilenceChoice = keyof typeof SILENCES | "own";

/** Seconds from now until the moment that was chosen; null when it is too near or too far. */
export function silenceSeconds(choice: SilenceChoice, until: string, now: number): number | null {
  if (choice !== "own") return SILENCES[choice];
  const seconds = Math.round((new Date(until).getTime() - now) / 1000);
  return seconds >= SILENCE_S_MIN && seconds <= SILENCE_S_MAX ? seconds : null;
}

export type Severity = "critical" | "warning" | "info" | "other";
export const SEVERITIES: Severity[] = ["critical", "warning", "info", "other"];

/** Own rules may have severities of their own. */
export function severityOf(text: string): Severity {
  return (SEVERITIES as string[]).includes(text) ? (text as Severity) : "other";
}

interface Subject { space: string; service: string; store: string; member: string }

/** Whom it is about; empty: Moorage itself. */
export function subject({ space, service, store, member }: Subject): string {
  return [space, service || store, member].filter(Boolean).join("/");
}

/** Rows that hold every word that was typed. */
export function holds(row: Subject & { name: string }, summary: string, words: string): boolean {
  const text = `${row.name} ${subject(row)} ${summary}`.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}
