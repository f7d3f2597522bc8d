/** The worst comes first. Pure. */

export type Colour = "red" | "yellow" | "unknown" | "green";
const RANK: Record<Colour, number> = { red: 0, yellow: 1, unknown: 2, green: 3 };

export function byHealth(left: { health: Colour }, right: { health: Colour }): number {
  return RANK[left.health] - RANK[right.health];
}

interface Named { namespace: string; name: string }

/** The list with one row put in, changed or (null) taken out; the order of the others stays. */
export function withRow<T extends Named>(rows: readonly T[], key: Named, row: T | null): T[] {
  const isIt = (other: Named) => other.namespace === key.namespace && other.name === key.name;
  if (row === null) return rows.filter((other) => !isIt(other));
  return rows.some(isIt) ? rows.map((other) => (isIt(other) ? row : other)) : [row, ...rows];
}
