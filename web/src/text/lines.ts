/** How bad a log line is, whatever engine wrote it. Pure. */

export type Severity = "error" | "warning" | "other";
const ERROR = /"s":"[EF]"|"level":"(?:error|critical)"|\[(?:ERROR|error)\]|\b(?:ERROR|FATAL|CRITICAL)\b/;
const WARNING = /"s":"W"|"level":"warning"|\[(?:Warning|warning)\]|\bWARN(?:ING)?\b/;

export function severity(line: string): Severity {
  if (ERROR.test(line)) return "error";
  return WARNING.test(line) ? "warning" : "other";
}

export function isShown(line: string, least: "all" | "warning" | "error", words: string): boolean {
  const found = severity(line);
  const isBad = least === "all" || found === "error" || (least === "warning" && found === "warning");
  return isBad && (words === "" || line.toLowerCase().includes(words.toLowerCase()));
}
