/** For how long nobody is told, of what, and why. */

import { useQueryClient } from "@tanstack/react-query";
import { Alert as Note, Form, Input, Modal, Radio } from "antd";
import { useState } from "react";
import { api, got, type Schemas } from "../../api/client";
import { useTexts } from "../../i18n/use";
import { useAct } from "../../parts/refusal";
import { silenceSeconds, type SilenceChoice } from "../../text/alerts";

interface SilenceForm { of: "alert" | "service"; long: SilenceChoice; until?: string; reason: string }

export function SilenceDialog({ alert, onClose }: { alert: Schemas["AlertView"] | null; onClose: () => void }) {
  const { t } = useTexts();
  const act = useAct();
  const client = useQueryClient();
  const [form] = Form.useForm<SilenceForm>();
  const [isBusy, setIsBusy] = useState(false);
  const long = Form.useWatch("long", form) ?? "hour";
  const silence = async ({ of, long: choice, until, reason }: SilenceForm) => {
    const seconds = silenceSeconds(choice, until ?? "", Date.now());
    if (seconds === null || alert === null) return;
    const about = of === "alert" ? { alert: alert.fingerprint } : { space: alert.space, service: alert.service };
    setIsBusy(true);
    if (await act(t("alerts.silence"), () => got(api.POST("/api/v1/silences", { body: { ...about, seconds, reason: reason.trim() } })))) onClose();
    setIsBusy(false);
    for (const queryKey of [["alerts"], ["silences"], ["overview"]]) void client.invalidateQueries({ queryKey });
  };
  const isMoment = (_: unknown, text: string | undefined) => (silenceSeconds("own", text ?? "", Date.now()) === null ? Promise.reject(new Error(t("alerts.untilRange"))) : Promise.resolve());
  return (
    <Modal open={alert !== null} onCancel={onClose} title={`${t("alerts.silence")}: ${alert?.name ?? ""}`} okText={t("alerts.silence")} cancelText={t("common.cancel")} onOk={() => form.submit()} confirmLoading={isBusy} destroyOnHidden>
      <Note className="gap" type="info" showIcon title={t("alerts.silenceWhat")} />
      <Form form={form} layout="vertical" requiredMark={false} preserve={false} initialValues={{ of: "alert", long: "hour" }} onFinish={(values: SilenceForm) => void silence(values)}>
        <Form.Item name="of" label={t("alerts.of")}>
          <Radio.Group options={[{ value: "alert", label: t("alerts.ofAlert") }, ...(alert?.service ? [{ value: "service", label: t("alerts.ofService", { service: `${alert.space}/${alert.service}` }) }] : [])]} />
        </Form.Item>
        <Form.Item name="long" label={t("alerts.long")}>
          <Radio.Group optionType="button" options={(["hour", "hours", "day", "own"] as const).map((value) => ({ value, label: t(`alerts.longs.${value}`) }))} />
        </Form.Item>
        {long === "own" && <Form.Item name="until" label={t("alerts.until")} rules={[{ validator: isMoment }]}><Input type="datetime-local" /></Form.Item>}
        <Form.Item name="reason" label={t("alerts.reason")} rules={[{ required: true, whitespace: true, message: t("signIn.needed") }]}><Input maxLength={500} autoComplete="off" placeholder={t("alerts.reasonHint")} /></Form.Item>
      </Form>
    </Modal>
  );
}
