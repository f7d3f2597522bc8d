/** 备份恢复: what was backed up and restored, when the next comes, and both by hand. */

import { CheckCircleFilled, ClockCircleOutlined, CloseCircleFilled } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Tag } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Ask, Danger, DeedButton } from "../../parts/dialogs";
import { Loaded, Nothing } from "../../parts/loaded";
import { Records } from "../../parts/records";
import { useAct } from "../../parts/refusal";
import { Timeline } from "../../parts/timeline";
import { Moment } from "../../parts/when";
import { inWords } from "../../text/cron";
import { bytes } from "../../text/quantity";
import { moment, span } from "../../text/time";
import { Download } from "./download";
import { EditSettings } from "./edit";
import type { Detail } from "./index";
import { RestoreDialog } from "./restore";

type Backup = Schemas["BackupRow"];

export function Backups({ detail }: { detail: Detail }) {
  const { t } = useTexts();
  const { service, may } = detail;
  const [asks, setAsks] = useState(false);
  const [restores, setRestores] = useState<{ backup?: string } | null>(null);
  const act = useAct();
  const client = useQueryClient();
  const backUp = async () => {
    const params = { path: { space: service.namespace, name: service.name } };
    const isDone = await act(t("backup.now"), () => got(api.POST("/api/v1/services/{space}/{name}/backups", { params, body: {} })));
    void client.invalidateQueries({ queryKey: ["backups", service.namespace] });
    return isDone;
  };
  return (
    <div className="stack">
      <div className="row">
        <DeedButton type="primary" may={may.backUp} onClick={() => setAsks(true)}>{t("backup.now")}</DeedButton>
        <DeedButton may={may.restore} onClick={() => setRestores({})}>{t("backup.restore")}</DeedButton>
      </div>
      <div className="halves">
        <Schedule detail={detail} />
        <RecentRestore detail={detail} />
      </div>
      <Moments service={service} />
      <BackupTable detail={detail} onRestore={(backup) => setRestores({ backup })} />
      <Ask open={asks} onClose={() => setAsks(false)} title={t("backup.now")} what={t("backup.nowWhat")} confirm={t("backup.now")} onConfirm={backUp} />
      {restores && <RestoreDialog service={service} may={may.readPassword} backup={restores.backup} onClose={() => setRestores(null)} />}
    </div>
  );
}

function Schedule({ detail: { service, may } }: { detail: Detail }) {
  const { t, language } = useTexts();
  const about = useQuery(ask.about());
  const [edits, setEdits] = useState(false);
  const { backupPolicy: policy } = service;
  const words = inWords(policy.schedule, language) ?? policy.schedule;
  return (
    <section className="card" aria-label={t("backup.schedule")}>
      <div className="head-row"><h2>{t("backup.schedule")}</h2><DeedButton size="small" may={may.change} aria-label={`${t("common.edit")}: ${t("backup.schedule")}`} onClick={() => setEdits(true)}>{t("common.edit")}</DeedButton></div>
      {policy.enabled ? (
        <dl className="facts">
          <dt>{t("backup.schedule")}</dt><dd>{t("backup.scheduleWords", { words, zone: service.timeZone ?? about.data?.timeZone ?? "UTC" })}</dd>
          <dt>{t("backup.nextRun")}</dt><dd><Moment at={service.backup.nextRun} /></dd>
          <dt>{t("backup.keep")}</dt><dd>{t("backup.keepWords", { days: policy.keepDays })}</dd>
          <dt>{t("backup.store")}</dt><dd>{policy.store ?? t("settings.defaultStore")}</dd>
        </dl>
      ) : <p className="warn">{t("backup.scheduleOff")}</p>}
      <EditSettings open={edits} onClose={() => setEdits(false)} service={service} />
    </section>
  );
}

