/** What the server refused, in the person's language. */

import { App } from "antd";
import { useCallback } from "react";
import { Refusal } from "../api/client";
import { useTexts } from "../i18n/use";

/** Codes whose own sentence says more than a translation of the code can. */
const SPEAK_FOR_THEMSELVES = new Set(["invalid", "refused", "conflict", "no-room", "unreadable", "not-ready", "final-backup-failed", "copy-by-hand", "store-refuses", "provider-unreachable", "no-monitoring", "monitoring-away"]);

export function useRefusal(): (error: unknown) => string {
  const { t } = useTexts();
  return useCallback(
    (error: unknown) => {
      if (!(error instanceof Refusal)) return String(error);
      const sentence = String(t(`problem.${error.code}`, { ...error.params } as never));
      return SPEAK_FOR_THEMSELVES.has(error.code) && error.detail ? `${sentence} ${error.detail}` : sentence;
    },
    [t],
  );
}

/** Does it, says that it was asked for or why it was refused, and gives whether it went well. */
export function useAct(): (what: string, act: () => Promise<unknown>) => Promise<boolean> {
  const { t } = useTexts();
  const say = useRefusal();
  const { message } = App.useApp();
  return useCallback(
    async (what, act) => {
      try {
        await act();
      } catch (error) {
        void message.error(say(error), 8);
        return false;
      }
      void message.success(t("common.asked", { what }));
      return true;
    },
    [t, say, message],
  );
}
