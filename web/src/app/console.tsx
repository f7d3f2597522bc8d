/** Signed in or not, and which page. */

import { useQuery } from "@tanstack/react-query";
import { Spin } from "antd";
import { lazy, Suspense } from "react";
import { Route, Routes } from "react-router";
import { Refusal, rememberCsrf } from "../api/client";
import { ask } from "../api/queries";
import { useTexts } from "../i18n/use";
import { Failed } from "../parts/loaded";
import { LiveUpdates } from "./live";
import { NotFound } from "./notfound";
import { Shell } from "./shell";
import { ChangePassword, SignIn } from "../pages/signin";

const Overview = lazy(() => import("../pages/overview"));
const Market = lazy(() => import("../pages/market"));
const MarketDetail = lazy(() => import("../pages/marketdetail"));
const Deploy = lazy(() => import("../pages/deploy"));
const Progress = lazy(() => import("../pages/progress"));
const Services = lazy(() => import("../pages/services"));
const Service = lazy(() => import("../pages/service"));
const Charts = lazy(() => import("../pages/charts"));
const Alerts = lazy(() => import("../pages/alerts"));
const AlertRule = lazy(() => import("../pages/alerts/rule"));
const AlertChannel = lazy(() => import("../pages/alerts/channel"));
const Hosts = lazy(() => import("../pages/hosts"));
const Spaces = lazy(() => import("../pages/spaces"));
const Accounts = lazy(() => import("../pages/accounts"));
const Settings = lazy(() => import("../pages/settings"));

export function Console() {
  const session = useQuery(ask.session());
  if (session.data) {
    rememberCsrf(session.data.csrf);
    if (session.data.mustChangePassword) return <ChangePassword isFirst />;
    return (
      <LiveUpdates>
        <Shell session={session.data}>
          <Suspense fallback={<Waiting />}>
            <Routes>
              <Route path="/" element={<Overview />} />
              <Route path="/market" element={<Market />} />
              <Route path="/market/:engine" element={<MarketDetail />} />
              <Route path="/market/:engine/deploy" element={<Deploy />} />
              <Route path="/services" element={<Services />} />
              <Route path="/services/:space/:name/progress" element={<Progress />} />
              <Route path="/services/:space/:name/:tab?" element={<Service />} />
              <Route path="/charts/:tab?" element={<Charts />} />
              <Route path="/alerts/:tab?" element={<Alerts />} />
              <Route path="/alerts/rules/new" element={<AlertRule />} />
              <Route path="/alerts/rules/:space/:rule" element={<AlertRule />} />
              <Route path="/alerts/channels/new" element={<AlertChannel />} />
              <Route path="/alerts/channels/:channel/edit" element={<AlertChannel />} />
              <Route path="/hosts" element={<Hosts />} />
              <Route path="/spaces" element={<Spaces />} />
              <Route path="/accounts/:tab?" element={<Accounts />} />
              <Route path="/settings" element={<Settings />} />
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Suspense>
        </Shell>
      </LiveUpdates>
    );
  }
  if (session.error instanceof Refusal && session.error.code !== "sign-in-needed") {
    return <main className="alone"><Failed error={session.error} onRetry={() => void session.refetch()} /></main>;
  }
  return session.isPending ? <Waiting /> : <SignIn />;
}

function Waiting() {
  const { t } = useTexts();
  return <div className="centre" role="status" aria-label={t("common.loading")}><Spin /></div>;
}
