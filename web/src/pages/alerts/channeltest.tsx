/** A test message, and what its receiver said. */

import { Alert } from "antd";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { useTexts } from "../../i18n/use";
import { useRefusal } from "../../parts/refusal";

export interface Tested { name: string; isGood: boolean; said: string }

/** `onRefused`: takes what was wrong with the wish, and says whether it shows that itself. */
export function useTest(onTested: (tested: Tested | null) => void, onRefused: (error: unknown) => boolean = () => false) {
  const say = useRefusal();
  const [isBusy, setIsBusy] = useState(false);
  const test = async (name: string, send: () => Promise<Schemas["Tested"]>) => {
    setIsBusy(true);
    onTested(null);
    try {
      const { outcome, answer } = await send();
      onTested({ name, isGood: outcome === "delivered", said: answer });
    } catch (error) {
      if (!onRefused(error)) onTested({ name, isGood: false, said: say(error) });
    }
    setIsBusy(false);
  };
  return { isBusy, test };
}

export function TestResult({ tested, onClose }: { tested: Tested | null; onClose: () => void }) {
  const { t } = useTexts();
  return (
    <div role="status" aria-live="polite">
      {tested && <Alert type={tested.isGood ? "success" : "error"} showIcon closable={{ onClose }} title={<span className="wrap">{t(tested.isGood ? "channels.testGood" : "channels.testBad", { name: tested.name })}</span>} description={<span className="wrap" lang="en">{tested.said}</span>} />}
    </div>
  );
}
