/** A channel, new or changed: tested before it is kept. Its secrets are set here, and never read again. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Form } from "antd";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api, got, Refusal, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { NotFound } from "../../app/notfound";
import { useTexts } from "../../i18n/use";
import { DeedButton } from "../../parts/dialogs";
import { Loaded } from "../../parts/loaded";
import { useWhyNot } from "../../parts/may";
import { PageHead } from "../../parts/page";
import { useRefused } from "../../parts/refused";
import { blank, formOf, keptOf, SLACK_API, wishOf, type Channel, type ChannelForm } from "../../text/channels";
import { NameFields, PlaceFields, ToldFields } from "./channelfields";
import { TestResult, useTest, type Tested } from "./channeltest";

type List = Schemas["ChannelList"];

export default function AlertChannel() {
  const { t, language } = useTexts();
  const { channel: name } = useParams();
  const channels = useQuery(ask.channels());
  const [round, setRound] = useState(0);
  const title = name === undefined ? t("channels.make") : t("channels.edit", { name });
  const startOver = async () => {
    await channels.refetch();
    setRound(round + 1);
  };
  const sheet = (list: List) => {
    const found = list.items.find((one) => one.name === name);
    if (name !== undefined && !found) return <NotFound />;
    const first = found ? formOf(found) : blank(language, Intl.DateTimeFormat().resolvedOptions().timeZone);
    return <Sheet key={`${name} ${round}`} first={first} channel={found} list={list} onStartOver={() => void startOver()} />;
  };
  return (
    <>
      <PageHead tab={title} title={title} before={<Link className="crumb" to="/alerts/channels">{t("alerts.channels")}</Link>} />
      <Loaded query={channels}>{sheet}</Loaded>
    </>
  );
}

function Sheet(shown: { first: ChannelForm; channel: Channel | undefined; list: List; onStartOver: () => void }) {
  // the list may be read anew meanwhile: what is changed is what was opened
  const [{ first, channel, list }] = useState(shown);
  const { t } = useTexts();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<ChannelForm>();
  const [values, setValues] = useState(first);
  const refused = useRefused(form);
  const whyNot = useWhyNot();
  const [isOld, setIsOld] = useState(false);
  const [isSending, setIsSending] = useState(false);
  const [tested, setTested] = useState<Tested | null>(null);
  const isNew = channel === undefined;
  const may = isNew ? list.may.create : list.may.update;
  const wish = () => wishOf(values, keptOf(values, channel));

  const change = (part: Partial<ChannelForm>, all: ChannelForm) => {
    const isElsewhere = part.kind !== undefined || part.way !== undefined;
    // an address, a secret or a person of one kind is none of another
    const emptied = { url: values.kind !== "slack" || part.way !== "bot" || channel?.hasSecret ? undefined : SLACK_API, secret: undefined, dropsSecret: false, to: [] };
    if (isElsewhere) form.setFieldsValue(emptied);
    setValues({ ...values, ...all, ...(isElsewhere ? emptied : {}) });
    setTested(null);
  };
  const show = (error: unknown) => {
    const [place] = refused.show(error);
    setIsOld(error instanceof Refusal && error.code === "changed-meanwhile");
    if (place) form.scrollToField(place as never, { focus: true, block: "center" });
  };
  const save = async () => {
    setIsSending(true);
    try {
      await (isNew
        ? got(api.POST("/api/v1/channels", { body: { ...wish(), name: values.name } }))
        : got(api.PUT("/api/v1/channels/{channel}", { params: { path: { channel: channel.name } }, body: { ...wish(), version: list.version } })));
      void client.invalidateQueries({ queryKey: ["channels"] });
      void message.success(t("channels.saved", { name: values.name }));
      await navigate("/alerts/channels");
    } catch (error) {
      show(error);
      setIsSending(false);
    }
  };
  const { isBusy, test } = useTest(setTested, (error) => {
    const isOfFields = error instanceof Refusal && error.causes.length > 0;
    if (isOfFields) show(error);
    return isOfFields;
  });
  const send = async () => {
    try {
      await form.validateFields(["name", "severities"]);
    } catch {
      form.scrollToField("name", { focus: true, block: "center" });
      return;
    }
    refused.clear();
    await test(values.name, () => got(api.POST("/api/v1/channels/test", { body: { ...wish(), name: values.name } })));
  };
  return (
    <Form form={form} layout="vertical" requiredMark={false} initialValues={first} onValuesChange={change} onFinish={() => void save()} scrollToFirstError={{ focus: true, block: "center" }}>
      <div className="deploy">
        <div className="stack">
          <section className="card"><NameFields isNew={isNew} taken={new Set(list.items.map((one) => one.name))} /></section>
          <section className="card" aria-label={t("channels.where")}><h2>{t("channels.where")}</h2><PlaceFields values={values} channel={channel} /></section>
          <section className="card" aria-label={t("channels.what")}><h2>{t("channels.what")}</h2><ToldFields /></section>
        </div>
        <aside className="stack">
          <section className="card stack" aria-label={t("deploy.summary")}>
            <div role="status" aria-live="polite">
              {refused.rest ? <Alert type="error" showIcon title={<span className="wrap">{refused.rest}</span>} action={isOld && <Button size="small" onClick={shown.onStartOver}>{t("channels.startOver")}</Button>} />
                : may.allowed ? <span className="quiet">{t("channels.ready")} {t("channels.writeOnly")}</span>
                : <Alert type="info" showIcon title={<span className="wrap">{whyNot(may)}</span>} />}
            </div>
            <Form.Item className="tick" name="muted" valuePropName="checked"><Checkbox>{t("channels.muted")}</Checkbox></Form.Item>
            <DeedButton type="primary" size="large" block htmlType="submit" may={may} loading={isSending}>{t("common.save")}</DeedButton>
          </section>
          <section className="card stack" aria-label={t("channels.test")}>
            <span className="quiet">{t("channels.testHint")}</span>
            <DeedButton block may={list.may.update} loading={isBusy} onClick={() => void send()}>{t("channels.test")}</DeedButton>
            <TestResult tested={tested} onClose={() => setTested(null)} />
          </section>
        </aside>
      </div>
    </Form>
  );
}
