import { useSyncExternalStore } from "react";

/** As in style.css, where the navigation moves into a drawer. */
const NARROW = matchMedia("(max-width: 900px)");

const follow = (tell: () => void) => {
  NARROW.addEventListener("change", tell);
  return () => NARROW.removeEventListener("change", tell);
};

export function useIsNarrow(): boolean {
  return useSyncExternalStore(follow, () => NARROW.matches);
}
