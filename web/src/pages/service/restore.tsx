/** Restoring: to a new service unless told otherwise; in place with the name typed and a safety backup. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, DatePicker, Form, Input, Modal, Radio, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import type { May } from "../../parts/may";
import { areKept, Passwords } from "../../parts/passwords";
import { useAct } from "../../parts/refusal";
import { Timeline } from "../../parts/timeline";
import { isName, NAME_MAX } from "../../text/names";
import { whyNew } from "../../text/passwords";
import { bytes } from "../../text/quantity";
import { moment } from "../../text/time";
import { isRestorable } from "../../text/window";

/** `may`: read the space's Secrets. */
export function RestoreDialog({ service, backup, may, onClose }: { service: Schemas["ServiceView"]; backup?: string; may: May | undefined; onClose: () => void }) {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const navigate = useNavigate();
  const backups = useQuery(ask.backups(service.namespace, service.name));
  const stores = useQuery(ask.stores());
  const good = (backups.data?.items ?? []).filter((one) => one.isGood);
  const [from, setFrom] = useState<"backup" | "time">("backup");
  const [chosen, setChosen] = useState(backup);
  const [at, setAt] = useState<Dayjs | null>(service.window?.end ? dayjs(service.window.end) : null);
  const [isInPlace, setIsInPlace] = useState(false);
  const [newName, setNewName] = useState(`${service.name}-restored`.slice(0, NAME_MAX));
  const [typed, setTyped] = useState("");
  const [wantsOld, setWantsOld] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const source = chosen ?? good[0]?.name;
  const lies = good.find((one) => one.name === source)?.store;
  const none = whyNew(stores.data?.items.find((one) => one.namespace === service.namespace && one.name === lies), from === "time");
  const isTimeGood = at !== null && service.window !== null && isRestorable(service.window, at.toISOString());
  const isComplete = (from === "backup" ? source !== undefined : isTimeGood) && (isInPlace ? typed === service.name : isName(newName));
  const start = async () => {
    setIsBusy(true);
    const what = from === "backup" ? { backup: source } : { at: at!.toISOString(), service: service.name };
    const where = isInPlace ? { inPlace: true, confirm: typed, service: service.name, keepPasswords: false } : { inPlace: false, confirm: "", to: newName, keepPasswords: areKept(wantsOld, none, may) };
    const isDone = await act(t("backup.restore"), () => got(api.POST("/api/v1/spaces/{space}/restores", { params: { path: { space: service.namespace } }, body: { ...what, ...where } })));
    setIsBusy(false);
    void client.invalidateQueries({ queryKey: ["restores", service.namespace] });
    if (!isDone) return;
    onClose();
    if (!isInPlace) await navigate(`/services/${service.namespace}/${newName}/progress`);
  };
  return (
    <Modal open title={t("backup.restore")} width={640} onCancel={onClose} okText={t("backup.start")} cancelText={t("common.cancel")} confirmLoading={isBusy} onOk={() => void start()} okButtonProps={{ disabled: !isComplete, danger: isInPlace }}>
      <Form layout="vertical">
        <Form.Item label={t("backup.from")}>
          <Radio.Group value={from} onChange={(event) => setFrom(event.target.value as typeof from)} options={[{ value: "backup", label: t("backup.fromBackup") }, { value: "time", label: t("backup.fromTime"), disabled: !service.window?.start }]} />
        </Form.Item>
        {from === "backup"
          ? <Form.Item label={t("backup.backupName")} htmlFor="backup"><Select id="backup" value={source} onChange={setChosen} options={good.map((one) => ({ value: one.name, label: `${one.name} · ${moment(one.consistentTime ?? one.endTime)} · ${bytes(one.sizeBytes)}` }))} /></Form.Item>
          : service.window && (
            <Form.Item label={t("backup.moment")} htmlFor="moment" validateStatus={isTimeGood ? undefined : "error"} help={isTimeGood ? undefined : t("backup.inGap")}>
              <DatePicker id="moment" showTime value={at} onChange={(value) => setAt(value as Dayjs | null)} />
              <Timeline window={service.window} at={at?.toISOString()} />
            </Form.Item>
          )}
        <Form.Item label={t("backup.to")}>
          <Radio.Group value={isInPlace} onChange={(event) => setIsInPlace(event.target.value as boolean)} options={[{ value: false, label: t("backup.toNew") }, { value: true, label: t("backup.inPlace") }]} />
        </Form.Item>
        {isInPlace ? (
          <div className="stack">
            <Alert type="warning" showIcon title={t("backup.inPlaceWhat", { name: service.name })} description={t("backup.inPlacePasswords")} />
            <label htmlFor="typed">{t("common.typeName", { name: service.name })}</label>
            <Input id="typed" value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" spellCheck={false} />
          </div>
        ) : (
          <>
            <Form.Item label={t("backup.newName")} htmlFor="newName" extra={t("backup.toNewWhat")} validateStatus={isName(newName) ? undefined : "error"}>
              <Input id="newName" value={newName} maxLength={NAME_MAX} onChange={(event) => setNewName(event.target.value)} autoComplete="off" spellCheck={false} />
            </Form.Item>
            <Passwords keeps={areKept(wantsOld, none, may)} onChange={setWantsOld} whyNew={none} may={may} service={newName} />
          </>
        )}
      </Form>
    </Modal>
  );
}
