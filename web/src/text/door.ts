/** Why the server sent the browser back to the page where people sign in. Pure. */

import { texts } from "../i18n/texts";

type Code = keyof typeof texts.problem;

/** Only a code that has a sentence here: an address that somebody made up puts no words of theirs on the page. */
export function codeAtTheDoor(search: URLSearchParams): Code | null {
  const code = search.get("refused");
  if (code === null) return null;
  return Object.hasOwn(texts.problem, code) ? (code as Code) : "internal";
}
