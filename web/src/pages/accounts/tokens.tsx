/** The person's own tokens for programs. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Loaded, Nothing } from "../../parts/loaded";
import { Records } from "../../parts/records";
import { useRefusal } from "../../parts/refusal";
import { Moment } from "../../parts/when";
import { useChange } from "./change";
import { Once } from "./once";

export function Tokens() {
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
      <Form layout="inline" requiredMark={false} initialValues={{ days: 90 }} onFinish={(body: Schemas["TokenWish"]) => void create(body)}>
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
            { title: t("common.actions"), key: "actions", width: 110, render: (_, one) => <Button size="small" danger aria-label={`${t("accounts.revoke")}: ${one.label}`} onClick={() => void change(t("accounts.revoke"), () => got(api.DELETE("/api/v1/tokens/{token}", { params: { path: { token: one.id } } })))}>{t("accounts.revoke")}</Button> },
          ]} />
        )}
      </Loaded>
      <Once open={made !== null} onClose={() => setMade(null)} what={t("accounts.tokenOnce")} secret={made?.secret ?? ""} />
    </section>
  );
}
