/** An alert of one's own, new or changed: checked while it is written, and tried against the last day before it is kept. */

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Form, Spin, Tabs } from "antd";
import { useEffect, useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { api, got, Refusal, type Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { NotFound } from "../../app/notfound";
import { useTexts } from "../../i18n/use";
import { Code } from "../../parts/copy";
import { DeedButton } from "../../parts/dialogs";
import { Loaded, Nothing } from "../../parts/loaded";
import { useWhyNot } from "../../parts/may";
import { PageHead } from "../../parts/page";
import { useRefusal } from "../../parts/refusal";
import { useRefused } from "../../parts/refused";
import { blank, conditionOf, formOf, NAME_MAX, wishOf, type Metric, type Rule, type RuleForm, type Wish } from "../../text/alertrules";
import { isLabel } from "../../text/names";
import { ConditionFields, NameFields, TellingFields } from "./rulefields";
import { Trying } from "./tried";

const CHECK_MS = 400;

export default function AlertRule() {
  const { t } = useTexts();
  const { space, rule: name } = useParams();
  const [query] = useSearchParams();
  /** How often somebody began anew with what others had made of it. */
  const [begun, setBegun] = useState(0);
  const rules = useQuery(ask.alertRules());
  const spaces = useQuery(ask.spaces());
  const metrics = useQuery(ask.alertMetrics());
  const title = name === undefined ? t("rules.make") : t("rules.edit", { name });
  const sheet = (known: Rule[], open: string[], measured: Metric[]) => {
    const found = known.find((one) => one.namespace === space && one.name === name);
    if (name !== undefined && !found) return <NotFound />;
    if (open.length === 0) return <section className="card"><Nothing title={t("spaces.none")} hint={t("deploy.noSpace")} /></section>;
    const first = found ? formOf(found) : { ...blank(query.get("space") ?? open[0]!), service: query.get("service") ?? undefined };
    return <Sheet key={`${space}/${name}/${begun}`} first={first} kept={found} rules={known} spaces={open} metrics={measured} onAnew={() => setBegun(begun + 1)} />;
  };
  return (
    <>
      <PageHead tab={title} title={title} before={<Link className="crumb" to="/alerts/rules">{t("alerts.rules")}</Link>} />
      <Loaded query={rules}>
        {(known) => <Loaded query={spaces}>{(all) => <Loaded query={metrics}>{(measured) => sheet(known.items, all.items.filter((one) => !one.isDeleting).map((one) => one.name), measured.items)}</Loaded>}</Loaded>}
      </Loaded>
    </>
  );
}

/** `kept`: as it is now; none: it is made. */
interface SheetProps { first: RuleForm; kept: Rule | undefined; rules: Rule[]; spaces: string[]; metrics: Metric[]; onAnew: () => void }

function Sheet({ first, kept, rules, spaces, metrics, onAnew }: SheetProps) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<RuleForm>();
  const [values, setValues] = useState(first);
  /** Of the rule that the form began with. */
  const [version] = useState(kept?.version);
  const isNew = version === undefined;
  const isOld = kept?.version !== version;
  const space = useQuery(ask.space(values.space));
  const may = space.data?.may.manageAlerts;
  // who may not would be refused for that alone
  const canAsk = space.isError || may?.allowed === true;
  const refused = useRefused(form);
  const say = useRefusal();
  const whyNot = useWhyNot();
  const [isSending, setIsSending] = useState(false);
  const known = useQuery({ ...ask.alertMetrics(values.space), placeholderData: keepPreviousData }).data?.items ?? metrics;
  const metric = known.find((one) => one.name === values.metric);
  const condition = conditionOf(values, metric);
  const isTaken = isNew && rules.some((one) => one.namespace === values.space && one.name === values.name);
  const isNameGood = !isNew || (isLabel(values.name) && values.name.length <= NAME_MAX && !isTaken);
  const isWhole = isNameGood && condition !== null;
  const put = (dryRun: boolean, wish: Wish) => (isNew
    ? got(api.POST("/api/v1/alert-rules", { params: { query: { dryRun } }, body: { ...wish, name: values.name, space: values.space } }))
    : got(api.PUT("/api/v1/alert-rules/{space}/{rule}", { params: { path: { space: first.space, rule: first.name }, query: { dryRun } }, body: { ...wish, version } })));
  const send = async (dryRun: boolean, wish: Wish) => {
    try {
      return await put(dryRun, wish);
    } catch (error) {
      if (error instanceof Refusal && error.code === "changed-meanwhile") void client.invalidateQueries({ queryKey: ["alertRules"] });
      throw error;
    }
  };
  const wish = condition && wishOf(values, condition);
  const { checked, isChecking } = useCheck(isWhole && !isSending && canAsk && !isOld ? wish : null, `${values.space}/${values.name}`, (one) => send(true, one), refused);

  const change = (all: RuleForm) => {
    const isElsewhere = all.space !== values.space;
    if (isElsewhere) form.setFieldValue("service", undefined);
    setValues({ ...values, ...all, ...(isElsewhere ? { service: undefined } : {}) });
  };
  const save = async () => {
    if (!isWhole || !wish) return;
    setIsSending(true);
    try {
      await send(false, wish);
      void client.invalidateQueries({ queryKey: ["alertRules"] });
      void message.success(t("common.done", { what: t("rules.saved", { name: values.name }) }));
      await navigate("/alerts/rules");
    } catch (error) {
      // what is checked anew may find nothing wrong with it, and why it was not kept must still be read
      void message.error(say(error), 8);
      const [place] = refused.show(error);
      if (place) form.scrollToField(place as never, { focus: true, block: "center" });
      setIsSending(false);
    }
  };
  return (
    <Form form={form} layout="vertical" requiredMark={false} initialValues={first} onValuesChange={(_, all: RuleForm) => change(all)} onFinish={() => void save()}>
      <div className="deploy">
        <div className="stack">
          <section className="card"><NameFields isNew={isNew} isGood={isNameGood || values.name === ""} isTaken={isTaken} spaces={spaces} values={values} /></section>
          <section className="card" aria-label={t("rules.when")}><h2>{t("rules.when")}</h2><ConditionFields form={form} values={values} metrics={known} metric={metric} /></section>
          <Trying space={values.space} condition={condition} metric={metric} />
          <section className="card" aria-label={t("rules.people")}><h2>{t("rules.people")}</h2><TellingFields values={values} /></section>
        </div>
        <aside className="stack">
          <section className="card stack" aria-label={t("deploy.summary")}>
            <div role="status" aria-live="polite">
              {isOld ? <Alert type="warning" showIcon title={<span className="wrap">{t("rules.changedMeanwhile")}</span>} action={<Button size="small" onClick={onAnew}>{t("rules.anew")}</Button>} />
                : refused.rest ? <Alert type="error" showIcon title={<span className="wrap">{refused.rest}</span>} />
                : !isWhole ? <span className="quiet">{t("rules.incomplete")}</span>
                : may?.allowed === false ? <Alert type="info" showIcon title={<span className="wrap">{whyNot(may)}</span>} />
                : isChecking ? <span className="quiet"><Spin size="small" /> {t("deploy.checking")}</span>
                : checked ? <Alert type="success" showIcon title={t("rules.good")} /> : <Alert type="error" showIcon title={t("deploy.seeFields")} />}
            </div>
            <Form.Item className="tick" name="paused" valuePropName="checked"><Checkbox>{t("rules.paused")}</Checkbox></Form.Item>
            <DeedButton type="primary" size="large" block htmlType="submit" may={may} loading={isSending} disabled={!isWhole || isOld}>{t("common.save")}</DeedButton>
          </section>
          {checked && <SameAs checked={checked} />}
        </aside>
      </div>
    </Form>
  );
}

/** The API server and the fence say what they think of it, a moment after it was written. `wish` null: there is nothing to ask. */
function useCheck(wish: Wish | null, of: string, look: (wish: Wish) => Promise<Schemas["SavedAlertRule"]>, { show, clear }: ReturnType<typeof useRefused<RuleForm>>) {
  const [checked, setChecked] = useState<Schemas["SavedAlertRule"] | null>(null);
  const [isChecking, setIsChecking] = useState(true);
  const asked = wish && `${of} ${JSON.stringify(wish)}`;
  useEffect(() => {
    setChecked(null);
    if (!wish) {
      clear();
      return;
    }
    let isOld = false;
    setIsChecking(true);
    const timer = setTimeout(async () => {
      try {
        const found = await look(wish);
        if (isOld) return;
        setChecked(found);
        clear();
      } catch (error) {
        if (isOld) return;
        show(error);
      }
      setIsChecking(false);
    }, CHECK_MS);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [asked, show, clear]);
  return { checked, isChecking };
}

function SameAs({ checked: { expr, sameAs } }: { checked: Schemas["SavedAlertRule"] }) {
  const { t } = useTexts();
  return (
    <section className="card stack" aria-label={t("deploy.sameAs")}>
      <h2>{t("deploy.sameAs")}</h2>
      <Tabs size="small" items={[
        { key: "yaml", label: "YAML", children: <Code label="YAML" text={sameAs.yaml} /> },
        { key: "kubectl", label: "kubectl", children: <Code label="kubectl" text={sameAs.kubectl} /> },
        { key: "moorage", label: "moorage", children: <Code label={t("deploy.command")} text={sameAs.moorage} wraps /> },
      ]} />
      <h3>{t("rules.judgedAs")}</h3>
      <Code label={t("rules.judgedAs")} text={expr} wraps />
    </section>
  );
}