/** Which moments of the past can be had back, at a glance. */
function Moments({ service: { namespace, name, window, backupPolicy } }: { service: Detail["service"] }) {
  const { t } = useTexts();
  const backups = useQuery(ask.backups(namespace, name));
  const good = (backups.data?.items ?? []).filter((one) => one.isGood).map((one) => one.consistentTime ?? one.endTime).filter((at) => at !== null && window?.start && window.end && at >= window.start && at <= window.end) as string[];
  return (
    <section className="card" aria-label={t("backup.moments")}>
      <div className="head-row"><h2>{t("backup.moments")}</h2>
        {window?.start && (window.gaps.length > 0 ? <span className="bad">{t("backup.gaps", { count: window.gaps.length })}</span> : <span className="good"><CheckCircleFilled aria-hidden /> {t("backup.whole")}</span>)}
      </div>
      {window?.start ? <><Timeline window={window} backups={good} />{good.length > 0 && <p className="quiet">{t("backup.marks")}</p>}</> : <p className="quiet">{backupPolicy.pointInTime && backupPolicy.enabled ? t("backup.noWindow") : t("backup.pointInTimeOff")}</p>}
    </section>
  );
}

function RecentRestore({ detail: { service, may } }: { detail: Detail }) {
  const { t, language } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const restores = useQuery(ask.restores(service.namespace, service.name));
  const [undoes, setUndoes] = useState(false);
  const undo = async (typed: string) => {
    const params = { path: { space: service.namespace, name: service.name } };
    const isDone = await act(t("backup.undo"), () => got(api.POST("/api/v1/services/{space}/{name}/undo", { params, body: { confirm: typed } })));
    void client.invalidateQueries({ queryKey: ["restores", service.namespace] });
    return isDone;
  };
  return (
    <section className="card" aria-label={t("backup.recent")}>
      <h2>{t("backup.recent")}</h2>
      <Loaded query={restores}>
        {(list) => {
          const last = list.items[0];
          if (!last) return <p className="quiet">{t("backup.noRestore")}</p>;
          return (
            <>
              <dl className="facts">
                <dt>{t("common.name")}</dt><dd>{last.name}</dd>
                <dt>{t("common.start")}</dt><dd><Moment at={last.startTime} /></dd>
                <dt>{t("common.end")}</dt><dd>{last.leftSeconds === null ? <Moment at={last.endTime} /> : t("backup.left", { span: span(last.leftSeconds, language) })}</dd>
                <dt>{t("common.status")}</dt><dd><Phase phase={last.phase} /> <span lang="en">{last.howFar}</span><Progress percent={last.donePercent} /></dd>
                <dt>{t("common.message")}</dt><dd lang="en">{last.message || last.doing || "–"}</dd>
              </dl>
              {last.undoUntil && <div className="row above"><DeedButton danger may={may.restore} onClick={() => setUndoes(true)}>{t("backup.undo")}</DeedButton><span className="quiet">{t("backup.undoUntil", { time: moment(last.undoUntil) })}</span></div>}
            </>
          );
        }}
      </Loaded>
      <Danger open={undoes} onClose={() => setUndoes(false)} title={t("backup.undo")} name={service.name} confirm={t("backup.undo")} onConfirm={undo}><Alert type="warning" showIcon title={t("backup.undoWhat")} /></Danger>
    </section>
  );
}

type AnyPhase = Schemas["BackupPhase"] | Schemas["RestorePhase"];

function Phase({ phase }: { phase: AnyPhase }) {
  const { t } = useTexts();
  const icon = phase === "Succeeded" ? <CheckCircleFilled aria-hidden /> : phase === "Failed" ? <CloseCircleFilled aria-hidden /> : <ClockCircleOutlined aria-hidden />;
  return <span className={phase === "Succeeded" ? "good" : phase === "Failed" ? "bad" : ""}>{icon} {t(`backup.phase${phase}`)}</span>;
}

/** How far it is, while that is known. */
function Progress({ percent }: { percent: number | null | undefined }) {
  const { t } = useTexts();
  if (percent === null || percent === undefined) return null;
  return <div className="bar" role="progressbar" aria-label={t("backup.progress")} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}><span style={{ width: `${percent}%` }} /></div>;
}

