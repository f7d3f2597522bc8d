/** One chart: its title, what it shows in whatever way, and its expression to be copied. */

import { InfoCircleOutlined } from "@ant-design/icons";
import { Alert, Button, Tooltip } from "antd";
import { useCallback, useMemo, useRef, useState } from "react";
import { Link as To } from "react-router";
import type { Schemas } from "../../api/client";
import { useTexts } from "../../i18n/use";
import { drawn, figure, figures, stepColour, tabled, type Chart, type Drawn, type TableRow } from "../../text/charts";
import { CopyButton } from "../copy";
import { Records } from "../records";
import type { Marked } from "./palette";
import { Plot, type Times } from "./plot";
import { States } from "./states";

interface Props {
  chart: Chart; found: Schemas["ChartLines"] | undefined; times: Times; marks: readonly Marked[]; asTable: boolean;
  /** A value that is drawn however far from the lines it lies. */
  inSight?: number;
  onPoint: (index: number | null) => void; onSpan: (from: number, to: number) => void;
}

export function Panel(props: Props) {
  const { t, language } = useTexts();
  const { chart, found } = props;
  const title = chart.title[language];
  return (
    <section className={`card chart ${chart.draw}`} aria-label={title}>
      <div className="chart-head">
        <h3>{title}</h3>
        {chart.says && <Tooltip title={chart.says[language]}><Button type="text" size="small" icon={<InfoCircleOutlined />} aria-label={`${title}: ${chart.says[language]}`} /></Tooltip>}
        <span className="grow" />
        <Tooltip title={t("charts.copy")}><span><CopyButton text={chart.queries.map((query) => query.promql).join("\n")} label={`${t("charts.copy")}: ${title}`} /></span></Tooltip>
      </div>
      {found === undefined ? <div className="plot waits" role="status" aria-label={t("common.loading")} /> : <Body {...props} found={found} />}
    </section>
  );
}

function Body({ found, ...props }: Props & { found: Schemas["ChartLines"] }) {
  const { t } = useTexts();
  const { chart } = props;
  if (found.problem) return <Alert type="warning" showIcon title={t("charts.refused")} description={<span lang="en" className="wrap">{found.problem}</span>} />;
  if (!found.lines.some((line) => line.values.some((value) => value !== null))) return <p className="quiet none">{t(chart.draw === "timeseries" || chart.draw === "state-timeline" ? "charts.none" : "charts.nothingNow")}</p>;
  return (
    <>
      {chart.draw === "stat" ? <Numbers chart={chart} lines={found.lines} /> : chart.draw === "table" ? <Table chart={chart} lines={found.lines} /> : chart.draw === "state-timeline" ? <States chart={chart} lines={found.lines} /> : <Lines {...props} found={found} />}
      {found.leftOff > 0 && <p className="quiet small">{t("charts.leftOff", { count: found.leftOff })}</p>}
    </>
  );
}

function Numbers({ chart, lines }: { chart: Chart; lines: readonly Schemas["Line"][] }) {
  const { language } = useTexts();
  return (
    <dl className="numbers">
      {lines.map((line) => (
        <div key={`${line.query}${line.name.en}`}>
          <dd className={stepColour(line.values[0] ?? null, chart.steps)}>{figure(line.values[0], chart.unit, language)}</dd>
          <dt className={lines.length === 1 ? "offscreen" : "quiet"}>{line.name[language]}</dt>
        </div>
      ))}
    </dl>
  );
}

function Table({ chart, lines }: { chart: Chart; lines: readonly Schemas["Line"][] }) {
  const { language } = useTexts();
  const word = (row: TableRow, index: number) => {
    const named = index === 0 ? chart.names.find((one) => one.value === row.cells[0]) : undefined;
    return named ? <b className={named.colour}>{named.name[language]}</b> : <span className="figures">{figure(row.cells[index], chart.queries[index]!.unit, language)}</span>;
  };
  return (
    <Records<TableRow> label={chart.title[language]} lead="of" rowKey={(row) => row.key} rows={tabled(chart, lines)} width={900} pageSize={20} columns={[
      { title: "", key: "of", width: 260, render: (_, row) => (row.labels.service ? <To className="wrap" to={`/services/${row.labels.namespace}/${row.labels.service}/monitoring`}>{row.key}</To> : row.key) },
      ...chart.queries.map((query, index) => ({ title: query.legend[language], key: String(index), render: (_: unknown, row: TableRow) => word(row, index), sorter: (a: TableRow, b: TableRow) => (a.cells[index] ?? -Infinity) - (b.cells[index] ?? -Infinity) })),
    ]} />
  );
}

function Lines({ chart, found, times, marks, asTable, inSight, onPoint, onSpan }: Props & { found: Schemas["ChartLines"] }) {
  const { t, language } = useTexts();
  const lines = useMemo(() => drawn(found.lines, language), [found.lines, language]);
  const legend = useRef<HTMLUListElement>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const point = useCallback((index: number | null) => {
    onPoint(index);
    // straight into the page: all charts follow one pointer
    legend.current?.querySelectorAll("b").forEach((value, number) => {
      value.textContent = figure(lines[number]?.values.at(index ?? -1), chart.unit, language);
    });
  }, [onPoint, lines, chart.unit, language]);
  if (asTable) return <Values chart={chart} lines={lines} />;
  const toggle = (name: string) => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next);
  };
  return (
    <>
      <Plot hidden={hidden} chart={chart} lines={lines} marks={marks} title={t("charts.pointer", { title: chart.title[language] })} {...times} inSight={inSight} onPoint={point} onSpan={onSpan} />
      <ul className="legend" ref={legend}>
        {lines.map((line, number) => (
          <li key={`${line.name}${number}`}>
            <button type="button" aria-pressed={!hidden.has(line.name)} onClick={() => toggle(line.name)}>
              <span className={`swatch c${line.colour} ${line.dashed ? "dashed" : ""}`} aria-hidden /><span className="clip">{line.name}</span> <b>{figure(line.values.at(-1), chart.unit, language)}</b>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** For who cannot see lines, and for who wants figures. */
function Values({ chart, lines }: { chart: Chart; lines: readonly Drawn[] }) {
  const { t, language } = useTexts();
  return (
    <div className="scrolls" tabIndex={0} role="region" aria-label={t("charts.values", { title: chart.title[language] })}>
      <table className="values">
        <thead><tr><th scope="col">{t("charts.line")}</th>{(["last", "least", "mean", "most"] as const).map((key) => <th key={key} scope="col">{t(`charts.${key}`)}</th>)}</tr></thead>
        <tbody>
          {lines.map((line, number) => {
            const known = figures(line.values);
            return <tr key={`${line.name}${number}`}><th scope="row"><span className={`swatch c${line.colour} ${line.dashed ? "dashed" : ""}`} aria-hidden />{line.name}</th>{(["last", "least", "mean", "most"] as const).map((key) => <td key={key}>{figure(known[key], chart.unit, language)}</td>)}</tr>;
          })}
        </tbody>
      </table>
    </div>
  );
}
