/** A schedule in words. Pure. */

import cronstrue from "cronstrue/i18n";
import type { Language } from "./time";

const LOCALES: Record<Language, string> = { en: "en", zh: "zh_CN" };
const DAILY = /^(\d{1,2}) (\d{1,2}) \* \* \*$/;

/** "every day at 02:30"; null when it is no schedule of five fields. */
export function inWords(schedule: string, language: Language): string | null {
  const text = schedule.trim().replace(/\s+/g, " ");
  if (text.split(" ").length !== 5) return null;
  const daily = DAILY.exec(text);
  if (daily && Number(daily[1]) < 60 && Number(daily[2]) < 24) {
    const time = `${daily[2]!.padStart(2, "0")}:${daily[1]!.padStart(2, "0")}`;
    return language === "zh" ? `每天 ${time}` : `every day at ${time}`;
  }
  try {
    const words = cronstrue.toString(text, { locale: LOCALES[language], use24HourTimeFormat: true });
    return language === "zh" ? words : words.charAt(0).toLowerCase() + words.slice(1);
  } catch {
    return null;
  }
}

/** The field of a daily schedule for a time such as "02:30". */
export function daily(time: string): string {
  const [hour, minute] = time.split(":").map(Number);
  return `${minute ?? 0} ${hour ?? 0} * * *`;
}
