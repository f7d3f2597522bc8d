/** i18next, fed from the pairs; the key of a text that does not exist is an error of the compiler. */

import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "../text/time";
import { texts } from "./texts";

type Pair = readonly [string, string];
interface Tree { readonly [key: string]: Pair | Tree }
interface Flat { [key: string]: string | Flat }
type OneLanguage<T> = { [K in keyof T]: T[K] extends Pair ? T[K][0] : OneLanguage<T[K]> };

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: OneLanguage<typeof texts> };
  }
}

/** One side of every pair. */
export function side(tree: Tree, index: 0 | 1): Flat {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, Array.isArray(value) ? value[index] : side(value as Tree, index)]),
  );
}

const KEY = "moorage.language";

export function firstLanguage(kept: string | null, wanted: readonly string[]): Language {
  if (kept === "en" || kept === "zh") return kept;
  return wanted[0]?.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function setLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  void i18next.changeLanguage(language);
}

export function startLanguages(): void {
  const language = firstLanguage(localStorage.getItem(KEY), navigator.languages);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    resources: { en: { translation: side(texts, 0) }, zh: { translation: side(texts, 1) } },
    interpolation: { escapeValue: false }, // React escapes
    initAsync: false,
  });
}
