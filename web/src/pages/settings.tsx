/** Where backups go, and what this platform is. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Form, Input, Modal, Select, Tag } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../api/client";
import { ask } from "../api/queries";
import { useTexts } from "../i18n/use";
import { Danger } from "../parts/dialogs";
import { Loaded, Nothing } from "../parts/loaded";
import { PageHead } from "../parts/page";
import { Records } from "../parts/records";
import { useAct } from "../parts/refusal";
import { Ago, Moment } from "../parts/when";

type Store = Schemas["StoreView"];

export default function Settings() {
  const { t } = useTexts();
  return (
    <>
      <PageHead title={t("nav.settings")} tab={t("nav.settings")} />
      <div className="stack"><Stores /><About /></div>
    </>
  );
}

function About() {
  const { t } = useTexts();
  const about = useQuery(ask.about());
  return (
    <section className="card" aria-label={t("settings.about")}><h2>{t("settings.about")}</h2>
      <Loaded query={about}>
        {(data) => (
          <dl className="facts">
            <dt>{t("common.version")}</dt><dd>Moorage {data.version}</dd>
            <dt>{t("settings.zone")}</dt><dd>{data.timeZone}</dd>
            <dt>{t("settings.serverTime")}</dt><dd><Moment at={data.time} /></dd>
            <dt>{t("settings.kubernetesHosts")}</dt><dd>{data.kubernetesHosts}</dd>
          </dl>
        )}
      </Loaded>
    </section>
  );
}

function Stores() {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const stores = useQuery(ask.stores());
  const [adds, setAdds] = useState(false);
  const [goes, setGoes] = useState<Store | null>(null);
  const remove = async (typed: string) => {
    const params = { path: { space: goes!.namespace, store: goes!.name }, query: { confirm: typed } };
    const isDone = await act(`${t("common.delete")} ${goes!.name}`, () => got(api.DELETE("/api/v1/stores/{space}/{store}", { params })));
    void client.invalidateQueries({ queryKey: ["stores"] });
    return isDone;
  };
  return (
    <section className="card" aria-label={t("settings.stores")}>
      <div className="head-row gap"><h2>{t("settings.stores")}</h2><Button type="primary" onClick={() => setAdds(true)}>{t("settings.addStore")}</Button></div>
      <Loaded query={stores}>
        {(list) => list.items.length === 0 ? <Nothing title={t("settings.storeNone")} /> : (
          <Records<Store> label={t("settings.stores")} rowKey={(one) => `${one.namespace}/${one.name}`} rows={list.items} width={900} columns={[
            { title: t("common.name"), key: "name", render: (_, one) => <><b className="wrap">{one.name}</b> {one.isDefault && <Tag>{t("settings.defaultStore")}</Tag>}<div className="quiet">{one.namespace}</div></> },
            { title: t("settings.where"), key: "where", render: (_, one) => <><span className="wrap">{one.where}</span><div className="quiet">{one.kind}{one.isEncrypted && ` · ${t("settings.encrypted")}`}</div></> },
            { title: t("common.status"), key: "phase", width: 260, render: (_, one) => <Phase store={one} /> },
            { title: t("settings.checked"), dataIndex: "checked", key: "checked", width: 130, render: (at: string | null) => <Ago at={at} /> },
            { title: t("overview.total"), key: "services", width: 90, render: (_, one) => one.services.length },
            { title: t("common.actions"), key: "actions", width: 110, render: (_, one) => <Button size="small" danger aria-label={`${t("common.delete")}: ${one.name}`} onClick={() => setGoes(one)}>{t("common.delete")}</Button> },
          ]} />
        )}
      </Loaded>
      <AddStore open={adds} onClose={() => setAdds(false)} />
      <Danger open={goes !== null} onClose={() => setGoes(null)} title={`${t("common.delete")}: ${goes?.name ?? ""}`} name={goes?.name ?? ""} confirm={t("common.delete")} onConfirm={remove}><Alert type="warning" showIcon title={t("settings.removeWhat")} /></Danger>
    </section>
  );
}

function Phase({ store }: { store: Store }) {
  const { t } = useTexts();
  const word = store.phase === "Ready" ? t("settings.phaseReady") : store.phase === "Failed" ? t("settings.phaseFailed") : t("settings.phaseChecking");
  return <><span className={store.phase === "Ready" ? "good" : store.phase === "Failed" ? "bad" : ""}>{word}</span>{store.phase !== "Ready" && store.message && <div className="quiet wrap" lang="en">{store.message}</div>}</>;
}

interface StoreForm { name: string; space: string; kind: "S3" | "FileSystem"; default?: boolean; endpoint?: string; bucket?: string; prefix?: string; region?: string; accessKeyId?: string; secretAccessKey?: string; claim?: string }

function AddStore({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const spaces = useQuery({ ...ask.spaces(), enabled: open });
  const [form] = Form.useForm<StoreForm>();
  const kind = Form.useWatch("kind", form) ?? "S3";
  const add = async (values: StoreForm) => {
    // pasted addresses and keys come with spaces around them
    const said = (text?: string) => text?.trim() ?? "";
    const where = values.kind === "S3"
      ? { kind: "S3" as const, endpoint: said(values.endpoint), bucket: said(values.bucket), prefix: said(values.prefix), region: said(values.region) || "us-east-1", accessKeyId: said(values.accessKeyId), secretAccessKey: said(values.secretAccessKey) }
      : { kind: "FileSystem" as const, claim: said(values.claim) };
    if (await act(t("settings.addStore"), () => got(api.POST("/api/v1/stores", { body: { name: said(values.name), space: values.space, default: values.default ?? false, where } })))) onClose();
    void client.invalidateQueries({ queryKey: ["stores"] });
  };
  const needed = [{ required: true, message: t("signIn.needed") }];
  return (
    <Modal open={open} onCancel={onClose} title={t("settings.addStore")} okText={t("settings.addStore")} cancelText={t("common.cancel")} onOk={() => form.submit()} destroyOnHidden>
      <Alert className="gap" type="info" showIcon title={t("settings.storeTestWhat")} />
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ kind: "S3", region: "us-east-1" }} onFinish={(values: StoreForm) => void add(values)}>
        <Form.Item name="name" label={t("common.name")} rules={needed}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="space" label={t("common.space")} rules={needed}><Select showSearch options={(spaces.data?.items ?? []).map((space) => ({ value: space.name, label: space.name }))} /></Form.Item>
        <Form.Item name="kind" label={t("events.kind")}><Select options={[{ value: "S3", label: t("settings.kindS3") }, { value: "FileSystem", label: t("settings.kindFile") }]} /></Form.Item>
        {kind === "S3" ? (
          <>
            <Form.Item name="endpoint" label={t("settings.endpoint")} rules={needed}><Input placeholder="https://s3.example.com" autoComplete="off" /></Form.Item>
            <Form.Item name="bucket" label={t("settings.bucket")} rules={needed}><Input autoComplete="off" /></Form.Item>
            <Form.Item name="prefix" label={`${t("settings.prefix")} (${t("common.optional")})`}><Input autoComplete="off" /></Form.Item>
            <Form.Item name="region" label={t("settings.region")}><Input autoComplete="off" /></Form.Item>
            <Form.Item name="accessKeyId" label={t("settings.accessKey")} rules={needed}><Input autoComplete="off" /></Form.Item>
            <Form.Item name="secretAccessKey" label={t("settings.secretKey")} rules={needed}><Input.Password autoComplete="new-password" /></Form.Item>
          </>
        ) : <Form.Item name="claim" label={t("settings.claim")} rules={needed}><Input autoComplete="off" /></Form.Item>}
        <Form.Item name="default" valuePropName="checked"><Checkbox>{t("settings.defaultStore")}</Checkbox></Form.Item>
      </Form>
    </Modal>
  );
}
