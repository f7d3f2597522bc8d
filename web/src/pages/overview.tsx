/** The fleet's health, the worst first. */

import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { ask } from "../api/queries";
import { useTexts } from "../i18n/use";
import { Health } from "../parts/health";
import { Loaded, Nothing } from "../parts/loaded";
import { PageHead } from "../parts/page";
import { Share } from "../parts/share";
import { bytes, cores } from "../text/quantity";
import { ago } from "../text/time";

const COLOURS = ["red", "yellow", "unknown", "green"] as const;

export default function Overview() {
  const { t } = useTexts();
  const overview = useQuery(ask.overview());
  return (
    <>
      <PageHead title={t("nav.overview")} tab={t("nav.overview")} />
      <Loaded query={overview}>{(data) => <Fleet data={data} />}</Loaded>
    </>
  );
}

function Fleet({ data }: { data: Schemas["Overview"] }) {
  const { t } = useTexts();
  const total = Object.values(data.services).reduce((sum, count) => sum + count, 0);
  if (total === 0) {
    return (
      <section className="card">
        <Nothing title={t("overview.first")} hint={t("overview.firstHint")}><Link to="/market"><Button type="primary" tabIndex={-1}>{t("overview.toMarket")}</Button></Link></Nothing>
      </section>
    );
  }
  return (
    <>
      <div className="tiles">
        <Link className="tile" to="/services"><b>{total}</b>{t("overview.total")}</Link>
        {COLOURS.filter((colour) => colour !== "unknown" || data.services.unknown).map((colour) => (
          <Link key={colour} className={`tile ${data.services[colour] ? colour : ""}`} to={`/services?health=${colour}`}><b>{data.services[colour] ?? 0}</b>{t(`health.${colour}`)}</Link>
        ))}
        {data.openAlerts !== null && <Link className={`tile ${data.openAlerts ? "red" : ""}`} to="/alerts/active"><b>{data.openAlerts}</b>{t("overview.alerts")}</Link>}
        <Link className={`tile ${data.notBackedUpCount ? "yellow" : ""}`} to="/services?backup=bad"><b>{data.notBackedUpCount}</b>{t("overview.notBackedUp")}</Link>
      </div>
      <div className="halves gap">
        <div className="stack">
          <section className="card" aria-label={t("overview.worst")}>
            <h2>{t("overview.worst")}</h2>
            <Rows rows={data.worst} empty={t("overview.allGreen")} />
          </section>
          <section className="card" aria-label={t("overview.alerts")}>
            <h2>{t("overview.alerts")}</h2>
            <OpenAlerts count={data.openAlerts} />
          </section>
        </div>
        <div className="stack">
          <section className="card" aria-label={t("overview.notBackedUp")}>
            <h2>{t("overview.notBackedUp")}</h2>
            <Rows rows={data.notBackedUp} empty={t("overview.allBackedUp")} about={(row) => <BackupOf row={row} />} />
            {data.notBackedUpCount > data.notBackedUp.length && (
              <Link to="/services?backup=bad">{t("overview.more", { count: data.notBackedUpCount - data.notBackedUp.length })}</Link>
            )}
          </section>
          <Capacity />
        </div>
      </div>
    </>
  );
}

function OpenAlerts({ count }: { count: number | null }) {
  const { t } = useTexts();
  if (count === null) return <p className="quiet">{t("overview.alertsUnknown")}</p>;
  return count === 0 ? <p className="good">{t("overview.noAlert")}</p> : <p><Link className="bad" to="/alerts/active">{t("alerts.open", { count })}</Link></p>;
}

/** `about`: what is to be known of each; its health when absent. */
function Rows({ rows, empty, about }: { rows: Schemas["ServiceRow"][]; empty: string; about?: (row: Schemas["ServiceRow"]) => ReactNode }) {
  if (rows.length === 0) return <p className="good">{empty}</p>;
  return (
    <ul className="list">
      {rows.map((row) => (
        <li key={`${row.namespace}/${row.name}`}>
          <div>
            <Link to={`/services/${row.namespace}/${row.name}`} className="wrap">{row.namespace}/{row.name}</Link>
            <div>{about ? about(row) : <Health health={row.health} message={row.message} long />}</div>
          </div>
        </li>
      ))}
    </ul>
  );
}

function BackupOf({ row }: { row: Schemas["ServiceRow"] }) {
  const { t, language } = useTexts();
  const when = (at: string) => ago(at, Date.now(), language);
  if (!row.lastBackup) return <span className="bad">{t("overview.neverBackedUp")}</span>;
  return <span className="warn">{t("overview.lastBackup", { when: when(row.lastBackup) })} · {row.lastVerifiedBackup ? t("overview.lastVerified", { when: when(row.lastVerifiedBackup) }) : t("overview.neverVerified")}</span>;
}

function Capacity() {
  const { t } = useTexts();
  const hosts = useQuery(ask.hosts());
  return (
    <section className="card" aria-label={t("overview.capacity")}>
      <h2>{t("overview.capacity")}</h2>
      <Loaded query={hosts}>
        {(data) => (
          <ul className="list">
            {data.items.map((host) => (
              <li key={host.name}>
                <div className="grow">
                  <div className="row"><b className="wrap">{host.name}</b>{!host.takesNewPods && <span className="warn">{host.isReady ? t("hosts.cordoned") : t("hosts.notReady")}</span>}</div>
                  <Share label={t("common.cpu")} used={host.cpuAskedMillis} all={host.cpuMillis} text={t("hosts.free", { free: cores(host.cpuFree), all: cores(host.cpuMillis) })} />
                  <Share label={t("common.memory")} used={host.memoryAskedBytes} all={host.memoryBytes} text={t("hosts.free", { free: bytes(host.memoryFree), all: bytes(host.memoryBytes) })} />
                </div>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  );
}
