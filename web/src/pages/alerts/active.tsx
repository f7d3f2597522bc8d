/** What fires now, the worst first. */

import { SearchOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Drawer, Input, Tag } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Ask, DeedButton } from "../../parts/dialogs";
import { Loaded, Nothing } from "../../parts/loaded";
import { Records } from "../../parts/records";
import { useAct } from "../../parts/refusal";
import { Ago, Moment } from "../../parts/when";
import { holds } from "../../text/alerts";
import { SeverityMark, Subject } from "./about";
import { SilenceDialog } from "./silence";

type Alert = Schemas["AlertView"];

export function Active() {
  const { t, language } = useTexts();
  const alerts = useQuery(ask.alerts());
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState<Alert | null>(null);
  const [quiets, setQuiets] = useState<Alert | null>(null);
  const [takes, setTakes] = useState<Alert | null>(null);
  return (
    <section className="card" aria-label={t("alerts.active")}>
      <Loaded query={alerts}>
        {(list) => list.items.length === 0 ? <Nothing title={t("alerts.none")} hint={t("alerts.noneHint")} /> : (
          <>
            <div className="table-top">
              <Input data-search className="search" allowClear prefix={<SearchOutlined aria-hidden />} placeholder={t("alerts.search")} aria-label={t("alerts.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
              <span className="quiet" role="status">{t("alerts.open", { count: list.openCount })}</span>
            </div>
            <Records<Alert> label={t("alerts.active")} lead="what" rowKey={(one) => one.fingerprint} rows={list.items.filter((one) => holds(one, one.texts[language]?.summary ?? "", wanted.trim()))} width={960} empty={<Nothing title={t("common.noMatch")} />} columns={[
              { title: t("alerts.severityHead"), key: "severity", width: 130, render: (_, one) => <SeverityMark severity={one.severity} /> },
              { title: t("alerts.what"), key: "what", render: (_, one) => <What alert={one} onShow={() => setShown(one)} /> },
              { title: t("alerts.about"), key: "about", width: 220, render: (_, one) => <Subject about={one} /> },
              { title: t("alerts.since"), dataIndex: "began", key: "began", width: 130, render: (at: string) => <Ago at={at} /> },
              { title: t("common.actions"), key: "actions", width: 220, render: (_, one) => (
                <div className="row">
                  {one.silences.length === 0 && <DeedButton size="small" may={one.maySilence} aria-label={`${t("alerts.acknowledge")}: ${one.name}`} onClick={() => setTakes(one)}>{t("alerts.acknowledge")}</DeedButton>}
                  <DeedButton size="small" may={one.maySilence} aria-label={`${t("alerts.silence")}: ${one.name}`} onClick={() => setQuiets(one)}>{t("alerts.silence")}</DeedButton>
                </div>
              ) },
            ]} />
          </>
        )}
      </Loaded>
      <Drawer open={shown !== null} onClose={() => setShown(null)} title={shown?.name ?? ""} size={640} destroyOnHidden>{shown && <Details alert={shown} />}</Drawer>
      <SilenceDialog alert={quiets} onClose={() => setQuiets(null)} />
      <AcknowledgeDialog alert={takes} onClose={() => setTakes(null)} />
    </section>
  );
}

function What({ alert, onShow }: { alert: Alert; onShow: () => void }) {
  const { t, language } = useTexts();
  return (
    <>
      <button type="button" className="link wrap" onClick={onShow}>{alert.texts[language]?.summary || alert.name}</button>
      {alert.why && <div className="quiet wrap" lang="en">{alert.why}</div>}
      {alert.mutedBy.length > 0 && <div><Tag>{t("alerts.mutedBy", { names: alert.mutedBy.join(", ") })}</Tag></div>}
      {alert.silences.length > 0 && <div><Tag>{t("alerts.isSilenced")}</Tag></div>}
    </>
  );
}

function Details({ alert }: { alert: Alert }) {
  const { t, language } = useTexts();
  const said = alert.texts[language];
  const parts = (["meaning", "impact", "moorage", "you"] as const).filter((key) => said?.[key]);
  return (
    <div className="stack">
      <p><SeverityMark severity={alert.severity} /> · <Subject about={alert} /> · <Moment at={alert.began} /></p>
      {alert.why && <p lang="en">{alert.why}</p>}
      {parts.map((key) => <section key={key}><h3>{t(`alerts.texts.${key}`)}</h3><p className="lines">{said?.[key]}</p></section>)}
    </div>
  );
}

function AcknowledgeDialog({ alert, onClose }: { alert: Alert | null; onClose: () => void }) {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const go = async () => {
    const params = { path: { alert: alert!.fingerprint } };
    const isDone = await act(t("alerts.acknowledge"), () => got(api.POST("/api/v1/alerts/{alert}/acknowledgement", { params, body: { note: note.trim() } })));
    for (const queryKey of [["alerts"], ["silences"], ["overview"]]) void client.invalidateQueries({ queryKey });
    if (isDone) setNote("");
    return isDone;
  };
  return (
    <Ask open={alert !== null} onClose={onClose} title={`${t("alerts.acknowledge")}: ${alert?.name ?? ""}`} what={t("alerts.acknowledgeWhat")} confirm={t("alerts.acknowledge")} onConfirm={go}>
      <Input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} aria-label={`${t("alerts.note")} (${t("common.optional")})`} placeholder={`${t("alerts.note")} (${t("common.optional")})`} autoComplete="off" />
    </Ask>
  );
}
