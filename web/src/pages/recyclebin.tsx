/** Deleted services whose volumes were kept: brought back, or given up for good. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Drawer } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../api/client";
import { ask } from "../api/queries";
import { useTexts } from "../i18n/use";
import { Danger, DeedButton } from "../parts/dialogs";
import { useTitles } from "../parts/engine";
import { Loaded, Nothing } from "../parts/loaded";
import { useAct } from "../parts/refusal";
import { Moment } from "../parts/when";
import { readable } from "../text/quantity";

type Gone = Schemas["DeletedRow"];

export function RecycleBin({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const act = useAct();
  const deleted = useQuery({ ...ask.deleted(), enabled: open });
  const [goes, setGoes] = useState<Gone | null>(null);
  const again = () => {
    void client.invalidateQueries({ queryKey: ["deleted"] });
    void client.invalidateQueries({ queryKey: ["services"] });
  };
  const undelete = async ({ namespace: space, name }: Gone) => {
    await act(`${t("services.undelete")} ${name}`, () => got(api.POST("/api/v1/deleted-services/{space}/{name}/undelete", { params: { path: { space, name } } })));
    again();
  };
  const remove = async (confirm: string) => {
    const { namespace: space, name } = goes!;
    const isDone = await act(`${t("services.deleteForGood")} ${name}`, () => got(api.DELETE("/api/v1/deleted-services/{space}/{name}", { params: { path: { space, name }, query: { confirm } } })));
    again();
    return isDone;
  };
  return (
    <Drawer open={open} onClose={onClose} title={t("services.recycle")} size={520}>
      <p className="quiet">{t("services.recycleHint")}</p>
      <Loaded query={deleted}>
        {(list) => list.items.length === 0 ? <Nothing title={t("services.recycleEmpty")} /> : (
          <ul className="records one">{list.items.map((one) => <OneGone key={`${one.namespace}/${one.name}`} gone={one} onUndelete={() => void undelete(one)} onDelete={() => setGoes(one)} />)}</ul>
        )}
      </Loaded>
      <Danger open={goes !== null} onClose={() => setGoes(null)} title={`${t("services.deleteForGood")}: ${goes?.name ?? ""}`} name={goes?.name ?? ""} confirm={t("services.deleteForGood")} onConfirm={remove}>
        <Alert type="warning" showIcon title={t("services.deleteForGoodWhat", { count: goes?.volumes.length ?? 0 })} />
        {goes && !goes.lastBackup && <Alert type="error" showIcon title={t("service.deleteNoBackup")} />}
      </Danger>
    </Drawer>
  );
}

function OneGone({ gone, onUndelete, onDelete }: { gone: Gone; onUndelete: () => void; onDelete: () => void }) {
  const { t } = useTexts();
  const titleOf = useTitles();
  const name = `${gone.namespace}/${gone.name}`;
  return (
    <li className="record">
      <div className="lead"><span className="wrap">{name}</span> <span className="quiet">{titleOf(gone.engine)}</span></div>
      <dl className="facts">
        <dt>{t("services.deleted")}</dt><dd><Moment at={gone.deleted} /></dd>
        <dt>{t("services.volumes")}</dt><dd>{gone.volumes.map((one) => readable(one.size)).join(" · ")}</dd>
        <dt>{t("services.lastBackup")}</dt><dd>{gone.lastBackup ? <><Moment at={gone.lastBackup} /> <span className={gone.isLastBackupVerified ? "good" : "warn"}>{gone.isLastBackupVerified ? t("services.verified") : t("services.unverified")}</span></> : t("common.never")}</dd>
      </dl>
      <div className="row above">
        <DeedButton may={gone.mayUndelete} type="primary" onClick={onUndelete} aria-label={`${t("services.undelete")}: ${name}`}>{t("services.undelete")}</DeedButton>
        <DeedButton may={gone.mayGiveUp} danger onClick={onDelete} aria-label={`${t("services.deleteForGood")}: ${name}`}>{t("services.deleteForGood")}</DeedButton>
      </div>
    </li>
  );
}
