/** What fires, what is silenced and by whom, what was, the alerts of one's own, and by what people are told. */

import { useParams } from "react-router";
import { useTexts } from "../../i18n/use";
import { PageHead } from "../../parts/page";
import { Sections } from "../../parts/sections";
import { Active } from "./active";
import { Channels } from "./channels";
import { History } from "./history";
import { Rules } from "./rules";
import { Silenced } from "./silenced";

const TABS = { active: Active, silenced: Silenced, history: History, rules: Rules, channels: Channels };
type Tab = keyof typeof TABS;

export default function Alerts() {
  const { t } = useTexts();
  const { tab } = useParams();
  const here: Tab = tab !== undefined && tab in TABS ? (tab as Tab) : "active";
  const Shown = TABS[here];
  return (
    <>
      <PageHead title={t("nav.alerts")} tab={t("nav.alerts")} />
      <Sections label={t("nav.alerts")} here={here} items={(Object.keys(TABS) as Tab[]).map((key) => ({ key, text: t(`alerts.${key}`), to: `/alerts/${key}` }))} />
      <Shown />
    </>
  );
}
