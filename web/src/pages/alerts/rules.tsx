/** Alerts of one's own: whether each fires, and what became of it. */

import { CheckCircleFilled, ClockCircleFilled, CloseCircleFilled, HourglassFilled, MinusCircleFilled, PauseCircleFilled, PlusOutlined, QuestionCircleFilled, SearchOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, got } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Ask, DeedButton } from "../../parts/dialogs";
import { Loaded, Nothing } from "../../parts/loaded";
import { Records } from "../../parts/records";
import { useAct } from "../../parts/refusal";
import { Ago } from "../../parts/when";
import { byState, holds, restingWish, stateOf, type Rule, type State } from "../../text/alertrules";
import { span } from "../../text/time";
import { SeverityMark } from "./about";

const LOOKS: Record<State, [string, React.ReactNode]> = {
  fires: ["bad", <CloseCircleFilled key="fires" aria-hidden />],
  holds: ["warn", <HourglassFilled key="holds" aria-hidden />],
  stuck: ["bad", <CloseCircleFilled key="stuck" aria-hidden />],
  refused: ["bad", <MinusCircleFilled key="refused" aria-hidden />],
  unknown: ["quiet", <QuestionCircleFilled key="unknown" aria-hidden />],
  pending: ["quiet", <ClockCircleFilled key="pending" aria-hidden />],
  quiet: ["good", <CheckCircleFilled key="quiet" aria-hidden />],
  paused: ["quiet", <PauseCircleFilled key="paused" aria-hidden />],
};
/** Of the others the word says it all. */
const HAS_REASON: ReadonlySet<State> = new Set(["refused", "stuck", "unknown", "pending"]);
const params = (rule: Rule) => ({ path: { space: rule.namespace, rule: rule.name } });

export function Rules() {
  const { t, language } = useTexts();
  const navigate = useNavigate();
  const act = useAct();
  const client = useQueryClient();
  const rules = useQuery(ask.alertRules());
  const [wanted, setWanted] = useState("");
  const [goes, setGoes] = useState<Rule | null>(null);
  const again = () => void client.invalidateQueries({ queryKey: ["alertRules"] });
  const rest = async (rule: Rule) => {
    await act(`${t(rule.paused ? "rules.resume" : "rules.pause")}: ${rule.name}`, async () => {
      // all of it is sent, and what is shown may be older than somebody's change
      const newest = await got(api.GET("/api/v1/alert-rules", { params: { query: { space: rule.namespace } } }));
      const found = newest.items.find((one) => one.name === rule.name) ?? rule;
      return got(api.PUT("/api/v1/alert-rules/{space}/{rule}", { params: params(rule), body: restingWish(found, !rule.paused) }));
    });
    again();
  };
  const remove = async () => {
    const isDone = await act(t("rules.delete", { name: goes!.name }), () => got(api.DELETE("/api/v1/alert-rules/{space}/{rule}", { params: params(goes!) })));
    again();
    return isDone;
  };
  return (
    <section className="card" aria-label={t("alerts.rules")}>
      <Loaded query={rules}>
        {(list) => (
          <>
            <div className="table-top">
              <Input data-search className="search" allowClear prefix={<SearchOutlined aria-hidden />} placeholder={t("rules.search")} aria-label={t("rules.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
              <span className="grow" />
              <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => void navigate("/alerts/rules/new")}>{t("rules.make")}</Button>
            </div>
            <Records<Rule> label={t("alerts.rules")} lead="name" rowKey={(rule) => `${rule.namespace}/${rule.name}`} rows={list.items.filter((rule) => holds(rule, wanted.trim())).sort(byState)} width={1080}
              empty={list.items.length === 0 ? <Nothing title={t("rules.none")} hint={t("rules.noneHint")} /> : <Nothing title={t("common.noMatch")} />} columns={[
                { title: t("common.status"), key: "state", width: 250, render: (_, rule) => <Standing rule={rule} /> },
                { title: t("common.name"), key: "name", render: (_, rule) => <Named rule={rule} /> },
                { title: t("alerts.about"), key: "about", width: 180, render: (_, rule) => (rule.service ? <Link className="wrap" to={`/services/${rule.namespace}/${rule.service}`}>{rule.namespace}/{rule.service}</Link> : <span className="wrap">{rule.namespace}</span>) },
                { title: t("rules.lasts"), key: "lasts", width: 110, render: (_, rule) => (rule.forSeconds ? span(rule.forSeconds, language) : t("rules.atOnce")) },
                { title: t("alerts.severityHead"), key: "severity", width: 120, render: (_, rule) => <SeverityMark severity={rule.severity} /> },
                { title: t("rules.told"), key: "told", width: 130, render: (_, rule) => <span className="wrap">{rule.severity === "info" ? t("rules.nobody") : rule.channels.join(", ") || t("rules.everybody")}</span> },
                { title: t("common.actions"), key: "actions", width: 180, render: (_, rule) => (
                  <div className="row">
                    <DeedButton size="small" may={list.may[rule.namespace]} aria-label={`${t(rule.paused ? "rules.resume" : "rules.pause")}: ${rule.name}`} onClick={() => void rest(rule)}>{t(rule.paused ? "rules.resume" : "rules.pause")}</DeedButton>
                    <DeedButton size="small" danger may={list.may[rule.namespace]} aria-label={`${t("common.delete")}: ${rule.name}`} onClick={() => setGoes(rule)}>{t("common.delete")}</DeedButton>
                  </div>
                ) },
              ]} />
          </>
        )}
      </Loaded>
      <Ask open={goes !== null} isDanger onClose={() => setGoes(null)} title={t("rules.delete", { name: goes?.name ?? "" })} what={t("rules.deleteWhat")} confirm={t("common.delete")} onConfirm={remove} />
    </section>
  );
}

function Standing({ rule }: { rule: Rule }) {
  const { t } = useTexts();
  const state = stateOf(rule);
  const [look, sign] = LOOKS[state];
  return (
    <>
      <span className={look}>{sign} {t(`rules.state.${state}`)}</span>
      {state === "fires" && <div className="quiet">{t("rules.firesFor", { count: rule.firing! })} · <Ago at={rule.firingSince} /></div>}
      {state === "holds" && <div className="quiet">{t("rules.firesFor", { count: rule.holding! })} · <Ago at={rule.holdingSince} /></div>}
      {HAS_REASON.has(state) && rule.isCurrent && rule.message && <div className="quiet wrap" lang="en">{rule.message}</div>}
    </>
  );
}

function Named({ rule }: { rule: Rule }) {
  return (
    <>
      <Link className="wrap" to={`/alerts/rules/${rule.namespace}/${rule.name}`}>{rule.name}</Link>
      <div className="quiet wrap"><code>{rule.condition}</code></div>
    </>
  );
}
