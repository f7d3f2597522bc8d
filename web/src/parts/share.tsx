/** How much of something is taken, as a bar with its words. */

import { percent } from "../text/quantity";

const FULL_PERCENT = 90;

export function Share({ label, used, all, text }: { label: string; used: number; all: number; text: string }) {
  const part = percent(used, all);
  return (
    <div>
      <div className="head-row"><span className="quiet">{label}</span><span className="figures quiet">{text}</span></div>
      <div className={part >= FULL_PERCENT ? "bar full" : "bar"} role="meter" aria-label={label} aria-valuenow={part} aria-valuemin={0} aria-valuemax={100}><span style={{ width: `${part}%` }} /></div>
    </div>
  );
}
