/** Fields that deploying and changing a service share. */

import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input, InputNumber, Select } from "antd";
import { useMemo } from "react";
import type { Schemas } from "../api/client";
import { useTexts } from "../i18n/use";
import { inWords, neverComes } from "../text/cron";
import type { BackupForm, ParameterRow } from "../text/wish";

/** `zone`: the platform's. */
export function ZoneField({ zone, canBeEmptied = true }: { zone: string | undefined; canBeEmptied?: boolean }) {
  const { t } = useTexts();
  const zones = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone").filter((one) => one !== "UTC")].map((value) => ({ value, label: value })), []);
  return (
    <Form.Item name="timeZone" label={t("deploy.timeZone")}>
      <Select showSearch allowClear={canBeEmptied} options={zones} placeholder={t("service.timeZonePlatform", { zone: zone ?? "UTC" })} />
    </Form.Item>
  );
}

/** Whether, when and where to; `values` as they stand in the form now. */
export function BackupFields({ values, zone, stores, canBeEmptied = true }: { values: BackupForm; zone: string; stores: string[]; canBeEmptied?: boolean }) {
  const { t, language } = useTexts();
  const words = inWords(values.schedule ?? "", language);
  const fault = (schedule: string) => (!inWords(schedule, language) ? t("deploy.scheduleBad") : neverComes(schedule) ? t("deploy.scheduleNever") : null);
  return (
    <>
      <Form.Item className="tick" name="backup" valuePropName="checked"><Checkbox>{t("deploy.backup")}</Checkbox></Form.Item>
      {values.backup && (
        <>
          <div className="pair">
            <Form.Item name="schedule" label={t("deploy.schedule")} rules={[{ validator: (_, value?: string) => {
              const wrong = fault(value ?? "");
              return wrong === null ? Promise.resolve() : Promise.reject(new Error(wrong));
            } }]} extra={words && t("backup.scheduleWords", { words, zone })}>
              <Input spellCheck={false} autoComplete="off" />
            </Form.Item>
            <Form.Item name="keepDays" label={t("deploy.keepDays")}><InputNumber min={1} max={3650} /></Form.Item>
            <Form.Item name="store" label={t("backup.store")}><Select allowClear={canBeEmptied} placeholder={t("settings.defaultStore")} options={stores.map((value) => ({ value, label: value }))} /></Form.Item>
          </div>
          <Form.Item name="pointInTime" valuePropName="checked"><Checkbox>{t("deploy.pointInTime")}</Checkbox></Form.Item>
        </>
      )}
    </>
  );
}

/** The engine's settings, each with what it is, what it may be, and what a change of it does. */
export function ParameterFields({ known, rows }: { known: Schemas["ParameterOption"][]; rows: ParameterRow[] }) {
  const { t } = useTexts();
  if (known.length === 0) return <p className="quiet">{t("deploy.parametersNone")}</p>;
  const taken = new Set(rows.map((row) => row?.key));
  return (
    <Form.List name="parameters">
      {(fields, { add, remove }) => (
        <div className="stack">
          {fields.map(({ key, name }) => {
            const chosen = known.find((one) => one.name === rows[name]?.key);
            const options = known.filter((one) => one === chosen || !taken.has(one.name));
            return (
              <div key={key} className="parameter">
                <Form.Item name={[name, "key"]} noStyle><Select showSearch aria-label={t("common.name")} options={options.map((one) => ({ value: one.name, label: one.name }))} /></Form.Item>
                <Form.Item name={[name, "value"]} dependencies={[["parameters", name, "key"]]} rules={[({ getFieldValue }) => ({ validator: (_, value?: string) => {
                  const setting = known.find((one) => one.name === getFieldValue(["parameters", name, "key"]));
                  return !setting || new RegExp(setting.pattern).test(value?.trim() ?? "") ? Promise.resolve() : Promise.reject(new Error(t("deploy.valueBad", { allowed: setting.allowed })));
                } })]}>
                  <Input aria-label={chosen ? `${t("deploy.value")}: ${chosen.name}` : t("deploy.value")} placeholder={chosen?.allowed} autoComplete="off" spellCheck={false} />
                </Form.Item>
                <Button icon={<DeleteOutlined />} aria-label={`${t("common.delete")}: ${chosen?.name ?? ""}`} onClick={() => remove(name)} />
                {chosen && <div className="quiet about"><span lang="en">{chosen.description}</span> {chosen.isLive ? t("deploy.atOnce") : t("deploy.rollout")}</div>}
              </div>
            );
          })}
          <div><Button icon={<PlusOutlined aria-hidden />} disabled={rows.length >= known.length} onClick={() => add({ key: undefined, value: "" })}>{t("deploy.addParameter")}</Button></div>
        </div>
      )}
    </Form.List>
  );
}
