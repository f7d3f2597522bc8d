/** What runs where, what is free, and what emptying a host would do. */

import { useQuery } from "@tanstack/react-query";
import { Tag } from "antd";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { ask } from "../api/queries";
import { useTexts } from "../i18n/use";
import { Health } from "../parts/health";
import { Loaded, Nothing } from "../parts/loaded";
import { PageHead } from "../parts/page";
import { useRole } from "../parts/role";
import { Share } from "../parts/share";
import { bytes, cores } from "../text/quantity";

export default function Hosts() {
  const { t } = useTexts();
  const hosts = useQuery(ask.hosts());
  return (
    <>
      <PageHead title={t("nav.hosts")} tab={t("nav.hosts")} />
      <Loaded query={hosts}>{(list) => list.items.length === 0 ? <section className="card"><Nothing title={t("hosts.empty")} /></section> : <div className="halves">{list.items.map((host) => <Host key={host.name} host={host} />)}</div>}</Loaded>
    </>
  );
}

function Host({ host }: { host: Schemas["HostRow"] }) {
  const { t } = useTexts();
  const roleOf = useRole();
  const word = !host.isReady ? t("hosts.notReady") : host.isSchedulable ? t("hosts.ready") : t("hosts.cordoned");
  return (
    <section className="card stack" aria-label={host.name}>
      <div className="head-row"><h2 className="wrap">{host.name}</h2><Health health={!host.isReady ? "red" : host.isSchedulable ? "green" : "yellow"} message={host.isReady ? word : host.message || word} /></div>
      <div className="quiet">{host.address} · {t("hosts.kubelet")} {host.kubelet} · {t("hosts.pods")} {host.pods}/{host.podsMax}</div>
      <Share label={t("common.cpu")} used={host.cpuAskedMillis} all={host.cpuMillis} text={t("hosts.free", { free: cores(host.cpuFree), all: cores(host.cpuMillis) })} />
      <Share label={t("common.memory")} used={host.memoryAskedBytes} all={host.memoryBytes} text={t("hosts.free", { free: bytes(host.memoryFree), all: bytes(host.memoryBytes) })} />
      <div>
        <b>{t("hosts.runs")}</b>
        {host.members.length === 0 && host.hiddenMembers === 0 && <p className="quiet">{t("hosts.nothing")}</p>}
        <ul className="list">
          {host.members.map((guest) => (
            <li key={`${guest.namespace}/${guest.pod}`}>
              <span><Link className="wrap" to={`/services/${guest.namespace}/${guest.service}`}>{guest.namespace}/{guest.service}</Link> <span className="quiet wrap">{guest.pod}</span> {guest.role && <Tag>{roleOf(guest.role)}</Tag>}</span>
              <span className={`health ${guest.health}`}><span className="word">{t(`health.${guest.health}`)}</span></span>
            </li>
          ))}
        </ul>
        {host.hiddenMembers > 0 && <p className="quiet">{t("hosts.hidden", { count: host.hiddenMembers })}</p>}
      </div>
      <div>
        <b>{t("hosts.drain")}</b>
        {host.drain.length === 0 ? <p className="good">{t("hosts.drainNone")}</p> : (
          <ul>{host.drain.map((one) => <li key={`${one.space}/${one.service}`} className={one.becomes === "red" ? "bad" : "warn"}>{t("hosts.drainBecomes", { service: `${one.space}/${one.service}`, health: t(`health.${one.becomes}`) })}</li>)}</ul>
        )}
      </div>
    </section>
  );
}
