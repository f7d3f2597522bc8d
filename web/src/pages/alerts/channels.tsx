/** By what people are told: whether it works, since when it counts, and what became of each message. */

import { CheckCircleFilled, ClockCircleFilled, MutedFilled, PlusOutlined, QuestionCircleFilled } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Drawer } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Ask, DeedButton } from "../../parts/dialogs";
import { Loaded, Nothing } from "../../parts/loaded";
import { Records } from "../../parts/records";
import { useAct } from "../../parts/refusal";
import { Ago } from "../../parts/when";
import { hostOf, SEVERITIES, useOf, type Channel, type Use } from "../../text/channels";
import { Deliveries, LOOKS } from "./channellog";
import { TestResult, useTest, type Tested } from "./channeltest";

const USES: Record<Use, [string, React.ReactNode]> = {
  muted: ["warn", <MutedFilled key="muted" aria-hidden />],
  used: ["good", <CheckCircleFilled key="used" aria-hidden />],
  soon: ["quiet", <ClockCircleFilled key="soon" aria-hidden />],
  unknown: ["quiet", <QuestionCircleFilled key="unknown" aria-hidden />],
};

export function Channels() {
  const { t } = useTexts();
  const channels = useQuery(ask.channels());
  return <section className="card" aria-label={t("alerts.channels")}><Loaded query={channels}>{(list) => <Listed list={list} />}</Loaded></section>;
}

function Listed({ list }: { list: Schemas["ChannelList"] }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const act = useAct();
  const client = useQueryClient();
  const [shown, setShown] = useState<string | null>(null);
  const [goes, setGoes] = useState<string | null>(null);
  const [tested, setTested] = useState<Tested | null>(null);
  const remove = async () => {
    const params = { path: { channel: goes! }, query: { version: list.version } };
    const isDone = await act(t("channels.delete", { name: goes! }), () => got(api.DELETE("/api/v1/channels/{channel}", { params })));
    void client.invalidateQueries({ queryKey: ["channels"] });
    return isDone;
  };
  const gone = (name: string) => <DeedButton size="small" danger may={list.may.delete} aria-label={`${t("common.delete")}: ${name}`} onClick={() => setGoes(name)}>{t("common.delete")}</DeedButton>;
  return (
    <div className="stack">
      <div className="table-top">
        <span className="quiet grow">{t("channels.hint")}</span>
        <DeedButton type="primary" may={list.may.create} icon={<PlusOutlined aria-hidden />} onClick={() => void navigate("/alerts/channels/new")}>{t("channels.make")}</DeedButton>
      </div>
      <TestResult tested={tested} onClose={() => setTested(null)} />
      {list.away && <Alert type="warning" showIcon title={t("channels.away")} description={<span className="wrap" lang="en">{list.away}</span>} />}
      {list.items.length > 0 && list.items.every((one) => one.muted) && <Alert type="warning" showIcon title={t("channels.allMuted")} />}
      {Object.entries(list.unusable).map(([entry, why]) => <Alert key={entry} type="error" showIcon title={t("channels.unusable", { name: entry })} description={<span className="wrap" lang="en">{why}</span>} action={gone(entry)} />)}
      <Records<Channel> label={t("alerts.channels")} rowKey={(one) => one.name} rows={list.items} width={1120} empty={<Nothing title={t("channels.none")} hint={t("channels.noneHint")} />} columns={[
        { title: t("common.name"), key: "name", width: 120, render: (_, one) => <Link className="wrap" to={`/alerts/channels/${one.name}/edit`}>{one.name}</Link> },
        { title: t("channels.kind"), key: "kind", width: 160, render: (_, one) => <>{t(`channels.kinds.${one.kind}`)}<div className="quiet wrap">{hostOf(one)}</div></> },
        { title: t("channels.told"), key: "told", render: (_, one) => <Told channel={one} /> },
        { title: t("channels.language"), key: "language", width: 130, render: (_, one) => <>{t(`channels.languages.${one.language}`)}<div className="quiet wrap">{one.zone}</div></> },
        { title: t("common.status"), key: "use", width: 140, render: (_, one) => <InUse channel={one} /> },
        { title: t("channels.latest"), key: "latest", width: 200, render: (_, one) => <Latest channel={one} onShow={() => setShown(one.name)} /> },
        { title: t("common.actions"), key: "actions", width: 240, render: (_, one) => (
          <div className="row">
            <TestButton channel={one.name} may={list.may.update} onTested={setTested} />
            <DeedButton size="small" may={list.may.update} aria-label={`${t("common.edit")}: ${one.name}`} onClick={() => void navigate(`/alerts/channels/${one.name}/edit`)}>{t("common.edit")}</DeedButton>
            {gone(one.name)}
          </div>
        ) },
      ]} />
      <Drawer open={shown !== null} onClose={() => setShown(null)} title={`${t("channels.log")}: ${shown ?? ""}`} size={720} destroyOnHidden>{shown && <Deliveries channel={shown} />}</Drawer>
      <Ask open={goes !== null} isDanger onClose={() => setGoes(null)} title={t("channels.delete", { name: goes ?? "" })} what={t("channels.deleteWhat")} confirm={t("common.delete")} onConfirm={remove} />
    </div>
  );
}

function Told({ channel }: { channel: Channel }) {
  const { t } = useTexts();
  const of = [...channel.spaces, ...channel.services];
  const severities = SEVERITIES.filter((one) => channel.severities.length === 0 || channel.severities.includes(one));
  return <><span className="wrap">{of.length > 0 ? of.join(", ") : t("channels.everything")}</span><div className="quiet">{severities.map((one) => t(`alerts.severity.${one}`)).join(", ")}</div></>;
}

function InUse({ channel }: { channel: Channel }) {
  const { t } = useTexts();
  const use = useOf(channel);
  const [look, sign] = USES[use];
  return <><span className={look}>{sign} {t(`channels.use.${use}`)}</span>{use !== "muted" && channel.muted && <div className="quiet">{t("channels.use.muted")}</div>}</>;
}

function Latest({ channel: { name, latest }, onShow }: { channel: Channel; onShow: () => void }) {
  const { t } = useTexts();
  if (!latest) return <span className="quiet">{t("channels.never")}</span>;
  return (
    <>
      <span className={LOOKS[latest.state]}>{t(`channels.states.${latest.state}`)}</span>
      <div className="row quiet"><Ago at={latest.created} /><button type="button" className="link" aria-label={`${t("channels.log")}: ${name}`} onClick={onShow}>{t("channels.log")}</button></div>
    </>
  );
}

function TestButton({ channel, may, onTested }: { channel: string; may: Schemas["DeedView"]; onTested: (tested: Tested) => void }) {
  const { t } = useTexts();
  const { isBusy, test } = useTest((one) => one && onTested(one));
  const send = () => test(channel, () => got(api.POST("/api/v1/channels/{channel}/test", { params: { path: { channel } } })));
  return <DeedButton size="small" may={may} loading={isBusy} aria-label={`${t("channels.test")}: ${channel}`} onClick={() => void send()}>{t("channels.test")}</DeedButton>;
}
