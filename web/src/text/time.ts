/** Times and spans in both languages. Pure: now and the zone are parameters. */

export type Language = "en" | "zh";
const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

/** "2026-11-27 14:03:10": one order of parts in both languages, 24 hours, in the viewer's zone unless told otherwise. */
export function moment(iso: string | null | undefined, timeZone?: string): string {
  if (!iso) return "–";
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const parts = new Intl.DateTimeFormat("en-GB", {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    hourCycle: "h23", timeZone,
  }).formatToParts(date);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("year")}-${of("month")}-${of("day")} ${of("hour")}:${of("minute")}:${of("second")}`;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1],
];

/** "3 minutes ago", "3 分钟前", "in 2 hours". */
export function ago(iso: string | null | undefined, now: number, language: Language): string {
  if (!iso) return "–";
  const seconds = (new Date(iso).getTime() - now) / 1000;
  if (Number.isNaN(seconds)) return iso;
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ["second", 1];
  const words = new Intl.RelativeTimeFormat(LOCALES[language], { numeric: "auto", style: language === "zh" ? "short" : "long" }).format(Math.trunc(seconds / size), unit);
  return language === "zh" ? words.replace(/(\d+)(?=\D)/, "$1 ") : words;
}

const WORDS: Record<Language, [string, string, string, string]> = {
  en: [" d", " h", " min", " s"],
  zh: [" 天", " 小时", " 分", " 秒"],
};

/** "2 min 13 s": the two largest parts. */
export function span(seconds: number | null | undefined, language: Language): string {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 10) return `${Number(seconds.toFixed(1))}${WORDS[language][3]}`;
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 86_400), Math.floor(whole / 3_600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  const first = parts.findIndex((part) => part > 0);
  return parts
    .map((part, index) => (part > 0 && index - first < 2 ? `${part}${WORDS[language][index]}` : ""))
    .filter(Boolean)
    .join(" ");
}

/** Seconds between two times; until `now` when the second is missing. */
export function between(start: string | null | undefined, end: string | null | undefined, now: number): number | null {
  if (!start) return null;
  return ((end ? new Date(end).getTime() : now) - new Date(start).getTime()) / 1000;
}
