/** Namespaces with their limits and people. */

import { SearchOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Drawer, Form, Input, InputNumber, Modal, Select, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, got, type Schemas } from "../api/client";
import { ask } from "../api/queries";
import { useTexts } from "../i18n/use";
import { Danger, DeedButton } from "../parts/dialogs";
import { Loaded, Nothing } from "../parts/loaded";
import { PageHead } from "../parts/page";
import { Records } from "../parts/records";
import { useAct } from "../parts/refusal";
import { Ago } from "../parts/when";
import { fieldOf, filled, limitsOf, shown, type Limits } from "../text/limits";

type Row = Schemas["SpaceRow"];
const COLOURS = ["red", "yellow", "unknown", "green"] as const;

export default function Spaces() {
  const { t } = useTexts();
  const spaces = useQuery(ask.spaces());
  const [creates, setCreates] = useState(false);
  const [shown, setShown] = useState<string | null>(null);
  const [wanted, setWanted] = useState("");
  return (
    <>
      <PageHead title={t("nav.spaces")} tab={t("nav.spaces")} hint={t("spaces.what")} extra={<DeedButton may={spaces.data?.mayCreate} type="primary" onClick={() => setCreates(true)}>{t("spaces.create")}</DeedButton>} />
      <section className="card">
        <div className="table-top">
          <Input data-search className="search" allowClear prefix={<SearchOutlined aria-hidden />} placeholder={t("spaces.search")} aria-label={t("spaces.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
        </div>
        <Loaded query={spaces}>
          {(list) => (
            <Records<Row> label={t("nav.spaces")} rowKey={(row) => row.name} rows={list.items.filter((row) => row.name.includes(wanted.trim().toLowerCase()))} width={640} empty={list.items.length > 0 ? <Nothing title={t("common.noMatch")} /> : <Nothing title={t("spaces.none")} hint={spaces.data?.mayCreate.allowed ? undefined : t("deploy.noSpace")} />} columns={[
              { title: t("common.name"), dataIndex: "name", key: "name", sorter: (a, b) => a.name.localeCompare(b.name), render: (name: string) => <button type="button" className="link" onClick={() => setShown(name)}>{name}</button> },
              { title: t("spaces.services"), key: "services", render: (_, row) => <Counts row={row} /> },
              { title: t("common.age"), dataIndex: "created", key: "created", width: 160, render: (at: string | null) => <Ago at={at} /> },
              { title: t("common.status"), key: "status", width: 140, render: (_, row) => row.isDeleting ? <span className="warn">{t("health.deleting")}</span> : <span className="good">{t("accounts.active")}</span> },
            ]} />
          )}
        </Loaded>
      </section>
      <Create open={creates} onClose={() => setCreates(false)} onMade={setShown} />
      <Drawer open={shown !== null} onClose={() => setShown(null)} title={shown} size={600} destroyOnHidden>{shown && <Space key={shown} name={shown} onGone={() => setShown(null)} />}</Drawer>
    </>
  );
}

function Counts({ row }: { row: Row }) {
  const { t } = useTexts();
  const some = COLOURS.filter((colour) => row.services[colour]);
  if (some.length === 0) return "0";
  return <Link className="row plain" to={`/services?space=${row.name}`}>{some.map((colour) => <span key={colour} className={colour}><span className="word">{row.services[colour]} {t(`health.${colour}`)}</span></span>)}</Link>;
}

function LimitFields() {
  const { t } = useTexts();
  return (
    <div className="tiles">
      <Form.Item name={["quota", "cpu"]} label={t("common.cpu")}><Input placeholder={t("spaces.quotaNone")} /></Form.Item>
      <Form.Item name={["quota", "memory"]} label={t("common.memory")}><Input placeholder="32Gi" /></Form.Item>
      <Form.Item name={["quota", "storage"]} label={t("common.storage")}><Input placeholder="500Gi" /></Form.Item>
      <Form.Item name={["quota", "services"]} label={t("spaces.limitServices")}><InputNumber min={0} placeholder="20" /></Form.Item>
    </div>
  );
}

function Create({ open, onClose, onMade }: { open: boolean; onClose: () => void; onMade: (name: string) => void }) {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const [form] = Form.useForm<{ name: string; quota?: Limits }>();
  const create = async (values: { name: string; quota?: Limits }) => {
    if (await act(t("spaces.create"), () => got(api.POST("/api/v1/spaces", { body: { name: values.name, quota: filled(values.quota) } })))) {
      onClose();
      onMade(values.name); // in a long list it may be on another page
    }
    void client.invalidateQueries({ queryKey: ["spaces"] });
  };
  return (
    <Modal open={open} onCancel={onClose} title={t("spaces.create")} okText={t("spaces.create")} cancelText={t("common.cancel")} onOk={() => form.submit()} destroyOnHidden>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values: { name: string; quota?: Limits }) => void create(values)}>
        <Form.Item name="name" label={t("common.name")} extra={t("deploy.nameHint")} rules={[{ required: true, message: t("signIn.needed") }, { pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, message: t("deploy.nameHint") }]}><Input maxLength={63} autoComplete="off" /></Form.Item>
        <h2>{t("spaces.quota")} <span className="quiet">({t("common.optional")})</span></h2>
        <LimitFields />
      </Form>
    </Modal>
  );
}

