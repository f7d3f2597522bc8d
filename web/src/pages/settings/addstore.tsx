/** A place for backups: an object store, or a volume. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Checkbox, Form, Input, Modal, Select } from "antd";
import { api, got } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { useWhyNot } from "../../parts/may";
import { useAct } from "../../parts/refusal";

interface StoreForm { name: string; space: string; kind: "S3" | "FileSystem"; default?: boolean; endpoint?: string; bucket?: string; prefix?: string; region?: string; ca?: string; pathStyle?: boolean; accessKeyId?: string; secretAccessKey?: string; claim?: string; path?: string }

export function AddStore({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const spaces = useQuery({ ...ask.spaces(), enabled: open });
  const [form] = Form.useForm<StoreForm>();
  const kind = Form.useWatch("kind", form) ?? "S3";
  const space = Form.useWatch("space", form) ?? "";
  const whyNot = useWhyNot();
  const may = useQuery({ ...ask.space(space), enabled: open && space !== "" }).data?.may.manageStores;
  const add = async (values: StoreForm) => {
    // pasted addresses and keys come with spaces around them
    const said = (text?: string) => text?.trim() ?? "";
    const where = values.kind === "S3"
      ? { kind: "S3" as const, endpoint: said(values.endpoint), bucket: said(values.bucket), prefix: said(values.prefix), region: said(values.region) || "us-east-1", accessKeyId: said(values.accessKeyId), secretAccessKey: said(values.secretAccessKey), ca: said(values.ca) || null, pathStyle: values.pathStyle ?? true }
      : { kind: "FileSystem" as const, claim: said(values.claim), path: said(values.path) };
    if (await act(t("settings.addStore"), () => got(api.POST("/api/v1/stores", { body: { name: said(values.name), space: values.space, default: values.default ?? false, where } })))) onClose();
    void client.invalidateQueries({ queryKey: ["stores"] });
  };
  const needed = [{ required: true, message: t("signIn.needed") }];
  return (
    <Modal open={open} onCancel={onClose} title={t("settings.addStore")} okText={t("settings.addStore")} cancelText={t("common.cancel")} onOk={() => form.submit()} okButtonProps={{ disabled: may?.allowed === false }} destroyOnHidden>
      <Alert className="gap" type="info" showIcon title={t("settings.storeTestWhat")} />
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ kind: "S3", region: "us-east-1", pathStyle: true }} onFinish={(values: StoreForm) => void add(values)}>
        <Form.Item name="name" label={t("common.name")} rules={needed}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="space" label={t("common.space")} rules={needed} extra={whyNot(may)}><Select showSearch options={(spaces.data?.items ?? []).map((space) => ({ value: space.name, label: space.name }))} /></Form.Item>
        <Form.Item name="kind" label={t("events.kind")}><Select options={[{ value: "S3", label: t("settings.kindS3") }, { value: "FileSystem", label: t("settings.kindFile") }]} /></Form.Item>
        {kind === "S3" ? (
          <>
            <Form.Item name="endpoint" label={t("settings.endpoint")} rules={needed}><Input placeholder="https://s3.example.com" autoComplete="off" /></Form.Item>
            <Form.Item name="bucket" label={t("settings.bucket")} rules={needed}><Input autoComplete="off" /></Form.Item>
            <Form.Item name="prefix" label={`${t("settings.prefix")} (${t("common.optional")})`}><Input autoComplete="off" /></Form.Item>
            <Form.Item name="region" label={t("settings.region")}><Input autoComplete="off" /></Form.Item>
            <Form.Item name="accessKeyId" label={t("settings.accessKey")} rules={needed}><Input autoComplete="off" /></Form.Item>
            <Form.Item name="secretAccessKey" label={t("settings.secretKey")} rules={needed}><Input.Password autoComplete="new-password" /></Form.Item>
            <Form.Item name="ca" label={`${t("settings.ca")} (${t("common.optional")})`} extra={t("settings.caHint")}><Input.TextArea rows={3} spellCheck={false} placeholder="-----BEGIN CERTIFICATE-----" /></Form.Item>
            <Form.Item name="pathStyle" valuePropName="checked"><Checkbox>{t("settings.pathStyle")}</Checkbox></Form.Item>
          </>
        ) : (
          <>
            <Form.Item name="claim" label={t("settings.claim")} rules={needed}><Input autoComplete="off" /></Form.Item>
            <Form.Item name="path" label={`${t("settings.folder")} (${t("common.optional")})`}><Input autoComplete="off" /></Form.Item>
          </>
        )}
        <Form.Item name="default" valuePropName="checked"><Checkbox>{t("settings.defaultStore")}</Checkbox></Form.Item>
      </Form>
    </Modal>
  );
}
