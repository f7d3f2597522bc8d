/** One service. */

import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Tag } from "antd";
import { lazy, Suspense } from "react";
import { Link, useParams } from "react-router";
import { Refusal, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { EngineMark, useTitles } from "../../parts/engine";
import { Health } from "../../parts/health";
import { Loaded, Nothing, Waiting } from "../../parts/loaded";
import { PageHead } from "../../parts/page";
import { Sections } from "../../parts/sections";
import { moment } from "../../text/time";
import { Actions } from "./actions";
import { Backups } from "./backups";
import { Events } from "./events";
import { Info } from "./info";
import { Logs } from "./logs";
import { Yaml } from "./yaml";

/** Brings the library of charts. */
const Monitoring = lazy(() => import("./monitoring"));
export type Detail = Schemas["ServiceDetail"];
const TABS = ["info", "backups", "monitoring", "events", "logs", "yaml"] as const;

export default function Service() {
  const { space = "", name = "" } = useParams();
  const detail = useQuery(ask.service(space, name));
  if (detail.data === undefined && detail.error instanceof Refusal && detail.error.code === "not-found") return <Missing space={space} name={name} />;
  // a key: nothing that one service's page holds is ever shown on another's
  return <Loaded query={detail}>{(data) => <Pages key={`${space}/${name}`} detail={data} />}</Loaded>;
}

/** Deleted while somebody looked at it, or never there. */
function Missing({ space, name }: { space: string; name: string }) {
  const { t } = useTexts();
  return (
    <>
      <PageHead tab={name} before={<Link className="crumb" to="/services">{t("nav.services")}</Link>} title={name} hint={space} />
      <section className="card"><Nothing title={t("problem.not-found")} hint={t("service.missing")}><Link to="/services"><Button type="primary" tabIndex={-1}>{t("nav.services")}</Button></Link></Nothing></section>
    </>
  );
}

function Pages({ detail }: { detail: Detail }) {
  const { t } = useTexts();
  const { tab } = useParams();
  const { service } = detail;
  const titleOf = useTitles();
  const here = TABS.find((one) => one === tab) ?? "info";
  const bodies = {
    info: <Info detail={detail} />,
    backups: <Backups detail={detail} />,
    monitoring: <Suspense fallback={<Waiting />}><Monitoring space={service.namespace} name={service.name} /></Suspense>,
    events: <Events space={service.namespace} name={service.name} may={detail.may.readEvents} />,
    logs: <Logs detail={detail} />,
    yaml: <Yaml detail={detail} />,
  };
  return (
    <>
      <PageHead
        tab={`${service.name} · ${t(`service.${here}`)}`} before={<Link className="crumb" to="/services">{t("nav.services")}</Link>}
        title={<span className="row"><EngineMark engine={service.engine} size={32} />{service.name}</span>}
        hint={<span className="row">{service.namespace} · {titleOf(service.engine)} {service.version} {service.protected && <Tag>{t("service.protected")}</Tag>}</span>}
        extra={<Actions detail={detail} />}
      />
      <div className="stack gap" aria-live="polite">
        <Health health={service.health} message={service.message} long />
        {service.maintenance && <Alert type="warning" showIcon title={t("service.maintenanceUntil", { time: moment(service.maintenance.until), reason: service.maintenance.reason })} />}
        {service.areWritesStopped && <Alert type="error" showIcon title={t("service.writesStopped")} />}
        {service.isDeleting && <Alert type="warning" showIcon title={t("health.deleting")} />}
        {service.doing && <Doing doing={service.doing} />}
        <Requests service={service} />
      </div>
      <Sections label={service.name} here={here} items={TABS.map((key) => ({ key, text: t(`service.${key}`), to: `/services/${service.namespace}/${service.name}/${key}` }))} />
      {bodies[here]}
    </>
  );
}

function Doing({ doing }: { doing: Schemas["Step"] }) {
  const { t } = useTexts();
  return (
    <Alert type="info" showIcon title={<>{t("service.doing")}: <span lang="en">{doing.reason}</span>{doing.rejected.map((one) => <div key={one.action}>{t("service.rejected", { action: one.action, why: one.why })}</div>)}</>} />
  );
}

function Requests({ service }: { service: Schemas["ServiceView"] }) {
  const { t } = useTexts();
  const asked = Object.entries(service.requests).filter(([, what]) => what).map(([verb, what]) => `${verb} ${what}`);
  return asked.length > 0 ? <Alert type="info" showIcon title={t("service.requested", { what: asked.join(", ") })} /> : null;
}
