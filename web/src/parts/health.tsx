/** Health is an icon, a word and a sentence; never colour alone. */

import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled, QuestionCircleFilled } from "@ant-design/icons";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/use";
import type { Colour } from "../text/order";

const ICONS: Record<Colour, ReactNode> = {
  green: <CheckCircleFilled aria-hidden />,
  yellow: <ExclamationCircleFilled aria-hidden />,
  red: <CloseCircleFilled aria-hidden />,
  unknown: <QuestionCircleFilled aria-hidden />,
};

/** Without a `message` only a whole service that is green says why. */
export function Health({ health, message, long = false, isMember = false }: { health: Colour; message?: string; long?: boolean; isMember?: boolean }) {
  const { t } = useTexts();
  const sentence = message || (health === "green" && !isMember ? t("health.greenWhy") : "");
  return (
    <span className={`health ${health}`}>
      <span className="word">{ICONS[health]} {t(`health.${health}`)}</span>
      {sentence && <span className={long ? "why" : "why clip"} title={long ? undefined : sentence}>{sentence}</span>}
    </span>
  );
}
