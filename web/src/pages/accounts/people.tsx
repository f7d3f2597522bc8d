/** The console's own accounts. */

import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Modal, Select, Tag } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Ask, Danger } from "../../parts/dialogs";
import { Loaded } from "../../parts/loaded";
import { Records } from "../../parts/records";
import { Ago } from "../../parts/when";
import { isForbidden, useChange } from "./change";
import { Once } from "./once";

type Account = Schemas["AccountView"];

export function People() {
  const { t } = useTexts();
  const accounts = useQuery(ask.accounts());
  const change = useChange(["accounts"]);
  const [creates, setCreates] = useState(false);
  const [edits, setEdits] = useState<Account | null>(null);
  const [goes, setGoes] = useState("");
  const [resets, setResets] = useState("");
  const [first, setFirst] = useState<Schemas["FirstPassword"] | null>(null);
  if (isForbidden(accounts.error)) return <Alert type="info" showIcon title={t("accounts.forbidden")} />;
  const params = (account: string) => ({ path: { account } });
  return (
    <section className="card">
      <div className="table-top"><Button type="primary" onClick={() => setCreates(true)}>{t("accounts.create")}</Button></div>
      <Loaded query={accounts}>
        {(list) => (
          <Records<Account> label={t("accounts.people")} rowKey={(one) => one.name} rows={list} width={1080} columns={[
            { title: t("common.name"), key: "name", render: (_, one) => <><b className="wrap">{one.name}</b><div className="quiet wrap">{one.displayName}</div></> },
            { title: t("accounts.groups"), dataIndex: "groups", key: "groups", render: (groups: string[]) => groups.length === 0 ? "–" : groups.map((group) => <Tag key={group}>{group}</Tag>) },
            { title: t("common.status"), key: "status", width: 180, render: (_, one) => one.isDisabled ? <span className="bad">{t("accounts.disabled")}</span> : one.mustChangePassword ? <span className="warn">{t("accounts.mustChange")}</span> : <span className="good">{t("accounts.active")}</span> },
            { title: t("accounts.sessions"), dataIndex: "sessions", key: "sessions", width: 90 },
            { title: t("common.created"), dataIndex: "created", key: "created", width: 130, render: (at: string) => <Ago at={at} /> },
            { title: t("common.actions"), key: "actions", width: 330, render: (_, one) => (
              <div className="deeds">
                <Button size="small" type="link" aria-label={`${t("common.edit")}: ${one.name}`} onClick={() => setEdits(one)}>{t("common.edit")}</Button>
                <Button size="small" type="link" aria-label={`${t("accounts.resetPassword")}: ${one.name}`} onClick={() => setResets(one.name)}>{t("accounts.resetPassword")}</Button>
                <Button size="small" type="link" aria-label={`${one.isDisabled ? t("accounts.enable") : t("accounts.disable")}: ${one.name}`} onClick={() => void change(one.isDisabled ? t("accounts.enable") : t("accounts.disable"), () => got(api.PATCH("/api/v1/accounts/{account}", { params: params(one.name), body: { isDisabled: !one.isDisabled } })))}>{one.isDisabled ? t("accounts.enable") : t("accounts.disable")}</Button>
                <Button size="small" type="link" danger aria-label={`${t("common.delete")}: ${one.name}`} onClick={() => setGoes(one.name)}>{t("common.delete")}</Button>
              </div>
            ) },
          ]} />
        )}
      </Loaded>
      <Create open={creates} onClose={() => setCreates(false)} onMade={setFirst} />
      {edits && <Edit account={edits} onClose={() => setEdits(null)} />}
      <Ask open={resets !== ""} onClose={() => setResets("")} isDanger title={t("accounts.resetPassword")} what={t("accounts.resetWhat", { name: resets })} confirm={t("accounts.resetPassword")}
        onConfirm={() => change(t("accounts.resetPassword"), async () => setFirst(await got(api.POST("/api/v1/accounts/{account}/password", { params: params(resets) }))))} />
      <Danger open={goes !== ""} onClose={() => setGoes("")} title={`${t("common.delete")}: ${goes}`} name={goes} confirm={t("common.delete")} onConfirm={() => change(t("common.delete"), () => got(api.DELETE("/api/v1/accounts/{account}", { params: params(goes) })))}>
        <Alert type="warning" showIcon title={t("accounts.deleteWhat", { name: goes })} />
      </Danger>
      <Once open={first !== null} onClose={() => setFirst(null)} what={t("accounts.firstPassword", { name: first?.account.name ?? "" })} secret={first?.password ?? ""} />
    </section>
  );
}

function Create({ open, onClose, onMade }: { open: boolean; onClose: () => void; onMade: (made: Schemas["FirstPassword"]) => void }) {
  const { t } = useTexts();
  const change = useChange(["accounts"]);
  const [form] = Form.useForm<Schemas["NewAccount"]>();
  const create = async (body: Schemas["NewAccount"]) => {
    if (await change(t("accounts.create"), async () => onMade(await got(api.POST("/api/v1/accounts", { body }))))) onClose();
  };
  return (
    <Modal open={open} onCancel={onClose} title={t("accounts.create")} okText={t("accounts.create")} cancelText={t("common.cancel")} onOk={() => form.submit()} destroyOnHidden>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(body: Schemas["NewAccount"]) => void create(body)}>
        <Form.Item name="name" label={t("common.name")} rules={[{ required: true, message: t("signIn.needed") }]}><Input autoComplete="off" autoCapitalize="none" /></Form.Item>
        <Shown />
      </Form>
    </Modal>
  );
}


function Shown() {
  const { t } = useTexts();
  return (
    <>
      <Form.Item name="displayName" label={`${t("accounts.displayName")} (${t("common.optional")})`}><Input autoComplete="off" maxLength={100} /></Form.Item>
      <Form.Item name="groups" label={`${t("accounts.groups")} (${t("common.optional")})`} extra={t("accounts.groupsHint")}><Select mode="tags" tokenSeparators={[",", " "]} open={false} suffixIcon={null} /></Form.Item>
    </>
  );
}

function Edit({ account, onClose }: { account: Account; onClose: () => void }) {
  const { t } = useTexts();
  const change = useChange(["accounts"], ["sessions"]);
  const [form] = Form.useForm<Schemas["AccountChange"]>();
  const [isBusy, setIsBusy] = useState(false);
  const title = t("accounts.edit", { name: account.name });
  const save = async (body: Schemas["AccountChange"]) => {
    setIsBusy(true);
    if (await change(title, () => got(api.PATCH("/api/v1/accounts/{account}", { params: { path: { account: account.name } }, body })))) onClose();
    setIsBusy(false);
  };
  return (
    <Modal open onCancel={onClose} title={title} okText={t("common.save")} cancelText={t("common.cancel")} confirmLoading={isBusy} onOk={() => form.submit()}>
      <p className="quiet">{t("accounts.groupsWhat")}</p>
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ displayName: account.displayName, groups: account.groups }} onFinish={(body: Schemas["AccountChange"]) => void save(body)}><Shown /></Form>
    </Modal>
  );
}
