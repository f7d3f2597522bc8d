/** The moments that can be restored, and the gaps in them. */

import type { Schemas } from "../api/client";
import { useTexts } from "../i18n/use";
import { moment } from "../text/time";
import { gapParts, place } from "../text/window";

/** `at`: the moment that somebody chose; `backups`: when there are good backups, marked below the line. */
export function Timeline({ window, at, backups = [] }: { window: Schemas["Window"]; at?: string; backups?: string[] }) {
  const { t } = useTexts();
  return (
    <>
      <div className="timeline" role="img" aria-label={t("backup.window", { start: moment(window.start), end: moment(window.end) })}>
        {gapParts(window).map((part) => <span key={part.startPercent} className="gap-part" style={{ left: `${part.startPercent}%`, width: `${part.widthPercent}%` }} />)}
        {at && <span className="pin" style={{ left: `${place(window, at)}%` }} />}
      </div>
      {backups.length > 0 && <div className="ticks" aria-hidden>{backups.map((one) => <span key={one} style={{ left: `${place(window, one)}%` }} title={moment(one)} />)}</div>}
      <div className="head-row quiet figures"><span>{moment(window.start)}</span><span>{moment(window.end)}</span></div>
      {window.gaps.map((gap) => <div key={gap.start} className="bad">{t("backup.gap", { start: moment(gap.start), end: moment(gap.end) })}</div>)}
    </>
  );
}
