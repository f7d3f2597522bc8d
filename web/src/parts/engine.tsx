/** An engine's mark: two letters on its own colour. The makers' logos are trade marks. */

const COLOURS: Record<string, string> = { mongodb: "#116149", mysql: "#00546b", redis: "#a41e11", rabbitmq: "#a84300", spark: "#a1470f", grafana: "#9b3d00" };
const OTHER = "#44546a";

export function EngineMark({ engine, title, size = 40 }: { engine: string; title: string; size?: number }) {
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
