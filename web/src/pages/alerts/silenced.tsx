/** What nobody is told of now: by whom, why, until when. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Tag } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Ask, DeedButton } from "../../parts/dialogs";
import { Loaded, Nothing } from "../../parts/loaded";
import { Records } from "../../parts/records";
import { useAct } from "../../parts/refusal";
import { Ago, Moment } from "../../parts/when";

type Silence = Schemas["SilenceView"];

export function Silenced() {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const silences = useQuery(ask.silences());
  const [ends, setEnds] = useState<Silence | null>(null);
  const end = async () => {
    const params = { path: { silence: ends!.id } };
    const isDone = await act(t("alerts.end"), () => got(api.DELETE("/api/v1/silences/{silence}", { params })));
    for (const queryKey of [["alerts"], ["silences"], ["overview"]]) void client.invalidateQueries({ queryKey });
    return isDone;
  };
  return (
    <section className="card" aria-label={t("alerts.silenced")}>
      <Loaded query={silences}>
        {(list) => list.items.length === 0 ? <Nothing title={t("alerts.noSilence")} hint={t("alerts.noSilenceHint")} /> : (
          <Records<Silence> label={t("alerts.silenced")} rowKey={(one) => one.id} rows={list.items} width={960} columns={[
            { title: t("alerts.of"), key: "of", render: (_, one) => <Of silence={one} /> },
            { title: t("alerts.reason"), key: "reason", render: (_, one) => <span className="wrap">{one.reason || "–"}{one.isAcknowledgement && <> <Tag>{t("alerts.acknowledged")}</Tag></>}</span> },
            { title: t("alerts.who"), dataIndex: "who", key: "who", width: 150, render: (text: string) => <span className="wrap">{text || "–"}</span> },
            { title: t("alerts.since"), dataIndex: "began", key: "began", width: 130, render: (at: string) => <Ago at={at} /> },
            { title: t("alerts.until"), key: "until", width: 170, render: (_, one) => (one.isAcknowledgement ? t("alerts.untilOver") : <Moment at={one.until} />) },
            { title: t("common.actions"), key: "actions", width: 130, render: (_, one) => <DeedButton size="small" may={one.mayEnd} aria-label={`${t("alerts.end")}: ${one.alert || one.matchers.join(" ")}`} onClick={() => setEnds(one)}>{t("alerts.end")}</DeedButton> },
          ]} />
        )}
      </Loaded>
      <Ask open={ends !== null} onClose={() => setEnds(null)} title={t("alerts.end")} what={t("alerts.endWhat")} confirm={t("alerts.end")} onConfirm={end} />
    </section>
  );
}

function Of({ silence }: { silence: Silence }) {
  const { t } = useTexts();
  const about = [silence.space, silence.service].filter(Boolean).join("/");
  const lead = silence.alert || (about ? t("alerts.all") : silence.matchers.join(", "));
  return (
    <>
      <b className="wrap">{lead}</b>
      {about && <div className="quiet wrap">{about}</div>}
      <div className="quiet wrap">{silence.silenced.length > 0 ? t("alerts.keepsQuiet", { names: [...new Set(silence.silenced)].join(", ") }) : t("alerts.keepsNothing")}</div>
    </>
  );
}
