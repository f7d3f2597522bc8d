/** Signing in, and the password of one's own. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Divider, Form, Input, Modal } from "antd";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { address, api, got, rememberCsrf } from "../api/client";
import { ask } from "../api/queries";
import { setLanguage } from "../i18n";
import { useTexts } from "../i18n/use";
import { useRefusal } from "../parts/refusal";
import { codeAtTheDoor } from "../text/door";

function Door({ children }: { children: React.ReactNode }) {
  const { t, language } = useTexts();
  const other = language === "zh" ? "en" : "zh";
  return (
    <main className="alone">
      <div className="corner">
        <Button type="text" aria-label={t("shell.language")} lang={other === "zh" ? "zh-CN" : "en"} onClick={() => setLanguage(other)}>{other === "zh" ? "中文" : "English"}</Button>
      </div>
      <div className="door">
        <div className="brand"><img src="./moorage.svg" alt="" width={48} height={48} />Moorage<small>{t("signIn.slogan")}</small></div>
        {children}
      </div>
    </main>
  );
}

export function SignIn() {
  const { t } = useTexts();
  const client = useQueryClient();
  const ways = useQuery(ask.ways());
  const say = useRefusal();
  const [refused, setRefused] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [search, setSearch] = useSearchParams();
  const [sentBack, setSentBack] = useState(() => codeAtTheDoor(search));
  useEffect(() => {
    // it was of that try: a reload, or a mark in the browser, tells nothing of it
    if (search.has("refused")) setSearch({}, { replace: true });
  }, [search, setSearch]);
  useEffect(() => {
    document.title = `${t("signIn.submit")} · Moorage`;
  }, [t]);
  const signIn = async (body: { name: string; password: string }) => {
    setIsBusy(true);
    setRefused("");
    setSentBack(null);
    try {
      const session = await got(api.POST("/api/v1/session", { body }));
      rememberCsrf(session.csrf);
      client.setQueryData(ask.session().queryKey, session);
    } catch (error) {
      setRefused(say(error));
    }
    setIsBusy(false);
  };
  return (
    <Door>
      <h1>{t("signIn.title")}</h1>
      {sentBack && <Alert className="gap" type="error" showIcon title={String(t(`problem.${sentBack}`, {} as never))} description={t("signIn.code", { code: sentBack })} />}
      {refused && <Alert className="gap" type="error" showIcon title={refused} />}
      {(ways.data?.local ?? true) && (
        <Form layout="vertical" requiredMark={false} onFinish={(values: { name: string; password: string }) => void signIn({ ...values, name: values.name.trim() })}>
          <Form.Item name="name" label={t("signIn.name")} rules={[{ required: true, message: t("signIn.needed") }]}>
            <Input autoFocus autoComplete="username" autoCapitalize="none" spellCheck={false} size="large" />
          </Form.Item>
          <Form.Item name="password" label={t("common.password")} extra={t("signIn.hint")} rules={[{ required: true, message: t("signIn.needed") }]}>
            <Input.Password autoComplete="current-password" size="large" />
          </Form.Item>
          <Button type="primary" htmlType="submit" size="large" block loading={isBusy}>{t("signIn.submit")}</Button>
        </Form>
      )}
      {ways.data?.oidc && (
        <>
          <Divider plain>{t("signIn.or")}</Divider>
          <Button size="large" block href={address("/api/v1/oidc/sign-in")}>{t("signIn.with", { provider: ways.data.oidc })}</Button>
        </>
      )}
    </Door>
  );
}

interface Passwords { old: string; new: string; again: string }

function PasswordForm({ onDone, submit }: { onDone: () => void; submit: string }) {
  const { t } = useTexts();
  const ways = useQuery(ask.ways());
  const say = useRefusal();
  const { message } = App.useApp();
  const [refused, setRefused] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const least = ways.data?.passwordLengthMin ?? 12;
  const change = async (values: Passwords) => {
    setIsBusy(true);
    setRefused("");
    try {
      await got(api.PUT("/api/v1/session/password", { body: { old: values.old, new: values.new } }));
      void message.success(t("signIn.changed"));
      onDone();
    } catch (error) {
      setRefused(say(error));
    }
    setIsBusy(false);
  };
  const needed = { required: true, message: t("signIn.needed") };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={(values: Passwords) => void change(values)}>
      {refused && <Alert className="gap" type="error" showIcon title={refused} />}
      <Form.Item name="old" label={t("signIn.old")} rules={[needed]}><Input.Password autoComplete="current-password" /></Form.Item>
      <Form.Item name="new" label={t("signIn.new")} extra={t("signIn.atLeast", { count: least })} rules={[needed, { min: least, message: t("signIn.atLeast", { count: least }) }]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="again" label={t("signIn.again")} dependencies={["new"]}
        rules={[needed, ({ getFieldValue }) => ({ validator: (_, value) => (!value || value === getFieldValue("new") ? Promise.resolve() : Promise.reject(new Error(t("signIn.differ")))) })]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={isBusy}>{submit}</Button>
    </Form>
  );
}

export function ChangePassword({ isFirst }: { isFirst: boolean }) {
  const { t } = useTexts();
  const client = useQueryClient();
  return (
    <Door>
      <h1>{t("signIn.changeTitle")}</h1>
      {isFirst && <p className="quiet">{t("signIn.changeWhy")}</p>}
      <PasswordForm submit={t("common.save")} onDone={() => void client.invalidateQueries()} />
    </Door>
  );
}

export function ChangePasswordDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTexts();
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t("shell.password")} width={420} destroyOnHidden>
      <PasswordForm submit={t("common.save")} onDone={onClose} />
    </Modal>
  );
}
