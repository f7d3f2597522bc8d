/** Settings that can be changed while it runs; the API server judges before anything is kept. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Form, Input, Modal, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { BackupFields, ParameterFields, ZoneField } from "../../parts/fields";
import { Loaded } from "../../parts/loaded";
import { useRefused } from "../../parts/refused";
import { amount } from "../../text/quantity";
import { changeOf, settingsOf, type Change, type SettingsForm } from "../../text/wish";

interface Props { open: boolean; onClose: () => void; service: Schemas["ServiceView"] }

export function EditSettings({ open, onClose, service }: Props) {
  const { t } = useTexts();
  const catalog = useQuery({ ...ask.catalog(), enabled: open });
  const [form] = Form.useForm<SettingsForm>();
  const [changes, setChanges] = useState(0);
  const [isBusy, setIsBusy] = useState(false);
  return (
    <Modal open={open} onCancel={onClose} width={720} styles={{ body: { maxHeight: "calc(100vh - 280px)", overflowY: "auto" } }} title={t("service.editTitle")} okText={t("common.save")} cancelText={t("common.cancel")} confirmLoading={isBusy} okButtonProps={{ disabled: changes === 0 }} onOk={() => form.submit()} destroyOnHidden>
      <Loaded query={catalog}>
        {(cards) => <Sheet form={form} card={cards.find((card) => card.name === service.engine)} service={service} onClose={onClose} onChanges={setChanges} onBusy={setIsBusy} />}
      </Loaded>
    </Modal>
  );
}

interface SheetProps {
  form: ReturnType<typeof Form.useForm<SettingsForm>>[0]; card: Schemas["Card"] | undefined; service: Schemas["ServiceView"];
  onClose: () => void; onChanges: (count: number) => void; onBusy: (isBusy: boolean) => void;
}

function Sheet({ form, card, service, onClose, onChanges, onBusy }: SheetProps) {
  const { t } = useTexts();
  const { message } = App.useApp();
  const client = useQueryClient();
  const about = useQuery(ask.about());
  const stores = useQuery(ask.stores());
  // as it was when the dialog opened: what others change meanwhile is not undone by saving
  const [now] = useState(() => settingsOf(service, card?.membersDefault ?? service.members.length));
  const [values, setValues] = useState(now);
  const refused = useRefused(form);
  const top = useRef<HTMLDivElement>(null);
  const { wish, changes } = changeOf(now, values);
  const params = { path: { space: service.namespace, name: service.name } };
  const save = async () => {
    onBusy(true);
    refused.clear();
    try {
      await got(api.PATCH("/api/v1/services/{space}/{name}", { params, body: wish }));
      void message.success(t("common.asked", { what: t("service.editTitle") }));
      onClose();
    } catch (error) {
      const [place] = refused.show(error);
      if (place) form.scrollToField(place as never, { focus: true, block: "center" });
    }
    onBusy(false);
    void client.invalidateQueries({ queryKey: ["service", service.namespace, service.name] });
  };
  useEffect(() => {
    if (refused.rest) top.current?.scrollIntoView({ block: "nearest" });
  }, [refused.rest]);
  const change = (all: SettingsForm) => {
    const next = { ...values, ...all };
    setValues(next);
    onChanges(changeOf(now, next).changes.length);
  };
  const quantity = { validator: (_: unknown, value: string) => (amount(value ?? "") ? Promise.resolve() : Promise.reject(new Error(t("deploy.quantity")))) };
  const grows = { validator: (_: unknown, value: string) => ((amount(value ?? "") ?? 0) >= (amount(now.storage) ?? 0) ? Promise.resolve() : Promise.reject(new Error(t("service.editGrow")))) };
  const known = (stores.data?.items ?? []).filter((store) => store.namespace === service.namespace).map((store) => store.name);
  const zone = about.data?.timeZone;
  return (
    <Form form={form} layout="vertical" requiredMark={false} initialValues={now} onValuesChange={(_, all: SettingsForm) => change(all)} onFinish={() => void save()}>
      <div ref={top}>{refused.rest && <Alert className="gap" type="error" showIcon title={refused.rest} />}</div>
      <p className="quiet">{t("service.editWhat")}</p>
      <div className="pair">
        <Form.Item name="version" label={t("common.version")}><Select options={(card?.versions ?? []).map((v) => ({ value: v.version, label: v.version }))} /></Form.Item>
        <Form.Item name="members" label={t("common.members")} extra={service.hasArbiter && t("service.editArbiter")}>
          <Select disabled={service.hasArbiter} options={(card?.membersAllowed ?? [now.members]).map((count) => ({ value: count, label: String(count) }))} />
        </Form.Item>
        <Form.Item name="cpu" label={t("common.cpu")} rules={[quantity]}><Input spellCheck={false} /></Form.Item>
        <Form.Item name="memory" label={t("common.memory")} rules={[quantity]}><Input spellCheck={false} /></Form.Item>
        <Form.Item name="storage" label={t("common.storage")} extra={t("service.editGrow")} rules={[quantity, grows]}><Input spellCheck={false} /></Form.Item>
        <Form.Item name="expose" label={t("deploy.expose")}><Select options={(["LoadBalancer", "ClusterIP"] as const).map((value) => ({ value, label: t(`deploy.expose${value}`) }))} /></Form.Item>
        <Form.Item name="onDelete" label={t("deploy.onDelete")}><Select options={(["Retain", "Delete"] as const).map((value) => ({ value, label: t(`deploy.onDelete${value}`) }))} /></Form.Item>
        <ZoneField zone={zone} canBeEmptied={now.timeZone === undefined} />
      </div>
      <h2>{t("backup.schedule")}</h2>
      <BackupFields values={values} zone={values.timeZone ?? zone ?? "UTC"} stores={known} canBeEmptied={now.store === undefined} />
      <h2>{t("deploy.parameters")}</h2>
      <ParameterFields known={card?.parameters ?? []} rows={values.parameters} />
      <div className="changes" role="status" aria-live="polite">
        <Alert type="info" showIcon title={changes.length === 0 ? t("service.editNothing") : <>{t("service.editChanges")}<Changes changes={changes} /></>} />
      </div>
    </Form>
  );
}

const NAMES = {
  version: "common.version", members: "common.members", cpu: "common.cpu", memory: "common.memory", storage: "common.storage", expose: "deploy.expose", onDelete: "deploy.onDelete", timeZone: "deploy.timeZone",
  backup: "deploy.backup", schedule: "deploy.schedule", keepDays: "deploy.keepDays", store: "backup.store", pointInTime: "deploy.pointInTime",
} as const;

function Changes({ changes }: { changes: Change[] }) {
  const { t } = useTexts();
  const words: Record<string, string> = {
    true: t("common.on"), false: t("common.off"), LoadBalancer: t("deploy.exposeLoadBalancer"), ClusterIP: t("deploy.exposeClusterIP"), Retain: t("deploy.onDeleteRetain"), Delete: t("deploy.onDeleteDelete"),
  };
  const shown = (value: string | undefined) => (value === undefined ? t("service.editDefault") : (words[value] ?? value));
  return (
    <ul className="plain">
      {changes.map(({ field, before, after }) => (
        <li key={field}>{field in NAMES ? t(NAMES[field as keyof typeof NAMES]) : <code>{field}</code>}: {shown(before)} → <b>{shown(after)}</b></li>
      ))}
    </ul>
  );
}
