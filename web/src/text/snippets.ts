/** How to connect from each language. Pure: the texts lie in `src/snippets`, where tests/snippets.py runs them against real engines. */

export type SnippetLanguage = "shell" | "python" | "java" | "go" | "node";
export const LANGUAGES: { key: SnippetLanguage; label: string }[] = [
  { key: "shell", label: "Shell" },
  { key: "python", label: "Python" },
  { key: "java", label: "Java" },
  { key: "go", label: "Go" },
  { key: "node", label: "Node.js" },
];

const FILES = import.meta.glob<string>("../snippets/*/*", { query: "?raw", import: "default", eager: true });
const TEXTS = new Map(Object.entries(FILES).map(([path, text]) => [path.replace(/^.*snippets\/|\.\w+$/g, ""), text.trimEnd()]));

/** For a POSIX shell, whatever the password holds. */
export const quoted = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;

/**
 * `type`: as in the service's Secret, whose entries fill the places that are named after them, such as "$uri".
 * Null when this type has no snippet in this language, or an older service's Secret lacks an entry.
 */
export function snippet(type: string, language: SnippetLanguage, entries: Readonly<Record<string, string>>): string | null {
  const text = TEXTS.get(`${type}/${language}`);
  if (text === undefined) return null;
  let isWhole = true;
  const filled = text.replace(language === "shell" ? /'\$([\w-]+)'/g : /"\$([\w-]+)"/g, (_, key: string) => {
    const value = entries[key];
    isWhole &&= value !== undefined;
    return language === "shell" ? quoted(value ?? "") : JSON.stringify(value ?? "");
  });
  return isWhole ? filled : null;
}
