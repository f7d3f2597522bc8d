import { Tabs } from "antd";
import { useTexts } from "../i18n/use";
import { Nothing } from "../parts/loaded";
import { PageHead } from "../parts/page";

/** Filled when there is monitoring; until then it says where to look. */
export default function Alerts() {
  const { t } = useTexts();
  const empty = <section className="card"><Nothing title={t("alerts.empty")} hint={t("alerts.emptyHint")} /></section>;
  return (
    <>
      <PageHead title={t("nav.alerts")} tab={t("nav.alerts")} />
      <Tabs items={(["active", "silenced", "history"] as const).map((key) => ({ key, label: t(`alerts.${key}`), children: empty }))} />
    </>
  );
}
