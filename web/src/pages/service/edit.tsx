/** Settings that can be changed while it runs; the API server judges before anything is kept. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { useAct, useRefusal } from "../../parts/refusal";
import { changedOnly } from "../../text/wish";

interface Settings { version?: string; cpu: string; memory: string; storage: string; expose: Schemas["ExposeType"]; onDelete: Schemas["OnDelete"] }

export function EditSettings({ open, onClose, service }: { open: boolean; onClose: () => void; service: Schemas["ServiceView"] }) {
  const { t } = useTexts();
  const act = useAct();
  const say = useRefusal();
  const client = useQueryClient();
  const catalog = useQuery(ask.catalog());
  const [form] = Form.useForm<Settings>();
  const [refused, setRefused] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const now: Settings = { version: service.version ?? undefined, cpu: service.cpu, memory: service.memory, storage: service.storage.size, expose: service.expose, onDelete: service.onDelete };
  const versions = catalog.data?.find((card) => card.name === service.engine)?.versions ?? [];
  const params = { path: { space: service.namespace, name: service.name } };
  const save = async (values: Settings) => {
    const body = changedOnly(now, values);
    setIsBusy(true);
    setRefused("");
    try {
      await got(api.PATCH("/api/v1/services/{space}/{name}", { params: { ...params, query: { dryRun: true } }, body }));
      if (await act(t("service.editTitle"), () => got(api.PATCH("/api/v1/services/{space}/{name}", { params, body })))) onClose();
    } catch (error) {
      setRefused(say(error));
    }
    setIsBusy(false);
    void client.invalidateQueries({ queryKey: ["service", service.namespace, service.name] });
  };
  return (
    <Modal open={open} onCancel={onClose} title={t("service.editTitle")} okText={t("common.save")} cancelText={t("common.cancel")} confirmLoading={isBusy} onOk={() => form.submit()} destroyOnHidden>
      <p className="quiet">{t("service.editWhat")}</p>
      {refused && <Alert className="gap" type="error" showIcon title={refused} />}
      <Form form={form} layout="vertical" initialValues={now} onFinish={(values: Settings) => void save(values)}>
        <Form.Item name="version" label={t("common.version")}><Select options={versions.map((v) => ({ value: v.version, label: v.version }))} /></Form.Item>
        <Form.Item name="cpu" label={t("common.cpu")}><Input /></Form.Item>
        <Form.Item name="memory" label={t("common.memory")}><Input /></Form.Item>
        <Form.Item name="storage" label={t("common.storage")}><Input /></Form.Item>
        <Form.Item name="expose" label={t("deploy.expose")}><Select options={(["LoadBalancer", "ClusterIP"] as const).map((value) => ({ value, label: t(`deploy.expose${value}`) }))} /></Form.Item>
        <Form.Item name="onDelete" label={t("deploy.onDelete")}><Select options={(["Retain", "Delete"] as const).map((value) => ({ value, label: t(`deploy.onDelete${value}`) }))} /></Form.Item>
      </Form>
    </Modal>
  );
}
