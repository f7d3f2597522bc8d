/** 基本信息: how it is, who its members are, how to connect, and how it is set. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { ConnectionPanel } from "../../parts/connection";
import { Ask, DeedButton } from "../../parts/dialogs";
import { Health } from "../../parts/health";
import { Records } from "../../parts/records";
import { useAct } from "../../parts/refusal";
import { useRole } from "../../parts/role";
import { Ago, Moment } from "../../parts/when";
import { bytes, readable, readableCores } from "../../text/quantity";
import { EditSettings } from "./edit";
import type { Detail } from "./index";
import { Recover } from "./recover";

const MIB = 1024 * 1024;
type Verb = "promote" | "restart" | "rebuild";

export function Info({ detail }: { detail: Detail }) {
  const { t } = useTexts();
  const roleOf = useRole();
  const { service, may } = detail;
  const about = useQuery(ask.about());
  const [edits, setEdits] = useState(false);
  const running = service.repairs.filter((repair) => repair.outcome === "Running");
  const ready = service.conditions.find((condition) => condition.type === "Ready");
  return (
    <div className="stack">
      <div className="halves">
        <section className="card" aria-label={t("common.status")}>
          <h2>{t("common.status")}</h2>
          <dl className="facts">
            <dt>{t("service.deployState")}</dt><dd>{ready?.status === "True" ? t("service.deployed") : <Link to={`/services/${service.namespace}/${service.name}/progress`}>{t("health.starting")}</Link>}</dd>
            <dt>{t("service.started")}</dt><dd><Moment at={service.created} /></dd>
            <dt>{t("service.ended")}</dt><dd><Moment at={ready?.status === "True" ? ready.lastTransitionTime : null} /></dd>
            <dt>{t("common.members")}</dt><dd>{service.membersReady || "–"}</dd>
            <dt>{t("service.primary")}</dt><dd>{service.primary ?? <span className="bad">{t("service.noPrimary")}</span>}</dd>
            <dt>{t("service.repairing")}</dt><dd>{running.length === 0 ? t("service.notRepairing") : running.map((repair) => <div key={repair.startTime} className="warn" lang="en">{repair.kind} {repair.member}: {repair.why}</div>)}</dd>
            <dt>{t("services.lastBackup")}</dt><dd><Ago at={service.backup.lastSuccess} none={t("common.never")} /></dd>
          </dl>
        </section>
        <ConnectionPanel space={service.namespace} name={service.name} may={may.readPassword} />
      </div>
      <section className="card" aria-label={t("service.topology")}>
        <h2>{t("service.topology")}</h2>
        <div className="members">
          {service.members.map((member) => (
            <div key={member.name} className={member.name === service.primary ? "node first" : "node"}>
              <b>{member.name}</b> <span className="quiet">{roleOf(member.role)}</span>
              <div><Health isMember health={member.health} message={member.message} long /></div>
              <div className="quiet wrap">{member.node || "–"}</div>
            </div>
          ))}
        </div>
      </section>
      <Members detail={detail} />
      <section className="card" aria-label={t("service.settings")}>
        <div className="head-row"><h2>{t("service.settings")}</h2><DeedButton may={may.change} onClick={() => setEdits(true)}>{t("common.edit")}</DeedButton></div>
        <dl className="facts">
          <dt>{t("common.version")}</dt><dd>{service.version ?? "–"}</dd>
          <dt>{t("common.cpu")}</dt><dd>{readableCores(service.cpu)}</dd>
          <dt>{t("common.memory")}</dt><dd>{readable(service.memory)}</dd>
          <dt>{t("common.storage")}</dt><dd>{readable(service.storage.size)}</dd>
          <dt>{t("service.volumeType")}</dt><dd>{service.storage.type ?? service.storage.className ?? t("deploy.clusterDefault")}</dd>
          <dt>{t("deploy.expose")}</dt><dd>{t(`deploy.expose${service.expose}`)}</dd>
          <dt>{t("deploy.onDelete")}</dt><dd>{t(`deploy.onDelete${service.onDelete}`)}</dd>
          <dt>{t("deploy.timeZone")}</dt><dd>{service.timeZone ?? t("service.timeZonePlatform", { zone: about.data?.timeZone ?? "UTC" })}</dd>
          <dt>{t("deploy.protected")}</dt><dd>{service.protected ? t("common.on") : t("common.off")}</dd>
          {Object.entries(service.parameters).map(([key, value]) => <Fact key={key} name={key} value={value} />)}
        </dl>
      </section>
      <EditSettings open={edits} onClose={() => setEdits(false)} service={service} />
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return <><dt><code>{name}</code></dt><dd><code>{value}</code></dd></>;
}

function Members({ detail }: { detail: Detail }) {
  const { t } = useTexts();
  const roleOf = useRole();
  const act = useAct();
  const client = useQueryClient();
  const { service, may } = detail;
  const [asked, setAsked] = useState<{ verb: Verb; member: string } | null>(null);
  const [kept, setKept] = useState("");
  const member = asked?.member ?? "";
  const params = { path: { space: service.namespace, name: service.name } };
  const calls: Record<Verb, () => Promise<unknown>> = {
    promote: () => got(api.POST("/api/v1/services/{space}/{name}/promote", { params, body: { member } })),
    restart: () => got(api.POST("/api/v1/services/{space}/{name}/restart", { params, body: { member } })),
    rebuild: () => got(api.POST("/api/v1/services/{space}/{name}/rebuild", { params, body: { member } })),
  };
  const confirm = async (verb: Verb) => {
    const isDone = await act(`${t(`service.${verb}`)} ${member}`, calls[verb]);
    void client.invalidateQueries({ queryKey: ["service", service.namespace, service.name] });
    return isDone;
  };
  return (
    <section className="card" aria-label={t("common.members")}>
      <h2>{t("common.members")}</h2>
      <Records<Schemas["MemberView"]>
        label={t("common.members")} rowKey={(one) => one.name} rows={service.members} width={1000}
        columns={[
          { title: t("common.member"), dataIndex: "name", key: "name", width: 110 },
          { title: t("common.role"), dataIndex: "role", key: "role", width: 95, render: (role: string) => roleOf(role) },
          { title: t("common.health"), key: "health", render: (_, one) => <Health isMember health={one.health} message={one.message} /> },
          { title: t("common.host"), dataIndex: "node", key: "node", width: 100, render: (node: string) => <span className="clip" title={node}>{node || "–"}</span> },
          { title: t("service.volume"), key: "volume", width: 150, render: (_, one) => <Volume status={service.volumes[one.name]} /> },
          { title: t("common.start"), dataIndex: "started", key: "started", width: 110, render: (at: string | null) => <Ago at={at} /> },
          { title: t("service.restarts"), dataIndex: "restarts", key: "restarts", width: 84 },
          { title: t("common.actions"), key: "actions", width: 210, render: (_, one) => (
            <div className="deeds">
              {service.primary && one.name !== service.primary && one.role !== "arbiter" && <DeedButton size="small" type="link" may={may.change} aria-label={`${t("service.promote")}: ${one.name}`} onClick={() => setAsked({ verb: "promote", member: one.name })}>{t("service.promote")}</DeedButton>}
              <DeedButton size="small" type="link" may={may.change} aria-label={`${t("service.restart")}: ${one.name}`} onClick={() => setAsked({ verb: "restart", member: one.name })}>{t("service.restart")}</DeedButton>
              {one.name !== service.primary && <DeedButton size="small" type="link" may={may.change} aria-label={`${t("service.rebuild")}: ${one.name}`} onClick={() => setAsked({ verb: "rebuild", member: one.name })}>{t("service.rebuild")}</DeedButton>}
              {!service.primary && one.role !== "arbiter" && <DeedButton size="small" type="link" danger may={may.change} aria-label={`${t("service.recover")}: ${one.name}`} onClick={() => setKept(one.name)}>{t("service.recover")}</DeedButton>}
            </div>
          ) },
        ]}
      />
      {kept && <Recover space={service.namespace} name={service.name} member={kept} onClose={() => setKept("")} />}
      {asked && <Ask open title={t(`service.${asked.verb}`)} what={t(`service.${asked.verb}What`, { member })} confirm={t(`service.${asked.verb}`)} isDanger={asked.verb === "rebuild"} onClose={() => setAsked(null)} onConfirm={() => confirm(asked.verb)} />}
    </section>
  );
}

function Volume({ status }: { status: Schemas["VolumeStatus"] | undefined }) {
  const { t } = useTexts();
  if (!status) return <span>–</span>;
  const text = t("service.volumeUse", { percent: status.usedPercent, size: bytes(status.sizeMib * MIB) });
  return (
    <div>
      <span className="figures">{text}</span>
      <div className={status.usedPercent >= 90 ? "bar full" : "bar"} role="meter" aria-label={t("service.volume")} aria-valuenow={status.usedPercent} aria-valuemin={0} aria-valuemax={100}><span style={{ width: `${status.usedPercent}%` }} /></div>
    </div>
  );
}
