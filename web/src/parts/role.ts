/** A member's role in the person's language. */

import { useCallback } from "react";
import { useTexts } from "../i18n/use";

const KNOWN = ["primary", "secondary", "arbiter"] as const;

/** An engine's own word stays as it is. */
export function useRole(): (role: string) => string {
  const { t } = useTexts();
  return useCallback(
    (role) => {
      const known = KNOWN.find((one) => one === role);
      return known ? t(`service.roles.${known}`) : role || "–";
    },
    [t],
  );
}
