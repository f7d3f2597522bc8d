import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../api/client";
import { ask } from "../api/queries";
import { useTexts } from "../i18n/use";

/** An engine's mark: two letters on its own colour. The makers' logos are trade marks. */

const COLOURS: Record<string, string> = { mongodb: "#116149", mysql: "#00546b", redis: "#a41e11", rabbitmq: "#a84300", spark: "#a1470f", grafana: "#9b3d00" };
const OTHER = "#44546a";

/** "MongoDB" for "mongodb", as the catalogue writes it. */
export function useTitles(): (engine: string) => string {
  const { data } = useQuery(ask.catalog());
  return (engine) => data?.find((card) => card.name === engine)?.title ?? engine;
}

/** What an engine is, in the person's language where it is known. */
export function useSummary(): (card: Schemas["Card"]) => { text: string; lang?: "en" } {
  const { t } = useTexts();
  return (card) => (card.name === "mongodb" || card.name === "mysql" ? { text: t(`market.about.${card.name}`) } : { text: card.summary, lang: "en" });
}

export function EngineMark({ engine, size = 40 }: { engine: string; size?: number }) {
  const title = useTitles()(engine);
  const letters = title.replace(/[^A-Za-z]/g, "");
  const capitals = letters.replace(/[a-z]/g, "");
  const text = capitals.length > 1 ? capitals.slice(0, 2) : letters.slice(0, 2);
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 40 40" aria-hidden>
      <rect width="40" height="40" rx="9" fill={COLOURS[engine] ?? OTHER} />
      <text x="20" y="26" textAnchor="middle" fontSize="16" fontWeight="700" fill="#fff">{text}</text>
    </svg>
  );
}
