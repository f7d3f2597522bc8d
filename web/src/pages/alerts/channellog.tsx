/** What became of each message of a channel. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import type { Schemas } from "../../api/client";
import { ask } from "../../api/queries";
import { useTexts } from "../../i18n/use";
import { Loaded, Nothing } from "../../parts/loaded";
import { Moment } from "../../parts/when";

export const LOOKS: Record<Schemas["DeliveryView"]["state"], string> = { delivered: "good", waiting: "warn", refused: "bad", "given-up": "bad" };

export function Deliveries({ channel }: { channel: string }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const log = useQuery(ask.deliveries(channel));
  return (
    <Loaded query={log}>
      {(list) => (
        <div className="stack">
          <div className="row"><span className="quiet grow">{t("channels.logWhat")}</span><Button size="small" onClick={() => void client.invalidateQueries({ queryKey: ["deliveries", channel] })}>{t("common.retry")}</Button></div>
          {list.items.length === 0 ? <Nothing title={t("channels.logNone")} /> : (
            <ul className="records one">
              {list.items.map((one) => (
                <li key={one.name} className="record">
                  <div className="lead wrap">{one.title}</div>
                  <dl className="facts">
                    <dt>{t("common.status")}</dt><dd className={LOOKS[one.state]}>{t(`channels.states.${one.state}`)}{one.merged > 0 && <span className="quiet"> · {t("channels.merged", { count: one.merged })}</span>}</dd>
                    <dt>{t("channels.created")}</dt><dd><Moment at={one.created} /></dd>
                    {one.due && <><dt>{t("channels.due")}</dt><dd><Moment at={one.due} /></dd></>}
                    <dt>{t("channels.tries")}</dt><dd>{one.tries}</dd>
                    {one.attempts.length > 0 && <><dt>{t("channels.answer")}</dt><dd className="wrap" lang="en">{one.attempts.at(-1)!.answer}</dd></>}
                  </dl>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </Loaded>
  );
}
