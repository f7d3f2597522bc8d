import { useParams } from "react-router";
import { useTexts } from "../i18n/use";
import { Nothing } from "../parts/loaded";
import { PageHead } from "../parts/page";
import { Sections } from "../parts/sections";

const TABS = ["active", "silenced", "history"] as const;

/** Filled when there is monitoring; until then it says where to look. */
export default function Alerts() {
  const { t } = useTexts();
  const { tab } = useParams();
  const here = TABS.find((one) => one === tab) ?? "active";
  return (
    <>
      <PageHead title={t("nav.alerts")} tab={t("nav.alerts")} />
      <Sections label={t("nav.alerts")} here={here} items={TABS.map((key) => ({ key, text: t(`alerts.${key}`), to: `/alerts/${key}` }))} />
      <section className="card"><Nothing title={t("alerts.empty")} hint={t("alerts.emptyHint")} /></section>
    </>
  );
}
