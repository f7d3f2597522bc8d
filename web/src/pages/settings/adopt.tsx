/** A service that only a store knows, brought back beside whatever else is there. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { areKept, Passwords } from "../../parts/passwords";
import { useAct } from "../../parts/refusal";
import { freeName, isName, NAME_MAX } from "../../text/names";
import { whyNew } from "../../text/passwords";
import { moment } from "../../text/time";

interface Props { store: Schemas["StoreView"]; known: Schemas["KnownService"]; onClose: () => void }

export function Adopt({ store, known, onClose }: Props) {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const navigate = useNavigate();
  const services = useQuery(ask.services());
  const taken = new Set((services.data?.items ?? []).filter((row) => row.namespace === store.namespace).map((row) => row.name));
  const [typed, setTyped] = useState<string>();
  const name = typed ?? freeName(known.name, taken);
  const isFree = isName(name) && !taken.has(name);
  const places = { newest: known.newest, verified: known.verified };
  const [chosen, setChosen] = useState<keyof typeof places>("newest");
  const choices = [
    { value: "newest" as const, label: `${t("settings.newest")} · ${moment(known.newestTime)}` },
    ...(known.verified && known.verified !== known.newest ? [{ value: "verified" as const, label: `${t("settings.newestVerified")} · ${moment(known.verifiedTime)}` }] : []),
  ];
  const isKept = name === known.name;
  const none = whyNew(store);
  const mayRead = useQuery(ask.space(store.namespace)).data?.may.readPassword;
  const [wantsOld, setWantsOld] = useState(true);
  const [isBusy, setIsBusy] = useState(false);
  const start = async () => {
    setIsBusy(true);
    const body = { store: store.name, storedBackup: places[chosen], to: name, inPlace: false, confirm: "", keepPasswords: areKept(wantsOld, none, mayRead) };
    const isDone = await act(`${t("settings.adopt")} ${name}`, () => got(api.POST("/api/v1/spaces/{space}/restores", { params: { path: { space: store.namespace } }, body })));
    setIsBusy(false);
    void client.invalidateQueries({ queryKey: ["restores", store.namespace] });
    if (isDone) await navigate(`/services/${store.namespace}/${name}/progress`);
  };
  return (
    <Modal open title={`${t("settings.adopt")}: ${known.namespace}/${known.name}`} onCancel={onClose} okText={t("backup.start")} cancelText={t("common.cancel")} confirmLoading={isBusy} onOk={() => void start()} okButtonProps={{ disabled: !isFree }}>
      <Form layout="vertical">
        <Form.Item label={t("backup.backupName")} htmlFor="stored"><Select id="stored" value={chosen} onChange={setChosen} options={choices} /></Form.Item>
        <Form.Item label={t("backup.newName")} htmlFor="adoptAs" extra={t("settings.adoptWhere", { space: store.namespace })} validateStatus={isFree ? undefined : "error"}>
          <Input id="adoptAs" value={name} maxLength={NAME_MAX} onChange={(event) => setTyped(event.target.value)} autoComplete="off" spellCheck={false} />
        </Form.Item>
        <Passwords keeps={areKept(wantsOld, none, mayRead)} onChange={setWantsOld} whyNew={none} may={mayRead} service={name} />
      </Form>
      <div className="stack">
        <Alert type="info" showIcon title={isKept && known.namespace === store.namespace ? t("settings.adoptOwns") : t("settings.adoptCopies")} />
      </div>
    </Modal>
  );
}
