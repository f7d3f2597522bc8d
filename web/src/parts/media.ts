/** What the browser says of its screen and of its person's wishes. */

import { useSyncExternalStore } from "react";

/** As in style.css, where the navigation moves into a drawer. */
const NARROW = matchMedia("(max-width: 900px)");
const DARK = matchMedia("(prefers-color-scheme: dark)");
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

function useMatches(media: MediaQueryList): boolean {
  return useSyncExternalStore((tell) => {
    media.addEventListener("change", tell);
    return () => media.removeEventListener("change", tell);
  }, () => media.matches);
}

export const useIsNarrow = () => useMatches(NARROW);
export const useSystemIsDark = () => useMatches(DARK);
/** Nothing is to move; a style sheet that shortens every transition would have menus measured before they are in their place. */
export const useIsStill = () => useMatches(STILL);
