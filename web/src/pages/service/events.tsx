/** What happened: events of the last hour, and what is kept longer. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Select } from "antd";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Loaded, Nothing } from "../../parts/loaded";
import { useWhyNot } from "../../parts/may";
import { Records } from "../../parts/records";
import { Moment } from "../../parts/when";
import { between, span } from "../../text/time";

const OUTCOMES: Record<string, "events.outcomeRunning" | "events.outcomeSucceeded" | "events.outcomeFailed" | "events.outcomeGivenUp"> = {
  Running: "events.outcomeRunning", Succeeded: "events.outcomeSucceeded", Failed: "events.outcomeFailed", GivenUp: "events.outcomeGivenUp",
};
type Past = Schemas["Past"];

export function Events({ space, name, may }: { space: string; name: string; may: Schemas["DeedView"] | undefined }) {
  const { t } = useTexts();
  const whyNot = useWhyNot();
  const history = useInfiniteQuery({ ...ask.histories(space, name), enabled: may?.allowed ?? true });
  if (may && !may.allowed) return <Alert type="info" showIcon title={whyNot(may)} />;
  return (
    <Loaded query={history}>
      {({ pages }) => (
        <>
          <Both data={joined(pages)} name={name} />
          {history.hasNextPage && <div className="row above"><Button loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>{t("accounts.older")}</Button></div>}
        </>
      )}
    </Loaded>
  );
}

type Whole = Pick<Schemas["History"], "events" | "repairs" | "past">;

const joined = (parts: Schemas["History"][]): Whole => ({
  events: parts.flatMap((one) => one.events),
  repairs: parts.flatMap((one) => one.repairs),
  past: parts.flatMap((one) => one.past),
});

function Both({ data, name }: { data: Whole; name: string }) {
  const { t } = useTexts();
  const [warnings, setWarnings] = useState(false);
  const events = data.events.filter((event) => !warnings || event.type === "Warning");
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
    link.download = `${name}-events.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div className="stack">
      <div className="row"><Checkbox checked={warnings} onChange={(event) => setWarnings(event.target.checked)}>{t("events.warnings")}</Checkbox><Button size="small" onClick={save}>{t("events.export")}</Button><span className="quiet">{t("events.hint")}</span></div>
      <Kept past={data.past} />
      <section className="card" aria-label={t("events.kubernetes")}><h2>{t("events.kubernetes")}</h2>
        {events.length === 0 ? <Nothing title={t("events.noEvents")} /> : (
          <Records<Schemas["EventView"]> label={t("events.kubernetes")} lead="reason" rowKey={(one) => `${one.time}${one.object}${one.reason}${one.message}`} rows={events} width={860} pageSize={20} columns={[
            { title: t("accounts.when"), dataIndex: "time", key: "time", width: 170, render: (at: string) => <Moment at={at} /> },
            { title: t("common.reason"), key: "reason", width: 190, render: (_, one) => <span className={one.type === "Warning" ? "warn" : ""}>{one.reason}{one.count > 1 && <div className="quiet">{t("events.times", { count: one.count })}</div>}</span> },
            { title: t("accounts.on"), dataIndex: "object", key: "object", width: 190, render: (text: string) => <span className="wrap">{text}</span> },
            { title: t("common.message"), dataIndex: "message", key: "message", render: (text: string) => <span lang="en" className="wrap">{text}</span> },
          ]} />
        )}
      </section>
    </div>
  );
}

/** What outlives Kubernetes' hour. */
function Kept({ past }: { past: Past[] }) {
  const { t, language } = useTexts();
  const [kind, setKind] = useState<Past["kind"]>();
  const there = [...new Set(past.map((one) => one.kind))];
  const rows = past.filter((one) => !kind || one.kind === kind);
  return (
    <section className="card" aria-label={t("events.past")}>
      <div className="head-row gap"><h2>{t("events.past")}</h2>
        <Select<Past["kind"]> allowClear placeholder={t("events.kind")} aria-label={t("events.kind")} value={kind} onChange={setKind} options={there.map((value) => ({ value, label: t(`events.kinds.${value}`) }))} popupMatchSelectWidth={false} />
      </div>
      {rows.length === 0 ? <p className="quiet">{t("events.noPast")}</p> : (
        <Records<Past> label={t("events.past")} lead="kind" rowKey={(one) => `${one.kind}${one.what}${one.member}${one.time}`} rows={rows} width={860} pageSize={10} columns={[
          { title: t("common.start"), dataIndex: "time", key: "time", width: 170, render: (at: string) => <Moment at={at} /> },
          { title: t("events.kind"), key: "kind", width: 220, render: (_, one) => <>{t(`events.kinds.${one.kind}`)}<div className="quiet wrap">{one.what} {one.member}</div></> },
          { title: t("common.message"), dataIndex: "message", key: "message", render: (text: string) => <span lang="en" className="wrap">{text || "–"}</span> },
          { title: t("common.took"), key: "took", width: 110, render: (_, one) => one.ended ? span(between(one.time, one.ended, 0), language) : "–" },
          { title: t("common.status"), key: "outcome", width: 120, render: (_, one) => <Outcome word={one.outcome} /> },
        ]} />
      )}
    </section>
  );
}

function Outcome({ word }: { word: string }) {
  const { t } = useTexts();
  const known = OUTCOMES[word];
  const colour = word === "Succeeded" ? "good" : word === "Failed" || word === "GivenUp" ? "bad" : "";
  return <span className={colour} lang={known ? undefined : "en"}>{known ? t(known) : word}</span>;
}
