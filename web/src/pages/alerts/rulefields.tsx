/** The fields of an alert of one's own. */

import { useQuery } from "@tanstack/react-query";
import { Form, Input, InputNumber, Radio, Select, type FormInstance } from "antd";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { COMPARISONS, fitting, isOwn, labelsOf, LASTS, LASTS_S_MAX, NAME_MAX, secondsOf, SEVERITIES, unitOf, type Metric, type RuleForm } from "../../text/alertrules";
import { figure } from "../../text/charts";

const KEYS = Object.keys(LASTS) as (keyof typeof LASTS)[];

export function NameFields({ isNew, isGood, isTaken, spaces, values }: { isNew: boolean; isGood: boolean; isTaken: boolean; spaces: string[]; values: RuleForm }) {
  const { t } = useTexts();
  const services = useQuery(ask.services()).data?.items ?? [];
  const here = services.filter((one) => one.namespace === values.space).map((one) => ({ value: one.name, label: one.name }));
  return (
    <div className="pair">
      <Form.Item name="name" label={t("common.name")} extra={t("rules.nameHint")} validateStatus={isGood ? undefined : "error"} help={isTaken ? t("rules.nameTaken") : undefined}>
        <Input disabled={!isNew} aria-invalid={!isGood} maxLength={NAME_MAX} autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item name="space" label={t("common.space")}><Select disabled={!isNew} showSearch options={spaces.map((value) => ({ value, label: value }))} /></Form.Item>
      <Form.Item name="service" label={t("rules.service")}><Select allowClear showSearch placeholder={t("rules.allServices")} options={here} /></Form.Item>
    </div>
  );
}

export function ConditionFields({ form, values, metrics, metric }: { form: FormInstance<RuleForm>; values: RuleForm; metrics: Metric[]; metric: Metric | undefined }) {
  const { t } = useTexts();
  const isInRange = (_: unknown, lasts: number | null) => (secondsOf({ lasts, lastsIn: form.getFieldValue("lastsIn") as RuleForm["lastsIn"] }) <= LASTS_S_MAX ? Promise.resolve() : Promise.reject(new Error(t("rules.lastsMax"))));
  return (
    <>
      <Form.Item name="way" label={t("rules.way")}><Radio.Group optionType="button" options={(["metric", "promql"] as const).map((value) => ({ value, label: t(`rules.ways.${value}`) }))} /></Form.Item>
      {values.way === "metric" ? <MetricFields values={values} metrics={metrics} metric={metric} /> : (
        <Form.Item name="promql" label="PromQL" extra={t("rules.promqlHint")}><Input.TextArea rows={4} maxLength={2_048} spellCheck={false} className="code-field" placeholder="sum by (service) (rate(moorage_mongodb_operations_total[5m])) > 1000" /></Form.Item>
      )}
      <div className="pair">
        <Form.Item name="lasts" label={t("rules.lasts")} extra={t("rules.lastsHint")} dependencies={["lastsIn"]} rules={[{ validator: isInRange }]}><InputNumber min={0} precision={0} className="whole" /></Form.Item>
        <Form.Item name="lastsIn" label={t("rules.unit")}><Select options={KEYS.map((value) => ({ value, label: t(`rules.units.${value}`) }))} /></Form.Item>
      </div>
    </>
  );
}

/** A metric, or a group of them. */
interface Choice { label: string; value?: string; help?: string; options?: Choice[] }
/** What is searched in one of the metrics. */
const textOf = (choice: Choice | undefined) => (choice?.value === undefined ? "" : `${choice.value} ${choice.help}`);

