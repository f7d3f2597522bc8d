/** What was what over time: a bar for each line, a stretch for each state. */

import { useTexts } from "../../i18n/use";
import { stretches, type Chart, type Line } from "../../text/charts";

export function States({ chart, lines }: { chart: Chart; lines: readonly Line[] }) {
  const { t, language } = useTexts();
  const known = new Map(chart.names.map((one) => [one.value, one]));
  const word = (value: number | null | undefined) => (value === null || value === undefined ? t("charts.nothingNow") : (known.get(value)?.name[language] ?? String(value)));
  return (
    <>
      <ul className="states">
        {lines.map((line) => (
          <li key={`${line.query}${line.name.en}`}>
            <div className="head-row"><span className="wrap">{line.name[language]}</span><span className="quiet">{word(line.values.at(-1))}</span></div>
            <div className="track" aria-hidden>
              {stretches(line.values).map((one) => (
                <span key={one.from} className={`stretch ${known.get(one.value)?.colour ?? "text"}`} title={word(one.value)} style={{ left: `${one.from * 100}%`, width: `${(one.to - one.from) * 100}%` }} />
              ))}
            </div>
          </li>
        ))}
      </ul>
      {chart.names.length > 1 && <ul className="key" aria-hidden>{chart.names.map((one) => <li key={one.value}><span className={`stretch ${one.colour}`} />{one.name[language]}</li>)}</ul>}
    </>
  );
}