function Space({ name, onGone }: { name: string; onGone: () => void }) {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const space = useQuery(ask.space(name));
  const [goes, setGoes] = useState(false);
  const params = { path: { space: name } };
  const again = () => {
    void client.invalidateQueries({ queryKey: ["space", name] });
    void client.invalidateQueries({ queryKey: ["spaces"] });
  };
  const remove = async (typed: string) => {
    const isDone = await act(t("spaces.deleteTitle", { name }), () => got(api.DELETE("/api/v1/spaces/{space}", { params: { ...params, query: { confirm: typed } } })));
    again();
    if (isDone) onGone();
    return isDone;
  };
  const setQuota = async (values: { quota?: Limits }) => {
    await act(t("spaces.quota"), () => got(api.PUT("/api/v1/spaces/{space}/quota", { params, body: filled(values.quota) })));
    again();
  };
  return (
    <Loaded query={space}>
      {(data) => (
        <div className="stack apart">
          <section><h2>{t("spaces.quota")}</h2>
            {data.quotas.length === 0 ? <p className="quiet">{t("spaces.quotaNone")}</p> : <dl className="facts">{data.quotas.map((quota) => <Quota key={quota.resource} quota={quota} />)}</dl>}
            <Form className="above" layout="vertical" initialValues={{ quota: limitsOf(data.quotas) }} onFinish={(values: { quota?: Limits }) => void setQuota(values)}><LimitFields /><DeedButton may={data.may.manageMembers} htmlType="submit">{t("common.save")}</DeedButton></Form>
          </section>
          <section><h2>{t("spaces.people")}</h2><People space={name} data={data} onChange={again} /></section>
          <div><DeedButton danger may={data.may.manageMembers} onClick={() => setGoes(true)}>{t("spaces.deleteTitle", { name })}</DeedButton></div>
          <Danger open={goes} onClose={() => setGoes(false)} title={t("spaces.deleteTitle", { name })} name={name} confirm={t("common.delete")} onConfirm={remove}><Alert type="warning" showIcon title={t("spaces.deleteWhat")} /></Danger>
        </div>
      )}
    </Loaded>
  );
}

function Quota({ quota }: { quota: Schemas["Quota"] }) {
  const { t } = useTexts();
  const field = fieldOf(quota.resource);
  const name = field === "services" ? t("spaces.services") : field ? t(`common.${field}`) : quota.resource;
  return <><dt>{name}</dt><dd>{t("spaces.quotaUsed", { used: shown(quota.resource, quota.used), hard: shown(quota.resource, quota.hard) })}</dd></>;
}

function People({ space, data, onChange }: { space: string; data: Schemas["SpaceDetail"]; onChange: () => void }) {
  const { t } = useTexts();
  const act = useAct();
  if (data.members === null) return <p className="quiet">{t("spaces.peopleHidden")}</p>;
  const add = async (body: Schemas["NewMember"]) => {
    await act(t("spaces.addMember"), () => got(api.POST("/api/v1/spaces/{space}/members", { params: { path: { space } }, body })));
    onChange();
  };
  const remove = async (member: Schemas["Member"]) => {
    await act(`${t("spaces.remove")} ${member.name}`, () => got(api.DELETE("/api/v1/spaces/{space}/members/{binding}", { params: { path: { space, binding: member.binding } } })));
    onChange();
  };
  const roles = { view: t("spaces.roleView"), edit: t("spaces.roleEdit"), admin: t("spaces.roleAdmin") };
  return (
    <>
      <ul className="list">
        {data.members.map((member) => (
          <li key={`${member.binding}${member.name}`}>
            <span className="wrap"><Tag>{member.kind === "Group" ? t("spaces.kindGroup") : t("spaces.kindUser")}</Tag>{member.name} <span className="quiet">{roles[member.role]}{!member.isOurs && ` · ${t("spaces.foreign")}`}</span></span>
            {member.isOurs && <DeedButton size="small" may={data.may.manageMembers} aria-label={`${t("spaces.remove")}: ${member.name}`} onClick={() => void remove(member)}>{t("spaces.remove")}</DeedButton>}
          </li>
        ))}
      </ul>
      <Form layout="inline" initialValues={{ kind: "User", role: "view" }} onFinish={(body: Schemas["NewMember"]) => void add(body)}>
        <Form.Item name="kind"><Select aria-label={t("events.kind")} popupMatchSelectWidth={false} options={[{ value: "User", label: t("spaces.kindUser") }, { value: "Group", label: t("spaces.kindGroup") }]} /></Form.Item>
        <Form.Item name="name" rules={[{ required: true, message: t("signIn.needed") }]}><Input aria-label={t("common.name")} placeholder="moorage:li" /></Form.Item>
        <Form.Item name="role"><Select aria-label={t("common.role")} popupMatchSelectWidth={false} options={Object.entries(roles).map(([value, label]) => ({ value, label }))} /></Form.Item>
        <DeedButton may={data.may.manageMembers} htmlType="submit">{t("spaces.addMember")}</DeedButton>
      </Form>
    </>
  );
}
