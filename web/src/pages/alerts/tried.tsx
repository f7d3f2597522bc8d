/** What a condition would have done in the last day: how often, when, and how near the rest came to its threshold. */

import { Alert, Button } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { useTexts } from "../../i18n/use";
import { Panel } from "../../parts/charts/panel";
import { useRefusal } from "../../parts/refusal";
import { Moment } from "../../parts/when";
import { chartOf, unitOf, type Condition, type Metric } from "../../text/alertrules";
import { span } from "../../text/time";

interface Props { space: string; condition: Condition | null; metric: Metric | undefined }
interface Tried { of: string; metric: Metric | undefined; result: Schemas["TryResult"] }
const NO_MARKS: readonly never[] = [];
const nothing = () => undefined;
const at = (seconds: number) => new Date(seconds * 1000).toISOString();

export function Trying({ space, condition, metric }: Props) {
  const { t } = useTexts();
  const say = useRefusal();
  const [tried, setTried] = useState<Tried | null>(null);
  const [refusal, setRefusal] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const now = JSON.stringify([space, condition]);
  const go = async () => {
    setIsBusy(true);
    setRefusal("");
    try {
      const result = await got(api.POST("/api/v1/alert-rules/try", { body: { ...condition!, space } }));
      setTried({ of: now, metric: condition?.metric ? metric : undefined, result });
    } catch (error) {
      setTried(null);
      setRefusal(say(error));
    }
    setIsBusy(false);
  };
  return (
    <section className="card stack" aria-label={t("rules.tried")}>
      <div className="row"><Button onClick={() => void go()} loading={isBusy} disabled={condition === null}>{t("rules.try")}</Button></div>
      <div role="status" aria-live="polite" className="stack">
        {refusal && <Alert type="error" showIcon title={<span className="wrap">{refusal}</span>} />}
        {!refusal && !tried && <span className="quiet">{t("rules.tryFirst")}</span>}
        {tried && tried.of !== now && <Alert type="warning" showIcon title={t("rules.tryOld")} />}
        {tried && <Verdict result={tried.result} />}
      </div>
      {tried && <Drawing {...tried} />}
      {tried && <Moments result={tried.result} />}
    </section>
  );
}

function Verdict({ result }: { result: Schemas["TryResult"] }) {
  const { t, language } = useTexts();
  const hours = Math.round(result.rangeSeconds / 3_600);
  const words = result.fired > 0 ? t("rules.fired", { count: result.fired, hours, longest: span(result.longestSeconds, language) })
    : result.held > 0 ? t("rules.held", { count: result.held, hours, longest: span(result.longestHeldSeconds, language) })
    : t("rules.neverHeld", { hours });
  return <Alert type={result.isFiring ? "error" : "info"} showIcon title={result.isFiring ? `${words} ${t("rules.firesNow")}` : words} />;
}

function Drawing({ result: { chart, expr }, metric }: Tried) {
  const { t } = useTexts();
  if (!chart) return null;
  if (chart.lines.length === 0) return <p className="quiet">{t("rules.noSeries")}</p>;
  const title = t("rules.tried");
  const drawn = chartOf(chart, expr, unitOf(metric), { en: title, zh: title });
  return <Panel chart={drawn} found={{ id: drawn.id, lines: chart.lines, leftOff: chart.leftOff, problem: "" }} times={{ start: chart.start, step: chart.step, count: chart.count }} marks={NO_MARKS} asTable={false} inSight={chart.threshold} onPoint={nothing} onSpan={nothing} />;
}

function Moments({ result: { moments, fired } }: { result: Schemas["TryResult"] }) {
  const { t, language } = useTexts();
  if (moments.length === 0) return null;
  return (
    <section aria-label={t("rules.moments")}>
      <h3>{t("rules.moments")}</h3>
      {moments.length < fired && <p className="quiet">{t("rules.momentsMore", { count: moments.length })}</p>}
      <div className="moments" tabIndex={0} role="group" aria-label={t("rules.moments")}>
        <ul className="list">
          {moments.map((one) => (
            <li key={`${one.began}${JSON.stringify(one.labels)}`}>
              <span className="wrap">{Object.entries(one.labels).flatMap(([label, value]) => (label === "namespace" ? [] : [value])).join(" ")}</span>
              <span className="right"><Moment at={at(one.began)} /> <span className="quiet">{one.ended === null ? t("rules.still") : span(one.ended - one.began, language)}</span></span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
