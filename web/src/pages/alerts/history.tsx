/** What fired, and how long until it was over. */

import { SearchOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Input, Segmented } from "antd";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Loaded, Nothing } from "../../parts/loaded";
import { Records } from "../../parts/records";
import { Moment } from "../../parts/when";
import { holds } from "../../text/alerts";
import { span } from "../../text/time";
import { SeverityMark, Subject } from "./about";

type Episode = Schemas["EpisodeView"];
const DAYS = [1, 7, 14] as const;

export function History() {
  const { t, language } = useTexts();
  const [days, setDays] = useState<number>(7);
  const [wanted, setWanted] = useState("");
  const past = useQuery(ask.pastAlerts(days));
  return (
    <section className="card" aria-label={t("alerts.history")}>
      <div className="table-top">
        <Input data-search className="search" allowClear prefix={<SearchOutlined aria-hidden />} placeholder={t("alerts.search")} aria-label={t("alerts.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
        <Segmented value={days} aria-label={t("alerts.days")} onChange={setDays} options={DAYS.map((value) => ({ value, label: t("alerts.lastDays", { count: value }) }))} />
      </div>
      <Loaded query={past}>
        {(list) => list.items.length === 0 ? <Nothing title={t("alerts.noPast")} /> : (
          <>
            <p className="quiet">{t("alerts.mean", { took: span(list.meanSeconds, language) })} · {t("alerts.resolution", { seconds: list.resolutionSeconds })}{list.more > 0 && ` · ${t("overview.more", { count: list.more })}`}</p>
            <Records<Episode> label={t("alerts.history")} lead="what" rowKey={(one) => String(list.items.indexOf(one))} rows={list.items.filter((one) => holds(one, one.summary[language] ?? "", wanted.trim()))} width={960} empty={<Nothing title={t("common.noMatch")} />} columns={[
              { title: t("alerts.severityHead"), key: "severity", width: 130, render: (_, one) => <SeverityMark severity={one.severity} /> },
              { title: t("alerts.what"), key: "what", render: (_, one) => <span className="wrap">{one.summary[language] || one.name}</span> },
              { title: t("alerts.about"), key: "about", width: 220, render: (_, one) => <Subject about={one} /> },
              { title: t("alerts.since"), dataIndex: "began", key: "began", width: 170, render: (at: string) => <Moment at={at} /> },
              { title: t("alerts.took"), key: "took", width: 150, render: (_, one) => (one.ended === null ? <span className="bad">{t("alerts.still")}</span> : span(one.tookSeconds, language)) },
            ]} />
          </>
        )}
      </Loaded>
    </section>
  );
}
