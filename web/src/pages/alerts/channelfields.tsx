/** The fields of a channel. */

import { useQuery } from "@tanstack/react-query";
import { Checkbox, Form, Input, Radio, Select } from "antd";
import { useMemo } from "react";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { EXAMPLES, hostOf, isName, keptOf, KINDS, secretOf, SEVERITIES, SLACK_API, toOf, type Channel, type ChannelForm } from "../../text/channels";
import { NAME_MAX } from "../../text/names";

interface Props { values: ChannelForm; channel: Channel | undefined }

export function NameFields({ isNew, taken }: { isNew: boolean; taken: ReadonlySet<string> }) {
  const { t } = useTexts();
  const check = (_: unknown, name: string) => {
    const wrong = !isNew ? null : taken.has(name) ? t("wrong.channel-taken") : isName(name) ? null : t("channels.nameHint");
    return wrong === null ? Promise.resolve() : Promise.reject(new Error(wrong));
  };
  return (
    <div className="pair">
      <Form.Item name="name" label={t("common.name")} extra={isNew && t("channels.nameHint")} rules={[{ validator: check }]} validateTrigger="onBlur"><Input disabled={!isNew} maxLength={NAME_MAX} autoComplete="off" spellCheck={false} /></Form.Item>
      <Form.Item name="kind" label={t("channels.kind")}><Select options={KINDS.map((value) => ({ value, label: t(`channels.kinds.${value}`) }))} /></Form.Item>
    </div>
  );
}

export function PlaceFields({ values, channel }: Props) {
  const { t } = useTexts();
  const { kind } = values;
  return (
    <>
      {kind === "slack" && <Form.Item name="way" label={t("channels.way")}><Radio.Group optionType="button" options={(["webhook", "bot"] as const).map((value) => ({ value, label: t(`channels.ways.${value}`) }))} /></Form.Item>}
      <UrlField values={values} channel={channel} />
      {kind === "mail" && <Form.Item name="sender" label={t("channels.sender")}><Input placeholder="moorage@example.com" autoComplete="off" spellCheck={false} /></Form.Item>}
      <ToField values={values} channel={channel} />
      {kind === "mail" && <Form.Item name="user" label={`${t("channels.user")} (${t("common.optional")})`} extra={t("channels.userHint")}><Input autoComplete="off" spellCheck={false} /></Form.Item>}
      <SecretField values={values} channel={channel} />
    </>
  );
}

function UrlField({ values, channel }: Props) {
  const { t } = useTexts();
  const { kind, way } = values;
  const kept = keptOf(values, channel);
  if (kind === "mail" || kind === "telegram") {
    const isSet = kept !== undefined && kept.url === "";
    const placeholder = isSet ? t("channels.isSetAt", { host: hostOf(kept) }) : EXAMPLES[kind];
    return <Form.Item name="url" label={kind === "mail" ? t("channels.server") : `${t("channels.api")} (${t("common.optional")})`} extra={kind === "mail" && t("channels.serverHint")}><Input placeholder={placeholder} autoComplete="off" spellCheck={false} /></Form.Item>;
  }
  const isBot = kind === "slack" && way === "bot";
  const isKept = kept !== undefined && (kind !== "slack" || kept.hasSecret === isBot);
  const placeholder = isKept ? t("channels.isSetAt", { host: hostOf(kept) }) : isBot ? SLACK_API : EXAMPLES[kind];
  // it is a password: who knows it speaks in this chat
  return <Form.Item name="url" label={isBot ? t("channels.api") : t("channels.hook")} extra={!isBot && t(`channels.hookOf.${kind}`)}><Input.Password placeholder={placeholder} autoComplete="new-password" spellCheck={false} /></Form.Item>;
}

function ToField({ values }: Props) {
  const { t } = useTexts();
  const to = toOf(values);
  if (to === null) return null;
  if (to === "chat") {
    return (
      <Form.Item name="to" label={t("channels.chat")} extra={t(`channels.chatOf.${values.kind === "slack" ? "slack" : "telegram"}`)} getValueProps={(value: string[]) => ({ value: value[0] ?? "" })} normalize={(text: string) => (text === "" ? [] : [text])}>
        <Input autoComplete="off" spellCheck={false} />
      </Form.Item>
    );
  }
  const isPhones = to === "phones";
  return <Form.Item name="to" label={isPhones ? `${t("channels.phones")} (${t("common.optional")})` : t("channels.to")} extra={t(isPhones ? "channels.phonesHint" : "channels.toHint")}><Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[",", " ", ";"]} placeholder={isPhones ? "13800000000" : "dba@example.com"} /></Form.Item>;
}

function SecretField({ values, channel }: Props) {
  const { t } = useTexts();
  const what = secretOf(values);
  if (what === null) return null;
  const { kind } = values;
  const isSet = keptOf(values, channel)?.hasSecret === true;
  const label = what === "signing" ? `${t("channels.signing")} (${t("common.optional")})` : t(`channels.${what}`);
  const hint = kind === "slack" || kind === "telegram" ? t(`channels.tokenOf.${kind}`) : kind === "dingtalk" || kind === "feishu" || kind === "webhook" ? t(`channels.signingOf.${kind}`) : undefined;
  return (
    <>
      <Form.Item name="secret" label={label} extra={hint}><Input.Password disabled={isSet && values.dropsSecret} placeholder={isSet ? t("channels.isSet") : undefined} autoComplete="new-password" spellCheck={false} /></Form.Item>
      {isSet && what === "signing" && <Form.Item className="tick" name="dropsSecret" valuePropName="checked"><Checkbox>{t("channels.drop")}</Checkbox></Form.Item>}
    </>
  );
}

export function ToldFields() {
  const { t } = useTexts();
  const spaces = useQuery(ask.spaces()).data?.items ?? [];
  const services = useQuery(ask.services()).data?.items ?? [];
  const zones = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone").filter((one) => one !== "UTC")].map((value) => ({ value, label: value })), []);
  const some = (_: unknown, chosen: string[]) => (chosen.length > 0 ? Promise.resolve() : Promise.reject(new Error(t("channels.severitiesNone"))));
  return (
    <>
      <Form.Item name="severities" label={t("channels.severities")} rules={[{ validator: some }]}><Checkbox.Group options={SEVERITIES.map((value) => ({ value, label: `${t(`alerts.severity.${value}`)} – ${t(`rules.severityWhat.${value}`)}` }))} /></Form.Item>
      <div className="pair">
        <Form.Item name="spaces" label={t("channels.spaces")}><Select mode="tags" tokenSeparators={[",", " "]} placeholder={t("channels.ofAll")} options={spaces.map(({ name }) => ({ value: name, label: name }))} /></Form.Item>
        <Form.Item name="services" label={t("channels.services")} extra={t("channels.ofHint")}><Select mode="tags" tokenSeparators={[",", " "]} placeholder={t("channels.ofAll")} options={services.map((one) => `${one.namespace}/${one.name}`).map((value) => ({ value, label: value }))} /></Form.Item>
        <Form.Item name="language" label={t("channels.language")}><Select options={(["en", "zh"] as const).map((value) => ({ value, label: t(`channels.languages.${value}`) }))} /></Form.Item>
        <Form.Item name="zone" label={t("channels.zone")}><Select showSearch options={zones} /></Form.Item>
      </div>
    </>
  );
}
