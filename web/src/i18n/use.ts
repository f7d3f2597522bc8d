import { useTranslation } from "react-i18next";
import type { Language } from "../text/time";

/** `t`, and the language as ours call it. */
export function useTexts() {
  const { t, i18n } = useTranslation();
  return { t, language: (i18n.language === "zh" ? "zh" : "en") as Language };
}