function BackupTable({ detail: { service, may }, onRestore }: { detail: Detail; onRestore: (backup: string) => void }) {
  const { t, language } = useTexts();
  const backups = useQuery(ask.backups(service.namespace, service.name));
  const act = useAct();
  const client = useQueryClient();
  const [goes, setGoes] = useState<Backup | null>(null);
  const [shown, setShown] = useState<Backup | null>(null);
  const remove = async (typed: string) => {
    const params = { path: { space: service.namespace, backup: goes!.name }, query: { confirm: typed } };
    const isDone = await act(`${t("common.delete")} ${goes!.name}`, () => got(api.DELETE("/api/v1/backups/{space}/{backup}", { params })));
    void client.invalidateQueries({ queryKey: ["backups", service.namespace] });
    return isDone;
  };
  return (
    <section className="card flush">
      <Loaded query={backups}>
        {(list) => list.items.length === 0 ? <Nothing title={t("backup.empty")} hint={t("backup.emptyHint")} /> : (
          <Records<Backup>
            label={t("service.backups")} rowKey={(one) => one.name} rows={list.items} width={1120} lead="name" pageSize={20}
            columns={[
              { title: t("backup.task"), dataIndex: "taskId", key: "taskId", width: 88, render: (id: string | null) => id ? <code className="clip" title={id}>{id}</code> : "–" },
              { title: t("backup.backupName"), key: "name", width: 190, render: (_, one) => <><div className="clip" title={one.name}>{one.name}</div><div className="quiet">{t(`backup.by.${one.by}`)}</div></> },
              { title: t("common.start"), dataIndex: "startTime", key: "startTime", width: 160, render: (at: string | null) => <Moment at={at} /> },
              { title: t("common.end"), key: "end", width: 160, render: (_, one) => <><Moment at={one.endTime} />{one.tookSeconds !== null && <div className="quiet">{span(one.tookSeconds, language)}</div>}</> },
              { title: t("common.status"), key: "phase", render: (_, one) => <><Phase phase={one.phase} /><div className="quiet wrap" lang="en">{one.howFar || (one.phase === "Succeeded" ? "" : one.message)}</div><Progress percent={one.donePercent} /></> },
              { title: t("common.size"), dataIndex: "sizeBytes", key: "sizeBytes", width: 84, render: (size: number | null) => <span className="figures">{bytes(size)}</span> },
              { title: t("backup.verified"), key: "verified", width: 118, render: (_, one) => <Verified backup={one} /> },
              { title: t("common.actions"), key: "actions", width: 222, render: (_, one) => (
                <div className="deeds">
                  <DeedButton size="small" type="link" may={may.restore} disabled={!one.isGood} aria-label={`${t("backup.restore")}: ${one.name}`} onClick={() => onRestore(one.name)}>{t("backup.restore")}</DeedButton>
                  <Button size="small" type="link" disabled={!one.isGood} aria-label={`${t("backup.download")}: ${one.name}`} onClick={() => setShown(one)}>{t("backup.download")}</Button>
                  <DeedButton size="small" type="link" danger may={may.deleteBackup} aria-label={`${t("common.delete")}: ${one.name}`} onClick={() => setGoes(one)}>{t("common.delete")}</DeedButton>
                </div>
              ) },
            ]}
          />
        )}
      </Loaded>
      <Danger open={goes !== null} onClose={() => setGoes(null)} title={`${t("common.delete")}: ${goes?.name ?? ""}`} name={goes?.name ?? ""} confirm={t("common.delete")} onConfirm={remove}><Alert type="warning" showIcon title={t("backup.deleteWhat")} /></Danger>
      {shown && <Download backup={shown} onClose={() => setShown(null)} />}
    </section>
  );
}

function Verified({ backup }: { backup: Backup }) {
  const { t } = useTexts();
  if (backup.verified === null) return <Tag>{t("backup.verifiedNotYet")}</Tag>;
  return <span className={backup.verified ? "good" : "bad"} title={backup.verifyMessage}>{backup.verified ? <CheckCircleFilled aria-hidden /> : <CloseCircleFilled aria-hidden />} {backup.verified ? t("backup.verifiedYes") : t("backup.verifiedNo")}</span>;
}
