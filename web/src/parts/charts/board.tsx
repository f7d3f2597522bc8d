/** All charts of a page, over one time and with one pointer. */

import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "antd";
import { Refusal, type Schemas } from "../../api/client";
import { ask, type ChartsOf } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { moment } from "../../text/time";
import { Failed, Loaded, Nothing } from "../loaded";
import { useIsNarrow } from "../media";
import { Moment } from "../when";
import { MARK_HUES, type Marked } from "./palette";
import { Panel } from "./panel";
import { RangePicker, type Shown } from "./range";

/** Of many services fewer: what they cost Prometheus is points times services. */
const POINTS = { ofOne: 240, ofMany: 120 };
const MARKS_AT_FIRST = 5;
const NONE: readonly Marked[] = [];
type Row = Schemas["ChartRow"];

export function Board({ of, shown, marks = NONE }: { of: ChartsOf; shown: Shown; marks?: readonly Marked[] | undefined }) {
  const charts = useQuery(ask.charts(of));
  return <Loaded query={charts}>{(data) => <Rows of={of} rows={data.rows} shown={shown} marks={marks} />}</Loaded>;
}

function Rows({ of, rows, shown, marks }: { of: ChartsOf; rows: Row[]; shown: Shown; marks: readonly Marked[] }) {
  const { t } = useTexts();
  const [asTable, setAsTable] = useState(false);
  const first = useRowData(of, rows[0]!, shown, true);
  const hasNothing = first.data?.charts.every((chart) => chart.lines.length === 0);
  const notSetUp = first.error instanceof Refusal && first.error.code === "no-monitoring";
  if (first.error && !first.data) {
    if (notSetUp) return <section className="card"><Nothing title={t("charts.notSetUp")} hint={t("charts.notSetUpHint")} /></section>;
    return <Failed error={first.error} onRetry={() => void first.refetch()} />;
  }
  return (
    <div className="board">
      <RangePicker shown={shown} asTable={asTable} setAsTable={setAsTable} />
      {first.error && <Failed error={first.error} onRetry={() => void first.refetch()} />}
      {hasNothing && <section className="card"><Nothing title={t("charts.noneYet")} hint={t("charts.noneYetHint")} /></section>}
      {"name" in of && <Marks marks={marks} />}
      {rows.map((row) => <RowOfCharts key={row.title.en} of={of} row={row} shown={shown} marks={marks} asTable={asTable} />)}
      <p className="quiet small">{t("charts.hint")}</p>
    </div>
  );
}

function useRowData(of: ChartsOf, row: Row, shown: Shown, isWanted: boolean) {
  const points = useIsNarrow() || "about" in of ? POINTS.ofMany : POINTS.ofOne;
  return useQuery({ ...ask.chartData(of, shown.range, row.charts.map((chart) => chart.id), points, shown.isLive), enabled: isWanted && row.charts.length > 0 });
}

/** Asked for once it comes near to what is in sight. Of all rows that of a service's own metrics alone may hold nothing. */
function RowOfCharts({ of, row, shown, marks, asTable }: { of: ChartsOf; row: Row; shown: Shown; marks: readonly Marked[]; asTable: boolean }) {
  const { t, language } = useTexts();
  const at = useRef<HTMLElement>(null);
  const isNear = useIsNear(at);
  const { data, error, refetch } = useRowData(of, row, shown, isNear);
  const setRange = shown.setRange;
  const onSpan = useCallback((from: number, to: number) => { if (to - from >= 60) setRange({ from: Math.floor(from), to: Math.ceil(to) }); }, [setRange]);
  const onPoint = usePointer(at, data);
  return (
    <section className="charts" aria-label={row.title[language]} ref={at}>
      <h2>{row.title[language]}</h2>
      {row.charts.length === 0 ? <p className="quiet">{t("charts.noOwn")}</p> : error && !data ? <Failed error={error} onRetry={() => void refetch()} /> : (
        <div className="chart-grid">
          {row.charts.map((chart) => (
            <Panel key={chart.id} chart={chart} found={data?.charts.find((one) => one.id === chart.id)} times={data ?? { start: 0, step: 1, count: 1 }} marks={marks} asTable={asTable} onPoint={onPoint} onSpan={onSpan} />
          ))}
        </div>
      )}
    </section>
  );
}

function useIsNear(at: React.RefObject<HTMLElement | null>): boolean {
  const [isNear, setIsNear] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver((seen) => setIsNear((was) => was || seen.some((one) => one.isIntersecting)), { rootMargin: "600px" });
    if (at.current) watch.observe(at.current);
    return () => watch.disconnect();
  }, [at]);
  return isNear;
}

/** Shows the pointer on bars too, and its time beside the title of each row. Straight into the page, as it moves often. */
function usePointer(at: React.RefObject<HTMLElement | null>, data: Schemas["ChartData"] | undefined) {
  const times = useRef(data);
  times.current = data;
  return useCallback((index: number | null) => {
    const row = at.current;
    const known = times.current;
    if (!row || !known) return;
    row.toggleAttribute("data-pointed", index !== null);
    if (index === null) return;
    row.style.setProperty("--at", `${(index / Math.max(1, known.count - 1)) * 100}%`);
    row.querySelector("h2")!.dataset.time = moment(new Date((known.start + index * known.step) * 1000).toISOString());
  }, [at]);
}

function Marks({ marks }: { marks: readonly Marked[] }) {
  const { t } = useTexts();
  const [all, setAll] = useState(false);
  const newest = marks.toReversed();
  return (
    <section className="card marks" aria-label={t("charts.marks")}>
      <h2>{t("charts.marks")}</h2>
      {marks.length === 0 ? <p className="quiet">{t("charts.noMarks")}</p> : (
        <ul>
          {newest.slice(0, all ? undefined : MARKS_AT_FIRST).map((mark) => (
            <li key={`${mark.kind}${mark.time}${mark.what}${mark.member}${mark.message}`}>
              <span className={`swatch mark c${MARK_HUES[mark.kind]}`} aria-hidden /><Moment at={mark.time} /> <b>{t(`charts.mark.${mark.kind}`)}</b>
              <span className="wrap">{[mark.what, mark.member, mark.outcome].filter(Boolean).join(" · ")}</span>
              {mark.message && <span className="quiet wrap" lang="en">{mark.message}</span>}
            </li>
          ))}
        </ul>
      )}
      {!all && marks.length > MARKS_AT_FIRST && <Button size="small" onClick={() => setAll(true)}>{t("charts.moreMarks", { count: marks.length })}</Button>}
    </section>
  );
}
