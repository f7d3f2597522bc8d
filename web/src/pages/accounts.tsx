/** People, their sessions and tokens, and who changed what. */

import { useQuery, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { Alert, Button, Form, Input, InputNumber, Modal, Select, Tag } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { api, got, Refusal, type Schemas } from "../api/client";
import { ask } from "../api/queries";
import { useTexts } from "../i18n/use";
import { Code } from "../parts/copy";
import { Ask, Danger } from "../parts/dialogs";
import { Loaded, Nothing } from "../parts/loaded";
import { PageHead } from "../parts/page";
import { Records } from "../parts/records";
import { useAct, useRefusal } from "../parts/refusal";
import { Sections } from "../parts/sections";
import { Ago, Moment } from "../parts/when";

const TABS = ["people", "sessions", "tokens", "audit"] as const;

export default function Accounts() {
  const { t } = useTexts();
  const { tab } = useParams();
  const here = TABS.find((one) => one === tab) ?? "people";
  const bodies = { people: <People />, sessions: <Sessions />, tokens: <Tokens />, audit: <Audit /> };
  return (
    <>
      <PageHead title={t("nav.accounts")} tab={`${t("nav.accounts")} · ${t(`accounts.${here}`)}`} />
      <Sections label={t("nav.accounts")} here={here} items={TABS.map((key) => ({ key, text: t(`accounts.${key}`), to: `/accounts/${key}` }))} />
      {bodies[here]}
    </>
  );
}

/** Does it, says so, and asks again. */
function useChange(...keys: QueryKey[]) {
  const act = useAct();
  const client = useQueryClient();
  return async (what: string, call: () => Promise<unknown>) => {
    const isDone = await act(what, call);
    for (const queryKey of keys) void client.invalidateQueries({ queryKey });
    return isDone;
  };
}

const isForbidden = (error: unknown) => error instanceof Refusal && error.code === "forbidden";

function People() {
  const { t } = useTexts();
  const accounts = useQuery(ask.accounts());
  const change = useChange(["accounts"]);
  const [creates, setCreates] = useState(false);
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
          <Records<Schemas["AccountView"]> label={t("accounts.people")} rowKey={(one) => one.name} rows={list} width={980} columns={[
            { title: t("common.name"), key: "name", render: (_, one) => <><b className="wrap">{one.name}</b><div className="quiet wrap">{one.displayName}</div></> },
            { title: t("accounts.groups"), dataIndex: "groups", key: "groups", render: (groups: string[]) => groups.length === 0 ? "–" : groups.map((group) => <Tag key={group}>{group}</Tag>) },
            { title: t("common.status"), key: "status", width: 180, render: (_, one) => one.isDisabled ? <span className="bad">{t("accounts.disabled")}</span> : one.mustChangePassword ? <span className="warn">{t("accounts.mustChange")}</span> : <span className="good">{t("accounts.active")}</span> },
            { title: t("accounts.sessions"), dataIndex: "sessions", key: "sessions", width: 90 },
            { title: t("common.created"), dataIndex: "created", key: "created", width: 130, render: (at: string) => <Ago at={at} /> },
            { title: t("common.actions"), key: "actions", width: 300, render: (_, one) => (
              <div className="row">
                <Button size="small" aria-label={`${t("accounts.resetPassword")}: ${one.name}`} onClick={() => setResets(one.name)}>{t("accounts.resetPassword")}</Button>
                <Button size="small" aria-label={`${one.isDisabled ? t("accounts.enable") : t("accounts.disable")}: ${one.name}`} onClick={() => void change(one.isDisabled ? t("accounts.enable") : t("accounts.disable"), () => got(api.PATCH("/api/v1/accounts/{account}", { params: params(one.name), body: { isDisabled: !one.isDisabled } })))}>{one.isDisabled ? t("accounts.enable") : t("accounts.disable")}</Button>
                <Button size="small" danger aria-label={`${t("common.delete")}: ${one.name}`} onClick={() => setGoes(one.name)}>{t("common.delete")}</Button>
              </div>
            ) },
          ]} />
        )}
      </Loaded>
      <Create open={creates} onClose={() => setCreates(false)} onMade={setFirst} />
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
        <Form.Item name="displayName" label={`${t("accounts.displayName")} (${t("common.optional")})`}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="groups" label={`${t("accounts.groups")} (${t("common.optional")})`} extra={t("accounts.groupsHint")}><Select mode="tags" tokenSeparators={[",", " "]} open={false} /></Form.Item>
      </Form>
    </Modal>
  );
}

/** A secret that is never shown again. */
function Once({ open, onClose, what, secret }: { open: boolean; onClose: () => void; what: string; secret: string }) {
  const { t } = useTexts();
  return (
    <Modal open={open} onCancel={onClose} onOk={onClose} okText={t("common.close")} cancelButtonProps={{ hidden: true }} title={t("common.copy")} closable={false} mask={{ closable: false }} destroyOnHidden>
      <div className="stack"><Alert type="warning" showIcon title={what} /><Code label={t("common.password")} text={secret} /></div>
    </Modal>
  );
}

