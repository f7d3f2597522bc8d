/** Charts of all services, of backups, and of Moorage itself. */

import { useLocation, useParams } from "react-router";
import { useTexts } from "../i18n/use";
import { Board } from "../parts/charts/board";
import { useRange } from "../parts/charts/range";
import { PageHead } from "../parts/page";
import { Sections } from "../parts/sections";

const TABS = ["fleet", "backups", "platform"] as const;

export default function Charts() {
  const { t } = useTexts();
  const { tab } = useParams();
  const { search } = useLocation();
  const here = TABS.find((one) => one === tab) ?? "fleet";
  const shown = useRange();
  return (
    <>
      <PageHead title={t("nav.charts")} tab={`${t("nav.charts")} · ${t(`charts.${here}`)}`} />
      <Sections label={t("nav.charts")} here={here} items={TABS.map((key) => ({ key, text: t(`charts.${key}`), to: `/charts/${key}${search}` }))} />
      <Board key={here} of={{ about: here }} shown={shown} />
    </>
  );
}
