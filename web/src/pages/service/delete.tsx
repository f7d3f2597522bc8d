/** Deleting a service: what goes and what stays, with a last backup first. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Checkbox } from "antd";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { api, got } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Danger } from "../../parts/dialogs";
import { Loaded } from "../../parts/loaded";
import { useWhyNot } from "../../parts/may";
import { useAct } from "../../parts/refusal";
import { moment } from "../../text/time";
import type { Detail } from "./index";

/** Drawn only while it is open: what it says is asked for each time, and who closes it while a last backup runs keeps the service. */
export function Delete({ onClose, detail }: { onClose: () => void; detail: Detail }) {
  const { t } = useTexts();
  const whyNot = useWhyNot();
  const act = useAct();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { namespace: space, name, backupPolicy, primary } = detail.service;
  const mayBackUp = detail.may.backUp?.allowed ?? false;
  const [wantsBackup, setWantsBackup] = useState(mayBackUp && backupPolicy.enabled && primary !== null);
  /** The last backup, while it is waited for. */
  const [awaited, setAwaited] = useState("");
  const deletion = useQuery(ask.deletion(space, name));
  const send = async (confirm: string, after?: string) => {
    let isBegun = false;
    const query = { confirm, finalBackup: wantsBackup, after };
    const isDone = await act(after || !wantsBackup ? t("service.deleteTitle", { name }) : t("service.deleteFinalBackup"), async () => {
      const told = await got(api.DELETE("/api/v1/services/{space}/{name}", { params: { path: { space, name }, query } }));
      isBegun = told.isBegun;
      setAwaited(isBegun ? "" : (told.finalBackup ?? ""));
    });
    if (!isDone) setAwaited("");
    if (isBegun) {
      void client.invalidateQueries({ queryKey: ["services"] });
      await navigate("/services");
    }
    return isBegun;
  };
  return (
    <Danger open onClose={onClose} title={t("service.deleteTitle", { name })} name={name} confirm={t("common.delete")} onConfirm={send} canGoOn={deletion.data !== undefined && !deletion.data.isProtected && !awaited}>
      <Loaded query={deletion}>
        {(data) => (
          <>
            {data.isProtected && <Alert type="error" showIcon title={t("service.deleteProtected")} />}
            <ul className="plain">
              <li>{t("service.deleteGone")}</li>
              <li>{data.keepsData ? t("service.deleteKeeps", { count: data.volumes.length }) : <b className="bad">{t("service.deleteWipes")}</b>}</li>
              <li>{t("service.deleteBackups", { count: data.backups })}</li>
              <li>{data.lastBackup ? t(data.isLastBackupVerified ? "service.deleteLastVerified" : "service.deleteLast", { time: moment(data.lastBackup) }) : <b className="bad">{t("service.deleteNoBackup")}</b>}</li>
            </ul>
            <Checkbox checked={wantsBackup} disabled={!mayBackUp || awaited !== ""} onChange={(event) => setWantsBackup(event.target.checked)}>{t("service.deleteFinalBackup")}</Checkbox>
            {!mayBackUp && <p className="quiet">{whyNot(detail.may.backUp)}</p>}
            {awaited && <Awaited space={space} service={name} backup={awaited} onOver={() => void send(name, awaited)} />}
          </>
        )}
      </Loaded>
    </Danger>
  );
}

/** The event stream says when the backup is over; then the deletion is asked for again, once. */
function Awaited({ space, service, backup, onOver }: { space: string; service: string; backup: string; onOver: () => void }) {
  const { t } = useTexts();
  const backups = useQuery(ask.backups(space, service));
  const found = backups.data?.items.find((one) => one.name === backup);
  const isOver = found?.phase === "Succeeded" || found?.phase === "Failed";
  const isAsked = useRef(false);
  useEffect(() => {
    if (!isOver || isAsked.current) return;
    isAsked.current = true;
    onOver();
  }, [isOver, onOver]);
  return <Alert type="info" showIcon title={<>{t("service.deleteAwaits", { backup })} <span lang="en">{found?.howFar}</span></>} />;
}
