/** Moments that can be restored. Pure. */

interface Window { start: string | null; end: string | null; gaps: readonly { start: string; end: string }[] }

export interface Part { startPercent: number; widthPercent: number }

/** Whether the log reaches this moment without a gap in it. */
export function isRestorable(window: Window, at: string): boolean {
  const time = Date.parse(at);
  if (!window.start || !window.end || Number.isNaN(time)) return false;
  if (time < Date.parse(window.start) || time > Date.parse(window.end)) return false;
  return !window.gaps.some((gap) => time > Date.parse(gap.start) && time < Date.parse(gap.end));
}

/** Where a moment lies on the line, 0 to 100. */
export function place(window: Window, at: string): number {
  const start = Date.parse(window.start ?? "");
  const length = Date.parse(window.end ?? "") - start;
  return length > 0 ? Math.min(100, Math.max(0, ((Date.parse(at) - start) / length) * 100)) : 0;
}

export function gapParts(window: Window): Part[] {
  return window.gaps.map((gap) => {
    const startPercent = place(window, gap.start);
    return { startPercent, widthPercent: place(window, gap.end) - startPercent };
  });
}
