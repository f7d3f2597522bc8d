/** A service's charts, with what happened to it. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Board } from "../../parts/charts/board";
import { useRange } from "../../parts/charts/range";

export default function Monitoring({ space, name }: { space: string; name: string }) {
  const { t } = useTexts();
  const shown = useRange();
  const marks = useQuery(ask.marks(space, name, shown.range, shown.isLive));
  return (
    <>
      <p className="right"><Link to={`/alerts/rules/new?space=${space}&service=${name}`}>{t("rules.make")}</Link></p>
      <Board of={{ space, name }} shown={shown} marks={marks.data?.items} />
    </>
  );
}
