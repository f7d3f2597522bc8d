/** What happens between the click and the first connection. */

import { CheckCircleFilled, ClockCircleOutlined, CloseCircleFilled, LoadingOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { type ReactNode, useState } from "react";
import { Link, useParams } from "react-router";
import type { Schemas } from "../api/client";
import { ask } from "../api/queries";
import { useTexts } from "../i18n/use";
import { ConnectionPanel } from "../parts/connection";
import { Loaded } from "../parts/loaded";
import { PageHead } from "../parts/page";
import { Clock, useNow } from "../parts/when";
import { between, span } from "../text/time";

const ICONS: Record<Schemas["StepState"], ReactNode> = {
  done: <CheckCircleFilled aria-hidden />, running: <LoadingOutlined aria-hidden />, waiting: <ClockCircleOutlined aria-hidden />, stuck: <CloseCircleFilled aria-hidden />,
};
const WORDS = { done: "progress.stateDone", running: "progress.stateRunning", waiting: "progress.stateWaiting", stuck: "progress.stateStuck" } as const;
/** Pods change without the service changing; only this page asks again, and only until the service stands. */
const LOOK_MS = 2_000;
/** A service that a restore brings is made by the operator, a moment after one is led here; one that does not come is asked for all the same. */
const ARRIVES_MS = 10_000;

function useHasArrived(space: string, name: string): boolean {
  const services = useQuery(ask.services());
  const [since] = useState(() => Date.now());
  const now = useNow(1_000);
  const isThere = services.data?.items.some((row) => row.namespace === space && row.name === name) ?? false;
  return isThere || now - since > ARRIVES_MS;
}

export default function Progress() {
  const { t, language } = useTexts();
  const { space = "", name = "" } = useParams();
  const now = useNow(1_000);
  const hasArrived = useHasArrived(space, name);
  const progress = useQuery({ ...ask.progress(space, name), enabled: hasArrived, refetchInterval: (query) => (query.state.data?.phase === "Succeeded" ? false : LOOK_MS) });
  const isReady = progress.data?.phase === "Succeeded";
  const title = isReady ? t("progress.ready", { name }) : t("progress.title", { name });
  return (
    <>
      <PageHead title={title} tab={title} before={<Link className="crumb" to="/services">{t("nav.services")}</Link>} extra={<Link to={`/services/${space}/${name}`}><Button type={isReady ? "primary" : "default"} tabIndex={-1}>{t("progress.toService")}</Button></Link>} />
      <Loaded query={progress}>
        {(data) => (
          <div className="halves">
            <section className="card" aria-label={t("progress.steps")}>
              <div className="head-row"><h2>{t("progress.steps")}</h2>
                <span className="quiet figures">{isReady ? t("progress.took", { span: span(data.tookSeconds ?? between(data.started, data.ended, now), language) }) : data.started && t("progress.since", { span: span(between(data.started, null, now), language) })}</span>
              </div>
              {data.steps.some((step) => step.state === "stuck") && <Alert className="gap" type="error" showIcon title={data.message} />}
              <ol className="steps" aria-live="polite">
                {data.steps.map((step) => (
                  <li key={step.name} className={step.state}>
                    <span className="icon">{ICONS[step.state]}</span>
                    <span><b>{t(`progress.${step.name}`)}</b> <span className="quiet">{t(WORDS[step.state])}{step.done !== null && step.wanted !== null && step.state !== "done" ? ` · ${t("common.of", { part: step.done, whole: step.wanted })}` : ""}</span></span>
                    <span className="quiet figures">{step.ended && <Clock at={step.ended} />}</span>
                    {step.message && step.state !== "done" && <span className="message" lang="en">{step.message}</span>}
                  </li>
                ))}
              </ol>
            </section>
            <div className="stack">
              {isReady && <ConnectionPanel space={space} name={name} />}
              <Events space={space} name={name} isReady={isReady} />
            </div>
          </div>
        )}
      </Loaded>
    </>
  );
}

function Events({ space, name, isReady }: { space: string; name: string; isReady: boolean }) {
  const { t } = useTexts();
  const history = useQuery({ ...ask.history(space, name), refetchInterval: isReady ? false : LOOK_MS });
  return (
    <section className="card" aria-label={t("progress.events")}>
      <h2>{t("progress.events")}</h2>
      <Loaded query={history}>
        {(data) => data.events.length === 0 ? <p className="quiet">{t("events.noEvents")}</p> : (
          <ul className="list">
            {data.events.slice(0, 12).map((event, index) => (
              <li key={index}><span className="wrap"><b className={event.type === "Warning" ? "warn" : ""}>{event.reason}</b> <span lang="en">{event.message}</span></span><Clock at={event.time} /></li>
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  );
}
