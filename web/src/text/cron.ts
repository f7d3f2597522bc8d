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

const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether none of its months has one of its days: "0 0 31 2 *". Of a schedule of five fields. */
export function neverComes(schedule: string): boolean {
  const [, , days = "*", months = "*", weekdays = "*"] = schedule.trim().split(/\s+/);
  // when both are said, one of them is enough: a weekday always comes
  if (!days.startsWith("*") && !weekdays.startsWith("*")) return false;
  return Math.min(...numbers(days, 1, 31)) > Math.max(...numbers(months, 1, 12).map((month) => LENGTHS[month - 1] ?? 0));
}

/** What a field of numbers, ranges, steps and lists of them means. */
function numbers(field: string, first: number, last: number): number[] {
  return field.split(",").flatMap((part) => {
    const [range = "*", step = "1"] = part.split("/");
    const [from = first, to] = range === "*" ? [first, last] : range.split("-").map(Number);
    const end = to ?? (part.includes("/") ? last : from);
    return Array.from({ length: Math.max(0, end - from + 1) }, (_, index) => from + index).filter((number) => (number - from) % Number(step) === 0);
  });
}

/** The field of a daily schedule for a time such as "02:30". */
export function daily(time: string): string {
  const [hour, minute] = time.split(":").map(Number);
  return `${minute ?? 0} ${hour ?? 0} * * *`;
}
