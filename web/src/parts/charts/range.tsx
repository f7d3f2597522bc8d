/** Which time is shown: it stands in the address, so that a link shows the same. */

import { Button, DatePicker, Segmented, Switch } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { useTexts } from "../../i18n/use";
import { ends, LENGTHS, queryOf, rangeOf, SHORTEST_SECONDS, type Length, type Range } from "../../text/charts";

export interface Shown {
  range: Range;
  setRange: (range: Range) => void;
  isLive: boolean;
  setIsLive: (isLive: boolean) => void;
}

export function useRange(): Shown {
  const [query, setQuery] = useSearchParams();
  const [isLive, setIsLive] = useState(true);
  const range = useMemo(() => rangeOf(query), [query]);
  return { range, setRange: (next) => setQuery(queryOf(next)), isLive, setIsLive };
}

export function RangePicker({ shown, asTable, setAsTable }: { shown: Shown; asTable: boolean; setAsTable: (asTable: boolean) => void }) {
  const { t } = useTexts();
  const { range, setRange } = shown;
  const [isOwn, setIsOwn] = useState("from" in range);
  const here = isOwn || "from" in range ? "own" : range.length;
  const choose = (next: Length | "own") => {
    setIsOwn(next === "own");
    if (next !== "own") setRange({ length: next });
  };
  return (
    <div className="range card">
      <Segmented<Length | "own"> aria-label={t("charts.range")} value={here} onChange={choose} options={[...(Object.keys(LENGTHS) as Length[]), "own" as const].map((value) => ({ value, label: t(`charts.${value}`) }))} />
      {here === "own" && <Own key={JSON.stringify(range)} range={range} setRange={setRange} />}
      <span className="grow" />
      <label className="tight">{t("charts.asTable")}&nbsp;<Switch size="small" checked={asTable} onChange={setAsTable} aria-label={t("charts.asTable")} /></label>
      <label className="tight">{t("charts.live")}&nbsp;<Switch size="small" checked={shown.isLive && "length" in range} disabled={!("length" in range)} onChange={shown.setIsLive} aria-label={t("charts.live")} /></label>
    </div>
  );
}

function Own({ range, setRange }: { range: Range; setRange: (range: Range) => void }) {
  const { t } = useTexts();
  const [first, last] = ends(range, Date.now());
  const [from, setFrom] = useState<Dayjs | null>(dayjs(first * 1000));
  const [to, setTo] = useState<Dayjs | null>(dayjs(last * 1000));
  const isGood = from !== null && to !== null && to.diff(from, "second") >= SHORTEST_SECONDS;
  return (
    <form className="row" onSubmit={(event) => { event.preventDefault(); if (isGood) setRange({ from: from.unix(), to: to.unix() }); }}>
      <DatePicker showTime aria-label={t("charts.from")} value={from} onChange={(value) => setFrom(value as Dayjs | null)} />
      <DatePicker showTime aria-label={t("charts.to")} value={to} onChange={(value) => setTo(value as Dayjs | null)} status={isGood ? undefined : "error"} />
      <Button htmlType="submit" disabled={!isGood} title={isGood ? undefined : t("charts.tooShort")}>{t("charts.show")}</Button>
    </form>
  );
}
