/** Kubernetes quantities and bytes, in words that people read: a number and its unit stay on one line. Pure. */

const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const FACTORS: Record<string, number> = {
  "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50,
};

/** "12.3 GiB"; three digits at most. */
export function bytes(count: number | null | undefined): string {
  if (count === null || count === undefined) return "–";
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < BINARY.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))}\u00a0${BINARY[unit]}`;
}

/** Bytes, or cores with a unit of "m"; null when the text is no quantity. */
export function amount(quantity: string): number | null {
  const found = /^(\d+(?:\.\d+)?)(m|[kMGTP]|[KMGTP]i)?$/.exec(quantity.trim());
  if (!found) return null;
  const unit = found[2] ?? "";
  return Number(found[1]) * (unit === "m" ? 0.001 : (FACTORS[unit] ?? 1));
}

/** "20Gi" → "20 GiB"; what is no quantity stays as it is. */
export function readable(quantity: string | null | undefined): string {
  if (!quantity) return "–";
  return quantity.replace(/^(\d+(?:\.\d+)?)([KMGTP])i$/, "$1\u00a0$2iB");
}

/** "500m" → "0.5"; what is no quantity stays as it is. */
export function readableCores(quantity: string | null | undefined): string {
  const count = amount(quantity ?? "");
  return count === null ? quantity || "–" : String(Number(count.toFixed(3)));
}

/** Thousandths of a core as cores. */
export function cores(millis: number): string {
  return String(Number((millis / 1000).toFixed(millis < 10_000 ? 1 : 0)));
}

export function percent(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, Math.round((part / whole) * 100)) : 0;
}