function Sessions() {
  const { t } = useTexts();
  const sessions = useQuery(ask.mySessions());
  const change = useChange(["sessions"]);
  return (
    <section className="card">
      <Loaded query={sessions}>
        {(list) => (
          <Records<Schemas["SessionRow"]> label={t("accounts.sessions")} rowKey={(one) => one.id} rows={list} width={860} columns={[
            { title: t("accounts.browser"), key: "agent", render: (_, one) => <span className="wrap">{one.agent || "–"} {one.isThis && <Tag>{t("accounts.thisOne")}</Tag>}</span> },
            { title: t("accounts.from"), dataIndex: "address", key: "address", width: 150 },
            { title: t("common.created"), dataIndex: "created", key: "created", width: 170, render: (at: string) => <Moment at={at} /> },
            { title: t("common.expires"), dataIndex: "expires", key: "expires", width: 170, render: (at: string) => <Moment at={at} /> },
            { title: t("common.actions"), key: "end", width: 120, render: (_, one) => <Button size="small" danger disabled={one.isThis} aria-label={`${t("accounts.end")}: ${one.address}`} onClick={() => void change(t("accounts.end"), () => got(api.DELETE("/api/v1/sessions/{session}", { params: { path: { session: one.id } } })))}>{t("accounts.end")}</Button> },
          ]} />
        )}
      </Loaded>
    </section>
  );
}

function Tokens() {
  const { t } = useTexts();
  const say = useRefusal();
  const tokens = useQuery(ask.tokens());
  const change = useChange(["tokens"]);
  const client = useQueryClient();
  const [made, setMade] = useState<Schemas["NewToken"] | null>(null);
  const [refused, setRefused] = useState("");
  const create = async (body: Schemas["TokenWish"]) => {
    try {
      setMade(await got(api.POST("/api/v1/tokens", { body })));
      setRefused("");
    } catch (error) {
      setRefused(say(error));
    }
    void client.invalidateQueries({ queryKey: ["tokens"] });
  };
  return (
    <section className="card stack">
      {refused && <Alert type="error" showIcon title={refused} />}
      <Form layout="inline" initialValues={{ days: 90 }} onFinish={(body: Schemas["TokenWish"]) => void create(body)}>
        <Form.Item name="label" label={t("accounts.label")} rules={[{ required: true, message: t("signIn.needed") }]}><Input autoComplete="off" /></Form.Item>
        <Form.Item name="days" label={t("accounts.days")}><InputNumber min={1} max={365} /></Form.Item>
        <Button type="primary" htmlType="submit">{t("accounts.createToken")}</Button>
      </Form>
      <Loaded query={tokens}>
        {(list) => list.length === 0 ? <Nothing title={t("accounts.noTokens")} /> : (
          <Records<Schemas["TokenView"]> label={t("accounts.tokens")} rowKey={(one) => one.id} rows={list} width={760} columns={[
            { title: t("accounts.label"), dataIndex: "label", key: "label", render: (text: string) => <span className="wrap">{text}</span> },
            { title: t("accounts.owner"), dataIndex: "owner", key: "owner", width: 160 },
            { title: t("common.created"), dataIndex: "created", key: "created", width: 170, render: (at: string) => <Moment at={at} /> },
            { title: t("common.expires"), dataIndex: "expires", key: "expires", width: 170, render: (at: string) => <Moment at={at} /> },
            { title: t("common.actions"), key: "revoke", width: 110, render: (_, one) => <Button size="small" danger aria-label={`${t("accounts.revoke")}: ${one.label}`} onClick={() => void change(t("accounts.revoke"), () => got(api.DELETE("/api/v1/tokens/{token}", { params: { path: { token: one.id } } })))}>{t("accounts.revoke")}</Button> },
          ]} />
        )}
      </Loaded>
      <Once open={made !== null} onClose={() => setMade(null)} what={t("accounts.tokenOnce")} secret={made?.secret ?? ""} />
    </section>
  );
}

const OK_BELOW = 400;

function Audit() {
  const { t } = useTexts();
  const audit = useQuery(ask.audit());
  if (isForbidden(audit.error)) return <Alert type="info" showIcon title={t("accounts.forbidden")} />;
  return (
    <section className="card">
      <Loaded query={audit}>
        {(list) => list.items.length === 0 ? <Nothing title={t("accounts.noAudit")} /> : (
          <Records<Schemas["Entry"]> label={t("accounts.audit")} lead="action" rowKey={(one) => `${one.time}${one.who}${one.action}${one.object}`} rows={list.items} width={960} columns={[
            { title: t("accounts.when"), dataIndex: "time", key: "time", width: 170, render: (at: string) => <Moment at={at} /> },
            { title: t("accounts.who"), dataIndex: "who", key: "who", width: 150, render: (text: string) => <span className="wrap">{text}</span> },
            { title: t("accounts.did"), dataIndex: "action", key: "action", width: 180, render: (text: string) => <code>{text}</code> },
            { title: t("accounts.on"), key: "object", render: (_, one) => <span className="wrap">{[one.space, one.object].filter(Boolean).join("/") || "–"}</span> },
            { title: t("accounts.from"), dataIndex: "address", key: "address", width: 140 },
            { title: t("accounts.result"), key: "result", width: 170, render: (_, one) => <span className={one.status < OK_BELOW ? "good" : "bad"}>{one.status} {one.code}</span> },
          ]} />
        )}
      </Loaded>
    </section>
  );
}