function MetricFields({ values, metrics, metric }: { values: RuleForm; metrics: Metric[]; metric: Metric | undefined }) {
  const { t, language } = useTexts();
  const services = useQuery(ask.services()).data?.items ?? [];
  const engines = (useQuery(ask.catalog()).data ?? []).map((card) => card.name);
  const engine = services.find((one) => one.namespace === values.space && one.name === values.service)?.engine;
  const fit = fitting(metrics, values.service, engine, engines);
  const listed = (of: (metric: Metric) => boolean) => fit.filter(of).map(({ name, help }) => ({ value: name, label: name, help }));
  const groups: Choice[] = [{ label: t("rules.ownMetrics"), options: listed(isOwn) }, { label: t("rules.builtInMetrics"), options: listed((metric) => !isOwn(metric)) }];
  const counted = metric && [metric.unit, metric.isCounter && t("rules.perSecond")].filter(Boolean).join(" ");
  const unit = unitOf(metric);
  const isReadable = metric !== undefined && unit !== "short" && typeof values.threshold === "number";
  return (
    <>
      <Form.Item name="metric" label={t("rules.metric")} extra={metric ? <span lang="en">{metric.help}</span> : t("rules.metricHint")}>
        <Select
          showSearch={{ filterOption: (typed, option) => typed.toLowerCase().split(/\s+/).every((word) => textOf(option).toLowerCase().includes(word)) }}
          options={groups.filter((group) => group.options?.length)} optionRender={({ data }) => <><div className="wrap">{data.value}</div><div className="quiet small lines" lang="en">{data.help}</div></>}
        />
      </Form.Item>
      <div className="pair">
        <Form.Item name="comparison" label={t("rules.comparison")}><Select options={COMPARISONS.map((value) => ({ value, label: value }))} /></Form.Item>
        <Form.Item name="threshold" label={counted ? `${t("rules.threshold")} (${counted})` : t("rules.threshold")} extra={isReadable && t("rules.means", { figure: figure(values.threshold, unit, language) })}><InputNumber className="whole" /></Form.Item>
        {metric && labelsOf(metric).map((label) => (
          <Form.Item key={label} name={["labels", label]} label={t("rules.only", { label })}><Input placeholder={t("rules.any")} autoComplete="off" spellCheck={false} /></Form.Item>
        ))}
      </div>
    </>
  );
}

export function TellingFields({ values }: { values: RuleForm }) {
  const { t } = useTexts();
  const channels = useQuery({ ...ask.channels(), retry: false }).data?.items ?? [];
  return (
    <>
      <Form.Item name="severity" label={t("alerts.severityHead")}><Select options={SEVERITIES.map((value) => ({ value, label: `${t(`alerts.severity.${value}`)} – ${t(`rules.severityWhat.${value}`)}` }))} /></Form.Item>
      {values.severity !== "info" && (
        <>
          <Form.Item name="channels" label={t("rules.channels")} extra={t("rules.channelsHint")}><Select mode="tags" tokenSeparators={[",", " "]} options={channels.map((one) => ({ value: one.name, label: `${one.name} (${one.place})` }))} optionLabelProp="value" /></Form.Item>
          <TextFields of="text" values={values} />
          <TextFields of="textZh" values={values} />
        </>
      )}
    </>
  );
}

function TextFields({ of, values }: { of: "text" | "textZh"; values: RuleForm }) {
  const { t } = useTexts();
  const named = (field: string) => t(of === "text" ? "rules.inEnglish" : "rules.inChinese", { field });
  const isLeft = Boolean(values[of]?.description?.trim()) && !values[of]?.summary?.trim();
  return (
    <>
      <Form.Item name={[of, "summary"]} label={`${named(t("rules.summary"))} (${t("common.optional")})`} extra={of === "text" && t("rules.summaryHint")} validateStatus={isLeft ? "error" : undefined} help={isLeft ? t("rules.summaryNeeded") : undefined}><Input maxLength={200} autoComplete="off" /></Form.Item>
      <Form.Item name={[of, "description"]} label={`${named(t("rules.description"))} (${t("common.optional")})`}><Input.TextArea rows={2} maxLength={1_000} /></Form.Item>
    </>
  );
}
