/** Names as Kubernetes allows them. Pure. */

export const NAME_MAX = 40;
const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

export const isLabel = (name: string) => LABEL.test(name);

export function isName(name: string): boolean {
  return name.length <= NAME_MAX && isLabel(name);
}

/** The first of engine, engine-2, engine-3 … that is free. */
export function freeName(engine: string, taken: ReadonlySet<string>): string {
  if (!taken.has(engine)) return engine;
  for (let number = 2; ; number += 1) {
    const name = `${engine}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** `base` is document.baseURI: the path that people see before ours. */
export function basename(base: string): string {
  return new URL(base).pathname.replace(/\/+$/, "");
}
