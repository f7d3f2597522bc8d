/** Why somebody may not, in their language. */

import { useCallback } from "react";
import type { Schemas } from "../api/client";
import { useTexts } from "../i18n/use";

export type May = Schemas["DeedView"];

/** Gives the server's own sentence where no right is lacking, such as when Kubernetes could not be asked. */
/** What no space's people can grant. */
const OF_THE_CLUSTER = ["createSpace", "listChannels", "createChannel", "changeChannel", "deleteChannel"];

export function useWhyNot(): (may: May | undefined) => string {
  const { t } = useTexts();
  return useCallback(
    (may) => {
      if (!may?.lacks) return may?.whyNot ?? "";
      const { deed, right, space } = may.lacks;
      return t(space ? "may.lacks" : OF_THE_CLUSTER.includes(deed) ? "may.lacksCluster" : "may.lacksEverywhere", { what: t(`may.what.${deed}`), right, space });
    },
    [t],
  );
}
